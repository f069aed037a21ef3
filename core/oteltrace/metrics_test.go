package oteltrace_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel"
	sdk "go.opentelemetry.io/otel/sdk/metric"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/oteltrace"
)

func TestCounters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		meter, metrics := newMeter(t, 0)
		v := trusting(t, issuer, metrics.Trace())
		verify := func(token string) {
			_, _ = v.Verify(t.Context(), token)
			synctest.Wait()
		}
		issuer.Misbehave(jwttest.Delay(250 * time.Millisecond))
		verify(issuer.Token(nil))
		verify(issuer.Token(nil))
		verify(issuer.Token(map[string]any{"aud": "x"}))
		verify("x")
		issuer.Replace("RS256")
		verify(issuer.Token(nil))
		issuer.Misbehave(jwttest.Fail(500))
		time.Sleep(time.Hour)
		verify(issuer.Token(nil))

		meter.want(t, "jwtmw.", map[string]string{
			"jwtmw.token.verifications {verification} jwtmw.issuer=https://issuer.test":             "4",
			"jwtmw.refusals {refusal} jwtmw.issuer=https://issuer.test jwtmw.reason=wrong_audience": "1",
			"jwtmw.refusals {refusal} jwtmw.reason=malformed_token":                                 "1",
			"jwtmw.key.fetch.duration s jwtmw.issuer=https://issuer.test":                           "2 in 0.5",
			"jwtmw.key.fetch.duration s error.type=_OTHER jwtmw.issuer=https://issuer.test":         "1 in 0",
			"jwtmw.key.changes {key} jwtmw.change=added jwtmw.issuer=https://issuer.test":           "3",
			"jwtmw.key.changes {key} jwtmw.change=removed jwtmw.issuer=https://issuer.test":         "1",
			"jwtmw.key.transitions {transition} jwtmw.issuer=https://issuer.test jwtmw.state=fresh": "1",
			"jwtmw.key.transitions {transition} jwtmw.issuer=https://issuer.test jwtmw.state=stale": "1",
		})
	})
}

func TestGauges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		meter, metrics := newMeter(t, 0)
		v := trusting(t, issuer, nil)
		registration, err := metrics.Observe(v)
		if err != nil {
			t.Fatal(err)
		}
		want := func(state string, more map[string]string) {
			t.Helper()
			for _, name := range []string{"fresh", "refresh_ahead", "stale", "expired", "empty", "static"} {
				more["jwtmw.key.state {issuer} jwtmw.issuer=https://issuer.test jwtmw.state="+name] = "0"
			}
			more["jwtmw.key.state {issuer} jwtmw.issuer=https://issuer.test jwtmw.state="+state] = "1"
			meter.want(t, "jwtmw.", more)
		}
		want("empty", map[string]string{"jwtmw.key.count {key} jwtmw.issuer=https://issuer.test": "0"})
		if err := v.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(90 * time.Second)
		want("fresh", map[string]string{
			"jwtmw.key.count {key} jwtmw.issuer=https://issuer.test": "2",
			"jwtmw.key.age s jwtmw.issuer=https://issuer.test":       "90",
		})
		time.Sleep(24 * time.Hour)
		want("expired", map[string]string{
			"jwtmw.key.count {key} jwtmw.issuer=https://issuer.test": "2",
			"jwtmw.key.age s jwtmw.issuer=https://issuer.test":       "86490",
		})
		if err := registration.Unregister(); err != nil {
			t.Fatal(err)
		}
		meter.want(t, "jwtmw.", map[string]string{})
	})
}

