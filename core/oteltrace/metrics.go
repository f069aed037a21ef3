package oteltrace

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
)

const (
	defaultMaxIssuers = 100
	maxReasons        = 100
)

// Options says where the metrics go. The zero value is ready for use.
type Options struct {
	// MeterProvider makes the instruments. Default: otel.GetMeterProvider().
	MeterProvider metric.MeterProvider

	// MaxIssuers is how many issuers are told apart, the first that are seen;
	// the others share the name "_OTHER". Default: 100.
	MaxIssuers int
}

// Metrics are the instruments. They serve any number of Configs and Verifiers,
// and are safe for concurrent use. Make them with New.
type Metrics struct {
	meter   metric.Meter
	issuers *vocabulary
	reasons *vocabulary

	verifications metric.Int64Counter
	refusals      metric.Int64Counter
	fetchDuration metric.Float64Histogram
	changes       metric.Int64Counter
	transitions   metric.Int64Counter
}

// New makes the instruments. Its error says which the provider could not make.
func New(o Options) (*Metrics, error) {
	if o.MaxIssuers < 0 {
		return nil, fmt.Errorf("oteltrace: MaxIssuers is %d, want a count, or 0 for %d", o.MaxIssuers, defaultMaxIssuers)
	}
	if o.MaxIssuers == 0 {
		o.MaxIssuers = defaultMaxIssuers
	}
	if o.MeterProvider == nil {
		o.MeterProvider = otel.GetMeterProvider()
	}
	m := &Metrics{meter: newMeter(o.MeterProvider), issuers: newVocabulary(o.MaxIssuers), reasons: newVocabulary(maxReasons)}
	if err := m.build(); err != nil {
		return nil, fmt.Errorf("oteltrace: %w", err)
	}
	return m, nil
}

func (m *Metrics) build() error {
	var errs []error
	counter := func(name, unit, description string) metric.Int64Counter {
		c, err := m.meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(description))
		errs = append(errs, err)
		return c
	}
	m.verifications = counter("jwtmw.token.verifications", "{verification}", "Verifications that let the token pass.")
	m.refusals = counter("jwtmw.refusals", "{refusal}", "Refusals by Verify, Check and Require.")
	m.changes = counter("jwtmw.key.changes", "{key}", "Keys that came into the set or left it.")
	m.transitions = counter("jwtmw.key.transitions", "{transition}", "Transitions of the state of the keys, by the state that was reached.")
	var err error
	m.fetchDuration, err = m.meter.Float64Histogram("jwtmw.key.fetch.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of refreshes that asked the issuer."),
		metric.WithExplicitBucketBoundaries(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10))
	return errors.Join(append(errs, err)...)
}
