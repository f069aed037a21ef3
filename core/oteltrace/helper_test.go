package oteltrace_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/oteltrace"
)

// meter is where the metrics of a test go.
type meter struct{ reader *metric.ManualReader }

func newMeter(t *testing.T, maxIssuers int) (*meter, *oteltrace.Metrics) {
	t.Helper()
	m := &meter{metric.NewManualReader()}
	metrics, err := oteltrace.New(oteltrace.Options{MeterProvider: metric.NewMeterProvider(metric.WithReader(m.reader)), MaxIssuers: maxIssuers})
	if err != nil {
		t.Fatal(err)
	}
	return m, metrics
}

// read collects every series: its name, unit and attributes, and its value.
func (m *meter) read(t *testing.T) map[string]string {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := m.reader.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	series := make(map[string]string)
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			name := m.Name + " " + m.Unit
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				add(series, name, data.DataPoints)
			case metricdata.Gauge[int64]:
				add(series, name, data.DataPoints)
			case metricdata.Gauge[float64]:
				add(series, name, data.DataPoints)
			case metricdata.Histogram[float64]:
				for _, point := range data.DataPoints {
					series[name+labels(point.Attributes)] = fmt.Sprintf("%d in %v", point.Count, point.Sum)
				}
			default:
				t.Fatalf("metric %s is a %T", m.Name, data)
			}
		}
	}
	return series
}

func add[N int64 | float64](series map[string]string, name string, points []metricdata.DataPoint[N]) {
	for _, point := range points {
		series[name+labels(point.Attributes)] = fmt.Sprint(point.Value)
	}
}

func labels(set attribute.Set) string {
	var text strings.Builder
	for _, a := range set.ToSlice() {
		fmt.Fprintf(&text, " %s=%s", a.Key, a.Value.String())
	}
	return text.String()
}

// want compares the series whose names begin with prefix.
func (m *meter) want(t *testing.T, prefix string, want map[string]string) {
	t.Helper()
	got := m.read(t)
	maps.DeleteFunc(got, func(name, _ string) bool { return !strings.HasPrefix(name, prefix) })
	if !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// trusting is a Verifier of one issuer whose keys are fresh for ten minutes.
func trusting(t *testing.T, issuer *jwttest.Issuer, trace *core.Trace) *core.Verifier {
	t.Helper()
	issuer.SetHeader("Cache-Control", "max-age=600")
	v, err := core.New(core.Config{
		Issuer:    issuer.URL(),
		Audiences: []string{jwttest.Audience},
		Keys:      core.JWKS{URL: issuer.JWKSURL(), Fetch: core.Fetch{Client: issuer.Client()}},
		Trace:     trace,
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}
