package charts

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

const (
	width  = 9 * vg.Inch
	height = 4.2 * vg.Inch
)

func (c Chart) draw(t theme) ([]byte, error) {
	p := c.empty(t)
	for n, s := range c.Series {
		if slices.Max(s.Values) == 0 {
			continue // it only keeps its colour, so that the others have theirs in each chart
		}
		add := c.addLine
		if len(c.Groups) > 0 {
			add = c.addBars
		}
		if err := add(p, n, t.series[n]); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	if len(c.Groups) > 0 {
		p.NominalX(c.Groups...)
	}
	if c.LogY {
		p.Y.Min = math.Pow(10, math.Floor(math.Log10(p.Y.Min)))
	} else {
		p.Y.Min = 0
	}
	if len(c.Marks) > 0 {
		p.X.Min, p.X.Max = c.Marks[0], c.Marks[len(c.Marks)-1]
		p.X.Tick.Marker = marks(c.Marks)
	}
	canvas := vgsvg.New(width, height)
	p.Draw(draw.Crop(draw.New(canvas), 0, -vg.Points(24), 0, 0)) // half of the last mark's text is beyond the axis
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return nil, err
	}
	// Nobody has Liberation but on Linux: it is as wide as Arial and Helvetica.
	return bytes.ReplaceAll(out.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:'Liberation Sans',Arial,Helvetica,sans-serif;")), nil
}

// empty is the chart without its series.
func (c Chart) empty(t theme) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil // the page's own
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = c.Title, c.X, c.Y
	p.Title.Padding = vg.Points(10)
	for _, style := range []*text.Style{&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle} {
		style.Color = t.text
		style.Font = font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(11)}
	}
	p.Title.TextStyle.Font.Size = vg.Points(13)
	for _, line := range []*draw.LineStyle{&p.X.LineStyle, &p.Y.LineStyle, &p.X.Tick.LineStyle, &p.Y.Tick.LineStyle} {
		line.Color = t.text
	}
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = nil, t.grid
	p.Add(grid)
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.Padding = vg.Points(3)
	p.Legend.ThumbnailWidth = vg.Points(14)
	if c.LogX {
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.TickerFunc(powers)
	}
	if c.LogY {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.TickerFunc(powers)
	}
	return p
}

// addBars adds those of one series, in each group.
func (c Chart) addBars(p *plot.Plot, n int, colour color.Color) error {
	each := vg.Points(420) / vg.Length(len(c.Groups)*(len(c.Series)+1))
	bars, err := plotter.NewBarChart(plotter.Values(c.Series[n].Values), each)
	if err != nil {
		return err
	}
	bars.Color, bars.LineStyle.Width = colour, 0
	bars.Offset = each * (vg.Length(n) - vg.Length(len(c.Series)-1)/2)
	p.Add(bars)
	p.Legend.Add(c.Series[n].Name, bars)
	return nil
}

// fewPoints is up to how many measured points are marked on a line.
const fewPoints = 12

// addLine leaves out what is not there.
func (c Chart) addLine(p *plot.Plot, n int, colour color.Color) error {
	var there plotter.XYs
	for at, value := range c.Series[n].Values {
		if value > 0 || !c.LogY {
			there = append(there, plotter.XY{X: c.At[at], Y: value})
		}
	}
	line, points, err := plotter.NewLinePoints(there)
	if err != nil {
		return err
	}
	line.Color, line.Width = colour, vg.Points(2)
	points.Color, points.Shape, points.Radius = colour, draw.CircleGlyph{}, vg.Points(3)
	p.Add(line)
	p.Legend.Add(c.Series[n].Name, line)
	if len(there) <= fewPoints {
		p.Add(points)
	}
	return nil
}

func marks(at []float64) (ticks plot.ConstantTicks) {
	for _, value := range at {
		ticks = append(ticks, plot.Tick{Value: value, Label: strconv.FormatFloat(value, 'f', -1, 64)})
	}
	return ticks
}

// powers marks the powers of ten.
func powers(least, most float64) (ticks []plot.Tick) {
	for power := math.Floor(math.Log10(least)); power <= math.Ceil(math.Log10(most)); power++ {
		value := math.Pow(10, power)
		if value >= least*0.999 && value <= most*1.001 {
			ticks = append(ticks, plot.Tick{Value: value, Label: strconv.FormatFloat(value, 'f', -1, 64)})
		}
	}
	return ticks
}
