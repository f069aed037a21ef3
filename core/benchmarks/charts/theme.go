package charts

import "image/color"

// theme is the colours of a page. The background is the page's own.
type theme struct {
	text, grid color.Color
	series     []color.Color
}

// The series are those of Okabe and Ito, which people who see colours otherwise can
// tell apart: the first is grey, the standard library's, and the second jwtmw's.
var (
	light = theme{
		text: rgb(0x1f2328), grid: rgb(0xd1d9e0),
		series: []color.Color{rgb(0x8c959f), rgb(0xd55e00), rgb(0x0072b2), rgb(0x56b4e9), rgb(0x009e73), rgb(0xcc79a7), rgb(0xb59f00)},
	}
	dark = theme{
		text: rgb(0xf0f6fc), grid: rgb(0x3d444d),
		series: []color.Color{rgb(0x9198a1), rgb(0xff8c3a), rgb(0x3a9bdc), rgb(0x8fd0f5), rgb(0x2ec4a0), rgb(0xe39cc4), rgb(0xf0e442)},
	}
)

func rgb(n uint32) color.Color { return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 0xff} }