// Whatever tokens say, and however many they are, the series stay the same.
func TestSeriesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		meter, metrics := newMeter(t, 0)
		v := trusting(t, issuer, metrics.Trace())
		flood := func(round int) map[string]string {
			for n := range 50 {
				own := fmt.Sprintf("flood-%d-%d", round, n)
				for _, token := range []string{
					issuer.Token(map[string]any{"sub": own, "jti": own}),
					issuer.Token(nil, jwttest.KeyID(own)),
					issuer.Token(map[string]any{"iss": "https://" + own}),
					issuer.Token(map[string]any{"aud": own}),
					issuer.Token(nil, jwttest.Header(map[string]any{"typ": own})),
					own,
				} {
					_, _ = v.Verify(t.Context(), token)
				}
			}
			synctest.Wait()
			return meter.read(t)
		}
		before, after := flood(1), flood(2)
		if len(after) != len(before) {
			t.Errorf("got %d series after more tokens, want the %d of before", len(after), len(before))
		}
		for name := range after {
			if strings.Contains(name, "flood") || strings.Contains(name, issuer.KeyID("RS256")) {
				t.Errorf("got series %q, want nothing of a token in it", name)
			}
		}
	})
}

// Issuers that become known at run time, and reasons that a service invents,
// are bounded too.
func TestOtherStandsForTheRest(t *testing.T) {
	meter, metrics := newMeter(t, 2)
	trace := metrics.Trace()
	for n := range 200 {
		trace.TokenVerified(t.Context(), fmt.Sprint("issuer", n), nil)
		trace.Refused(t.Context(), "", &core.Refusal{Reason: core.Reason(fmt.Sprint("reason", n))})
	}
	meter.want(t, "jwtmw.token.verifications", map[string]string{
		"jwtmw.token.verifications {verification} jwtmw.issuer=issuer0": "1",
		"jwtmw.token.verifications {verification} jwtmw.issuer=issuer1": "1",
		"jwtmw.token.verifications {verification} jwtmw.issuer=_OTHER":  "198",
	})
	reasons := 0
	for name := range meter.read(t) {
		if strings.HasPrefix(name, "jwtmw.refusals") {
			reasons++
		}
	}
	if reasons != 101 {
		t.Errorf("got %d series of refusals, want 100 reasons and _OTHER", reasons)
	}
	if got := meter.read(t)["jwtmw.refusals {refusal} jwtmw.reason=_OTHER"]; got != "100" {
		t.Errorf("got %s refusals for _OTHER, want 100", got)
	}
}

// A gauge cannot be added up, so an issuer without a name of its own has none;
// those that are observed come before those that tokens name.
func TestGaugesOfNamedIssuersAlone(t *testing.T) {
	meter, metrics := newMeter(t, 1)
	for _, name := range []string{"https://a.test", "https://b.test"} {
		if _, err := metrics.Observe(trusting(t, jwttest.NewIssuer(name), nil)); err != nil {
			t.Fatal(err)
		}
	}
	meter.want(t, "jwtmw.key.count", map[string]string{"jwtmw.key.count {key} jwtmw.issuer=https://a.test": "0"})
}

func TestOptions(t *testing.T) {
	if _, err := oteltrace.New(oteltrace.Options{MaxIssuers: -1}); err == nil || !strings.Contains(err.Error(), "-1") {
		t.Errorf("got %v, want the negative bound named", err)
	}
	_, metrics := newMeter(t, 0)
	if _, err := metrics.Observe(nil); err == nil {
		t.Error("got no error for a nil Verifier, want one")
	}
}

// Without a MeterProvider the process's own is used.
func TestGlobalMeterProvider(t *testing.T) {
	before := otel.GetMeterProvider()
	t.Cleanup(func() { otel.SetMeterProvider(before) })
	m := &meter{sdk.NewManualReader()}
	otel.SetMeterProvider(sdk.NewMeterProvider(sdk.WithReader(m.reader)))
	metrics, err := oteltrace.New(oteltrace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	metrics.Trace().KeysFetched(core.KeyFetch{Issuer: "i", Err: errors.New("down")})
	metrics.Trace().TokenVerified(context.Background(), "i", nil)
	m.want(t, "jwtmw.token.", map[string]string{"jwtmw.token.verifications {verification} jwtmw.issuer=i": "1"})
}
