package core_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

func TestTenants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEstate()
		a, b, fixed := e.tenant("a"), e.tenant("b"), jwttest.NewIssuer("")
		v := e.verifier(t, nil, core.Config{Issuer: fixed.URL(), Audiences: []string{jwttest.Audience},
			Keys: core.Discovery{Fetch: core.Fetch{Client: fixed.Client()}}})
		for range 3 {
			for _, issuer := range []*jwttest.Issuer{b, fixed, a} {
				mustReason(t, v, issuer.Token(nil), "")
			}
		}
		if e.asked[a.URL()] != 1 || e.asked[b.URL()] != 1 || len(e.asked) != 2 {
			t.Errorf("got Config asked %v, want once for each tenant and never for the fixed issuer", e.asked)
		}
		if got, want := keptBy(v), []string{fixed.URL(), a.URL(), b.URL()}; !slices.Equal(got, want) {
			t.Errorf("Stats: got %v, want %v", got, want)
		}
		if a.Fetches() != 1 || b.Fetches() != 1 {
			t.Errorf("got %d and %d key fetches, want one each", a.Fetches(), b.Fetches())
		}
	})
}

// What can be refused without the tenant's Config costs nobody anything.
func TestTenantsCostNothing(t *testing.T) {
	e := newEstate()
	a := e.tenant("a")
	v := e.verifier(t, nil)
	now := time.Now()
	for _, test := range []struct {
		name   string
		claims map[string]any
		option jwttest.TokenOption
		want   core.Reason
	}{
		{"not admitted", map[string]any{"iss": "https://a.tenants.test.evil.test"}, nil, core.ReasonWrongIssuer},
		{"no iss", map[string]any{"iss": nil}, nil, core.ReasonWrongIssuer},
		{"expired", map[string]any{"exp": now.Add(-5 * time.Minute)}, nil, core.ReasonExpired},
		{"no exp", map[string]any{"exp": nil}, nil, core.ReasonMissingClaim},
		{"not yet valid", map[string]any{"nbf": now.Add(6 * time.Minute)}, nil, core.ReasonNotYetValid},
		{"from the future", map[string]any{"iat": now.Add(6 * time.Minute)}, nil, core.ReasonIssuedInFuture},
		{"bound to a key", map[string]any{"cnf": map[string]any{"jkt": "x"}}, nil, core.ReasonSenderConstraint},
		{"unsigned", nil, jwttest.Unsigned(), core.ReasonWrongAlgorithm},
		{"unknown algorithm", nil, jwttest.Header(map[string]any{"alg": "ES256K"}), core.ReasonWrongAlgorithm},
		{"critical", nil, jwttest.Header(map[string]any{"crit": []string{"x"}}), core.ReasonUnsupportedHeader},
	} {
		t.Run(test.name, func(t *testing.T) {
			var options []jwttest.TokenOption
			if test.option != nil {
				options = append(options, test.option)
			}
			mustReason(t, v, a.Token(test.claims, options...), test.want)
		})
	}
	if e.timesAsked() != 0 || len(a.Requests()) != 0 {
		t.Errorf("got Config asked %d times and %d requests, want none", e.timesAsked(), len(a.Requests()))
	}
}

// A tenant's own Config decides what the gates before it left open.
func TestTenantsJudge(t *testing.T) {
	secret := []byte(strings.Repeat("s", 32))
	for _, test := range []struct {
		name  string
		edit  func(*core.Config)
		token func(*jwttest.Issuer) string
		want  core.Reason
	}{
		{"good", nil, func(i *jwttest.Issuer) string { return i.Token(nil) }, ""},
		{"expired within the greatest leeway", nil,
			func(i *jwttest.Issuer) string {
				return i.Token(map[string]any{"exp": time.Now().Add(-time.Minute)})
			}, core.ReasonExpired},
		{"another audience", nil, func(i *jwttest.Issuer) string { return i.Token(map[string]any{"aud": "b"}) }, core.ReasonWrongAudience},
		{"an algorithm that is not pinned", func(c *core.Config) { c.Algorithms = []core.Algorithm{core.ES256} },
			func(i *jwttest.Issuer) string { return i.Token(nil) }, core.ReasonWrongAlgorithm},
		{"an algorithm beyond the default", func(c *core.Config) { c.Algorithms = []core.Algorithm{core.PS256} },
			func(i *jwttest.Issuer) string { return i.Token(nil, jwttest.Algorithm("PS256")) }, ""},
		{"a secret", func(c *core.Config) { c.Keys = core.Secret(secret) },
			func(i *jwttest.Issuer) string { return i.Token(nil, jwttest.HMAC("HS256", secret)) }, ""},
		{"a public key as secret", nil, func(i *jwttest.Issuer) string {
			return i.Token(nil, jwttest.HMAC("HS256", i.PublicKeyPEM("RS256")))
		}, core.ReasonWrongAlgorithm},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEstate()
				a := e.tenant("a")
				if test.name == "an algorithm beyond the default" {
					a.PublicKey("PS256") // published before the first fetch
				}
				e.setEdit(func(_ context.Context, c *core.Config) error {
					if test.edit != nil {
						test.edit(c)
					}
					return nil
				})
				mustReason(t, e.verifier(t, nil), test.token(a), test.want)
			})
		})
	}
}

