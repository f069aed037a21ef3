package core_test

import (
	"context"
	"crypto/elliptic"
	"errors"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// That a remembered token is answered from memory is for the tests in package
// core; here it must not be told from one that is not.

func cached(c *core.Config) { c.TokenCache = 10 }

func TestCachedClaims(t *testing.T) {
	for name, members := range map[string]string{
		"plain": ``, "scopes": `"scope":"a b"`, "empty scope": `"scope":""`, "nested": `"a":{"b":[1,2]}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, cached)
			payload := "{" + s.members() + "}"
			if members != "" {
				payload = "{" + s.members() + "," + members + "}"
			}
			token := s.withPayload(payload)
			first, err := s.verifier.Verify(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			second, err := s.verifier.Verify(t.Context(), token)
			if err != nil || second == first || !reflect.DeepEqual(first, second) {
				t.Errorf("got %+v, %v, want a copy of %+v", second, err, first)
			}
		})
	}
}

// A token without "aud" has a nil Audience each time.
func TestCachedClaimsWithoutAudience(t *testing.T) {
	s := newStage(t, func(c *core.Config) { c.TokenCache, c.Audiences, c.Clients = 10, nil, []string{"web"} })
	token := s.withClaims(map[string]any{"aud": nil, "azp": "web", "scope": "a"})
	for range 3 {
		c, err := s.verifier.Verify(t.Context(), token)
		if err != nil || c.Audience != nil || !slices.Equal(c.Scopes, []string{"a"}) {
			t.Errorf("got %+v, %v, want no audience", c, err)
		}
	}
}

// B16, B17: one caller's claims are nobody else's.
func TestCachedClaimsAreFresh(t *testing.T) {
	s := newStage(t, cached)
	token := s.withClaims(map[string]any{"aud": []string{jwttest.Audience, "b"}, "scope": "a b"})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				c, err := s.verifier.Verify(t.Context(), token)
				if err != nil || c.Subject != "alice" || !slices.Equal(c.Scopes, []string{"a", "b"}) || !slices.Equal(c.Audience, []string{jwttest.Audience, "b"}) {
					t.Errorf("got %+v, %v, want the token's claims", c, err)
					return
				}
				c.Subject, c.Scopes[0], c.Audience[1] = "mallory", "admin", "x"
				_ = append(c.Audience, "admin")
				_ = append(c.Scopes, "admin")
			}
		})
	}
	all.Wait()
}

// B16: nothing but the very same text is answered for.
func TestB16CachedTokenIsNoOther(t *testing.T) {
	s := newStage(t, cached)
	token := s.withClaims(nil)
	verify := func(name, token string, want core.Reason) {
		t.Helper()
		if c, err := s.verifier.Verify(t.Context(), token); reasonOf(err) != want {
			t.Errorf("%s: got %v, %q, want %q", name, c, reasonOf(err), want)
		}
	}
	verify("the token", token, "")
	signed, signature := cutSignature(token)
	raw := mustDecode(signature)
	for i := range raw {
		raw[i] ^= 1
		verify("one bit of the signature", signed+"."+strings.Split(jwttest.Compact(raw, nil, nil), ".")[0], core.ReasonBadSignature)
		raw[i] ^= 1
	}
	order := elliptic.P256().Params().N
	mirrored := new(big.Int).Sub(order, new(big.Int).SetBytes(raw[32:])).FillBytes(make([]byte, 32))
	verify("A08c (r, n-s), verified in its own right", signed+"."+strings.Split(jwttest.Compact(joined(raw[:32], mirrored), nil, nil), ".")[0], "")
	verify("another token", s.withClaims(map[string]any{"sub": "bob"}), "")
	for range 2 {
		bob := s.withClaims(map[string]any{"sub": "bob"})
		if c, err := s.verifier.Verify(t.Context(), bob); err != nil || c.Subject != "bob" {
			t.Errorf("got %v, %v, want bob", c, err)
		}
	}
}

func TestCachedTokenEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		short := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, TokenCache: 10, Leeway: core.NoLeeway, Keys: core.JWKSDocument(issuer.JWKS())})
		aged := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, TokenCache: 10, Leeway: core.NoLeeway, MaxAge: time.Minute, Keys: core.JWKSDocument(issuer.JWKS())})
		token := issuer.Token(map[string]any{"exp": time.Now().Add(time.Hour)})
		step := func(name string, v *core.Verifier, want core.Reason) {
			t.Helper()
			if _, err := v.Verify(context.Background(), token); reasonOf(err) != want {
				t.Errorf("%s: got %q, want %q", name, reasonOf(err), want)
			}
		}
		step("at once", short, "")
		step("at once", aged, "")
		time.Sleep(time.Minute)
		step("at MaxAge", aged, "")
		time.Sleep(time.Second)
		step("beyond MaxAge", aged, core.ReasonTooOld)
		time.Sleep(59*time.Minute - time.Second - time.Nanosecond)
		step("just before exp", short, "")
		time.Sleep(time.Nanosecond)
		step("at exp", short, core.ReasonExpired)
	})
}

// A key that is gone, or that another took the place of, ends the tokens
// under it.
// A remembered token may end while its key is waited for, whether the wait ends with keys or with the request.
func TestCachedTokenEndsInTheWait(t *testing.T) {
	for _, patience := range []time.Duration{time.Minute, 4 * time.Second} {
		for range 50 { // two things happen at once
			synctest.Test(t, func(t *testing.T) {
				issuer := jwttest.NewIssuer("")
				v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, TokenCache: 10, Leeway: core.NoLeeway,
					Keys: core.JWKS{URL: issuer.JWKSURL(), Fetch: core.Fetch{Client: issuer.Client(), MaxAge: time.Minute}}})
				token := issuer.Token(map[string]any{"exp": time.Now().Add(121 * time.Second)})
				if _, err := v.Verify(t.Context(), token); err != nil {
					t.Fatal(err)
				}
				time.Sleep(119 * time.Second)
				issuer.Misbehave(jwttest.Delay(4 * time.Second))
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				if _, err := v.Verify(ctx, token); err == nil {
					t.Errorf("got no error %s after exp, want one", 2*time.Second)
				}
				time.Sleep(time.Minute)
			})
		}
	}
}

func TestCachedTokenLosesItsKey(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(t *testing.T, issuer *jwttest.Issuer)
		want   core.Reason
	}{
		{"unchanged", func(*testing.T, *jwttest.Issuer) {}, ""},
		{"rotated, still published", func(_ *testing.T, i *jwttest.Issuer) { i.Rotate("ES256") }, ""},
		{"removed", func(_ *testing.T, i *jwttest.Issuer) { i.Replace("ES256") }, core.ReasonUnknownKey},
		{"replaced under its kid", func(t *testing.T, i *jwttest.Issuer) {
			i.SetJWKS(setOf(change(t, jwttest.NewIssuer("").PublicJWK("ES256"), map[string]any{"kid": i.KeyID("ES256")}), string(i.PublicJWK("RS256"))))
		}, core.ReasonBadSignature},
		{"bound to another algorithm", func(t *testing.T, i *jwttest.Issuer) {
			i.SetJWKS(setOf(change(t, i.PublicJWK("RS256"), map[string]any{"kid": i.KeyID("ES256")})))
		}, core.ReasonWrongAlgorithm},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer := jwttest.NewIssuer("")
				v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, TokenCache: 10,
					Keys: core.JWKS{URL: issuer.JWKSURL(), Fetch: core.Fetch{Client: issuer.Client()}}})
				token := issuer.Token(map[string]any{"exp": time.Now().Add(24 * time.Hour)}, jwttest.Algorithm("ES256"))
				for range 2 {
					if _, err := v.Verify(context.Background(), token); err != nil {
						t.Fatalf("got %v", errors.Unwrap(err))
					}
				}
				test.change(t, issuer)
				time.Sleep(time.Hour) // any answer is too old by then
				if _, err := v.Verify(context.Background(), token); reasonOf(err) != test.want {
					t.Errorf("got %q, want %q", reasonOf(err), test.want)
				}
			})
		})
	}
}

// Whether a token is revoked is asked each time it is seen.
func TestCachedTokenIsRevoked(t *testing.T) {
	asked, revoked := 0, false
	s := newStage(t, func(c *core.Config) {
		c.TokenCache = 10
		c.Revoked = func(context.Context, *core.Claims) (bool, error) { asked++; return revoked, nil }
	})
	token := s.withClaims(nil)
	for n := range 3 {
		if _, err := s.verifier.Verify(t.Context(), token); err != nil || asked != n+1 {
			t.Fatalf("got %v after asking %d times, want %d", err, asked, n+1)
		}
	}
	revoked = true
	for range 2 {
		if _, err := s.verifier.Verify(t.Context(), token); reasonOf(err) != core.ReasonRevoked {
			t.Errorf("got %q, want revoked", reasonOf(err))
		}
	}
}
