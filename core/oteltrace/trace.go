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
	issuerKey    = attribute.Key("jwtmw.issuer")
	reasonKey    = attribute.Key("jwtmw.reason")
	changeKey    = attribute.Key("jwtmw.change")
	stateKey     = attribute.Key("jwtmw.state")
	errorTypeKey = attribute.Key("error.type") // the semantic conventions' own, absent on success
)

// Trace returns a Trace that counts, for Config.Trace. A program that has a
// Trace of its own as well calls the functions of this one from it.
func (m *Metrics) Trace() *core.Trace {
	return &core.Trace{
		TokenVerified: m.tokenVerified,
		Refused:       m.refused,
		KeysFetched:   m.keysFetched,
		KeysChanged:   m.keysChanged,
		StateChanged:  m.stateChanged,
	}
}

func (m *Metrics) tokenVerified(ctx context.Context, issuer string, _ *core.Claims) {
	set := m.attributes(issuer)
	m.verifications.Add(ctx, 1, metric.WithAttributeSet(set))
	event(ctx, "jwtmw.token.verified", set)
}

func (m *Metrics) refused(ctx context.Context, issuer string, r *core.Refusal) {
	reason, _ := m.reasons.word(string(r.Reason))
	set := m.attributes(issuer, reasonKey.String(reason))
	m.refusals.Add(ctx, 1, metric.WithAttributeSet(set))
	event(ctx, "jwtmw.refused", set)
}

func (m *Metrics) keysFetched(f core.KeyFetch) {
	var failure []attribute.KeyValue
	if f.Err != nil {
		failure = append(failure, errorTypeKey.String(errorType(f.Err)))
	}
	set := m.attributes(f.Issuer, failure...)
	m.fetchDuration.Record(context.Background(), f.Duration.Seconds(), metric.WithAttributeSet(set))
}

func (m *Metrics) keysChanged(c core.KeyChange) {
	ctx := context.Background()
	m.changes.Add(ctx, int64(c.Added), metric.WithAttributeSet(m.attributes(c.Issuer, changeKey.String("added"))))
	m.changes.Add(ctx, int64(c.Removed), metric.WithAttributeSet(m.attributes(c.Issuer, changeKey.String("removed"))))
}

func (m *Metrics) stateChanged(s core.StateChange) {
	m.transitions.Add(context.Background(), 1, metric.WithAttributeSet(m.attributes(s.Issuer, stateKey.String(string(s.To)))))
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