// A key of one tenant never verifies a token of another, whatever its kid says.
// A token may end while its issuer is looked up.
func TestTenantsLookupOutlastsTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEstate()
		a := e.tenant("a")
		e.setEdit(func(_ context.Context, c *core.Config) error {
			c.Leeway = core.NoLeeway
			time.Sleep(4 * time.Second)
			return nil
		})
		_, err := e.verifier(t, nil).Verify(t.Context(), a.Token(map[string]any{"exp": time.Now().Add(time.Second)}))
		if got := reasonOf(err); got != core.ReasonExpired {
			t.Errorf("got %q, want %q", got, core.ReasonExpired)
		}
	})
}

func TestTenantsKeysNeverCross(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEstate()
		a, b := e.tenant("a"), e.tenant("b")
		v := e.verifier(t, nil)
		mustReason(t, v, a.Token(nil), "")
		mustReason(t, v, b.Token(nil), "")
		forged := map[string]any{"iss": a.URL()}
		mustReason(t, v, b.Token(forged), core.ReasonUnknownKey)
		mustReason(t, v, b.Token(forged, jwttest.KeyID(a.KeyID("RS256"))), core.ReasonBadSignature)
	})
}

// A failure is remembered for 10 seconds, and then forgotten.
func TestTenantsFail(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(context.Context, *core.Config) error
		want core.Reason
	}{
		{"unknown", func(context.Context, *core.Config) error { return fmt.Errorf("select: %w", core.ErrUnknownTenant) }, core.ReasonWrongIssuer},
		{"an error", func(context.Context, *core.Config) error { return errors.New("database down") }, core.ReasonKeysUnavailable},
		{"a panic", func(context.Context, *core.Config) error { panic("nil map") }, core.ReasonKeysUnavailable},
		{"another issuer", func(_ context.Context, c *core.Config) error { c.Issuer += "/"; return nil }, core.ReasonMisconfigured},
		{"no audience", func(_ context.Context, c *core.Config) error { c.Audiences = nil; return nil }, core.ReasonMisconfigured},
		{"its own mistake", func(_ context.Context, c *core.Config) error { c.Err = errors.New("no realm"); return nil }, core.ReasonMisconfigured},
		{"a time-out", func(ctx context.Context, _ *core.Config) error { <-ctx.Done(); return ctx.Err() }, core.ReasonKeysUnavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEstate()
				a := e.tenant("a")
				v := e.verifier(t, nil)
				e.setEdit(test.edit)
				refusal := mustReason(t, v, a.Token(nil), test.want)
				if unavailable := test.want == core.ReasonKeysUnavailable; refusal != nil && unavailable != (refusal.RetryAfter > 0) {
					t.Errorf("got RetryAfter %v, want one only with 503", refusal.RetryAfter)
				}
				synctest.Wait()
				e.setEdit(nil)
				time.Sleep(9 * time.Second)
				mustReason(t, v, a.Token(nil), test.want)
				if got := e.timesAsked(); got != 1 {
					t.Errorf("got Config asked %d times, want once", got)
				}
				time.Sleep(2 * time.Second)
				mustReason(t, v, a.Token(nil), "")
			})
		})
	}
}

func TestTenantsWithoutKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEstate()
		a := e.tenant("a")
		v := e.verifier(t, nil)
		a.Misbehave(jwttest.Fail(500))
		for range 20 {
			mustReason(t, v, a.Token(nil), core.ReasonKeysUnavailable)
		}
		if got := len(a.Requests()); got != 1 {
			t.Errorf("got %d requests, want 1", got)
		}
		a.Recover()
		time.Sleep(11 * time.Second)
		mustReason(t, v, a.Token(nil), "")
		if err := v.Ready(t.Context()); err != nil {
			t.Errorf("Ready: got %v, want nil: no tenant holds the others up", err)
		}
	})
}
