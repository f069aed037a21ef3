package oteltrace

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/jwtmw/jwtmw/core"
)

// The attributes, which are all there are.
const (
	issuerKey  = attribute.Key("jwtmw.issuer")
	reasonKey  = attribute.Key("jwtmw.reason")
	outcomeKey = attribute.Key("jwtmw.outcome")
	changeKey  = attribute.Key("jwtmw.change")
	stateKey   = attribute.Key("jwtmw.state")
)

// Trace returns a Trace that counts, for Config.Trace. A program that has a
// Trace of its own as well calls the functions of this one from it.
func (m *Metrics) Trace() *core.Trace {
	return &core.Trace{
		TokenVerified: m.tokenVerified,
		Refused:       m.requestRefused,
		KeysFetched:   m.keysFetched,
		KeysChanged:   m.keysChanged,
		StateChanged:  m.stateChanged,
	}
}

func (m *Metrics) tokenVerified(ctx context.Context, issuer string, _ *core.Claims) {
	set := m.attributes(issuer)
	m.verified.Add(ctx, 1, metric.WithAttributeSet(set))
	event(ctx, "jwtmw.token.verified", set)
}

func (m *Metrics) requestRefused(ctx context.Context, issuer string, r *core.Refusal) {
	reason, _ := m.reasons.word(string(r.Reason))
	set := m.attributes(issuer, reasonKey.String(reason))
	m.refused.Add(ctx, 1, metric.WithAttributeSet(set))
	event(ctx, "jwtmw.request.refused", set)
}

func (m *Metrics) keysFetched(f core.KeyFetch) {
	outcome := "success"
	if f.Err != nil {
		outcome = "failure"
	}
	ctx, set := context.Background(), metric.WithAttributeSet(m.attributes(f.Issuer, outcomeKey.String(outcome)))
	m.fetches.Add(ctx, 1, set)
	m.fetchDuration.Record(ctx, f.Duration.Seconds(), set)
}

func (m *Metrics) keysChanged(c core.KeyChange) {
	ctx := context.Background()
	m.changed.Add(ctx, int64(c.Added), metric.WithAttributeSet(m.attributes(c.Issuer, changeKey.String("added"))))
	m.changed.Add(ctx, int64(c.Removed), metric.WithAttributeSet(m.attributes(c.Issuer, changeKey.String("removed"))))
}

func (m *Metrics) stateChanged(s core.StateChange) {
	m.stateChanges.Add(context.Background(), 1, metric.WithAttributeSet(m.attributes(s.Issuer, stateKey.String(s.To))))
}

// attributes are the issuer's, if there is one, and more.
func (m *Metrics) attributes(issuer string, more ...attribute.KeyValue) attribute.Set {
	if issuer != "" {
		name, _ := m.issuers.word(issuer)
		more = append(more, issuerKey.String(name))
	}
	return attribute.NewSet(more...)
}

// event adds to the span of the request, if there is one that anybody records.
func event(ctx context.Context, name string, set attribute.Set) {
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		span.AddEvent(name, trace.WithAttributes(set.ToSlice()...))
	}
}
