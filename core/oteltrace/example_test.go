package oteltrace_test

import (
	"context"
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/oteltrace"
)

func Example() {
	issuer := jwttest.NewIssuer("https://login.example.com/") // stands in for yours
	reader := metric.NewManualReader()                        // stands in for an exporter
	provider := metric.NewMeterProvider(metric.WithReader(reader))

	metrics, err := oteltrace.New(oteltrace.Options{MeterProvider: provider})
	if err != nil {
		panic(err)
	}
	v, err := core.New(core.Config{
		Issuer:    issuer.URL(),
		Audiences: []string{jwttest.Audience},
		Keys:      core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}},
		Trace:     metrics.Trace(),
	})
	if err != nil {
		panic(err)
	}
	if _, err := metrics.Observe(v); err != nil {
		panic(err)
	}

	_, _ = v.Verify(context.Background(), issuer.Token(nil))
	_, _ = v.Verify(context.Background(), "no token at all")

	var collected metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &collected); err != nil {
		panic(err)
	}
	for _, m := range collected.ScopeMetrics[0].Metrics {
		if counter, ok := m.Data.(metricdata.Sum[int64]); ok && !strings.HasPrefix(m.Name, "jwtmw.key.") {
			fmt.Println(m.Name, counter.DataPoints[0].Value)
		}
	}
	// Output:
	// jwtmw.token.verifications 1
	// jwtmw.refusals 1
}
