package oteltrace_test

import (
	"slices"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

func TestSpanEvents(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	_, metrics := newMeter(t, 0)
	v := trusting(t, issuer, metrics.Trace())
	recorder := tracetest.NewSpanRecorder()
	tracer := trace.NewTracerProvider(trace.WithSpanProcessor(recorder)).Tracer("test")
	for _, test := range []struct{ name, token, want string }{
		{"verified", issuer.Token(nil), "jwtmw.token.verified jwtmw.issuer=https://issuer.test"},
		{"refused", issuer.Token(map[string]any{"aud": "x"}), "jwtmw.refused jwtmw.issuer=https://issuer.test jwtmw.reason=wrong_audience"},
		{"no issuer", "x", "jwtmw.refused jwtmw.reason=malformed_token"},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, span := tracer.Start(t.Context(), test.name)
			_, _ = v.Verify(ctx, test.token)
			span.End()
			ended := recorder.Ended()
			got := ended[len(ended)-1]
			var events []string
			for _, event := range got.Events() {
				events = append(events, event.Name+labels(attribute.NewSet(event.Attributes...)))
			}
			if !slices.Equal(events, []string{test.want}) || got.Status().Code != codes.Unset {
				t.Errorf("got events %q and status %v, want %q and none", events, got.Status().Code, test.want)
			}
		})
	}
}

// A span that nobody records costs nothing and gets nothing.
func TestSpanThatIsNotRecorded(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	_, metrics := newMeter(t, 0)
	recorder := tracetest.NewSpanRecorder()
	tracer := trace.NewTracerProvider(trace.WithSpanProcessor(recorder), trace.WithSampler(trace.NeverSample())).Tracer("test")
	ctx, span := tracer.Start(t.Context(), "dropped")
	if _, err := trusting(t, issuer, metrics.Trace()).Verify(ctx, issuer.Token(nil)); err != nil {
		t.Fatal(err)
	}
	span.End()
	if got := len(recorder.Ended()); got != 0 {
		t.Errorf("got %d spans, want none", got)
	}
}
