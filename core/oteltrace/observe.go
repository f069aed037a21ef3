package oteltrace

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/jwtmw/jwtmw/core"
)

// states are the values of IssuerStats.State.
var states = []core.KeyState{core.KeysFresh, core.KeysAhead, core.KeysStale, core.KeysExpired, core.KeysEmpty, core.KeysStatic}

// gauges are what Stats is written to.
type gauges struct {
	count metric.Int64ObservableGauge
	age   metric.Float64ObservableGauge
	state metric.Int64ObservableGauge
}

// Observe reports the keys of v's issuers, by its Stats, each time that metrics
// are collected, until the Registration is unregistered. Call it once for each
// Verifier; of two with an issuer in common one would hide the other.
func (m *Metrics) Observe(v *core.Verifier) (metric.Registration, error) {
	if v == nil {
		return nil, errors.New("oteltrace: got a nil Verifier, want one to observe")
	}
	g, err := m.gauges()
	if err != nil {
		return nil, fmt.Errorf("oteltrace: %w", err)
	}
	for _, s := range v.Stats() {
		m.issuers.word(s.Issuer) // the fixed issuers come before any that a token names
	}
	return m.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		for _, s := range v.Stats() {
			if issuer, own := m.issuers.word(s.Issuer); own {
				g.observe(o, issuerKey.String(issuer), s)
			}
		}
		return nil
	}, g.count, g.age, g.state)
}

func (m *Metrics) gauges() (g gauges, err error) {
	var errs [3]error
	g.count, errs[0] = m.meter.Int64ObservableGauge("jwtmw.key.count", metric.WithUnit("{key}"),
		metric.WithDescription("Usable keys held."))
	g.age, errs[1] = m.meter.Float64ObservableGauge("jwtmw.key.age", metric.WithUnit("s"),
		metric.WithDescription("Time since the keys were fetched or found unchanged."))
	g.state, errs[2] = m.meter.Int64ObservableGauge("jwtmw.key.state", metric.WithUnit("{issuer}"),
		metric.WithDescription("1 for the state that the keys are in, 0 for the others."))
	return g, errors.Join(errs[:]...)
}

// observe writes one issuer's. Keys that were never fetched have no age.
func (g gauges) observe(o metric.Observer, issuer attribute.KeyValue, s core.IssuerStats) {
	o.ObserveInt64(g.count, int64(s.Keys), metric.WithAttributes(issuer))
	if !s.LastSuccess.IsZero() {
		o.ObserveFloat64(g.age, s.Age.Seconds(), metric.WithAttributes(issuer))
	}
	for _, state := range states {
		value := int64(0)
		if state == s.State {
			value = 1
		}
		o.ObserveInt64(g.state, value, metric.WithAttributes(issuer, stateKey.String(string(state))))
	}
}
