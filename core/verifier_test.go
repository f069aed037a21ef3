package core_test

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

func TestVerifyEveryAlgorithm(t *testing.T) {
	s := newStage(t, nil, slices.Concat(asymmetric, mldsaAlgorithms())...)
	for _, alg := range jwttest.Algorithms() {
		t.Run(alg, func(t *testing.T) {
			v := s.verifier
			if alg[0] == 'H' {
				v = mustNew(t, core.Config{Issuer: s.URL(), Audiences: []string{jwttest.Audience},
					Algorithms: []core.Algorithm{core.Algorithm(alg)}, Keys: core.Secret(s.Secret(alg))})
			}
			for range 2 { // the second time by the remembered header
				c, err := v.Verify(t.Context(), s.Token(nil, jwttest.Algorithm(alg), jwttest.Type("at+jwt")))
				if err != nil {
					t.Fatalf("got %v", errors.Unwrap(err))
				}
				want := core.Header{Algorithm: core.Algorithm(alg), KeyID: s.KeyID(alg), Type: "at+jwt"}
				if c.Subject != jwttest.Subject || c.Header != want {
					t.Errorf("got %q, %+v, want %q, %+v", c.Subject, c.Header, jwttest.Subject, want)
				}
			}
		})
	}
}

// Each kind of KeySource serves a token.
func TestKeySources(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	file := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(file, issuer.JWKS(), 0o600); err != nil {
		t.Fatal(err)
	}
	fetch := core.Fetch{Client: issuer.Client()}
	for _, test := range []struct {
		name   string
		keys   core.KeySource
		fetch  int
		reason core.Reason // for a token of an unknown kid
	}{
		{"Discovery", core.Discovery{Fetch: fetch}, 1, core.ReasonUnknownKey},
		{"Discovery at a URL", core.Discovery{URL: issuer.URL() + "/.well-known/oauth-authorization-server", Fetch: fetch}, 1, core.ReasonUnknownKey},
		{"JWKS", core.JWKS{URL: issuer.JWKSURL(), Fetch: fetch}, 1, core.ReasonUnknownKey},
		{"JWKSDocument", core.JWKSDocument(issuer.JWKS()), 0, core.ReasonUnknownKey},
		{"JWKSFile", core.JWKSFile(file), 0, core.ReasonUnknownKey},
		{"PEM", core.PEM(issuer.PublicKeyPEM("RS256")), 0, ""},
		{"PEM of several types", core.PEM(slices.Concat(issuer.PublicKeyPEM("ES256"), issuer.PublicKeyPEM("RS256"))), 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := issuer.Fetches()
			v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: test.keys})
			if got := issuer.Fetches(); got != before {
				t.Errorf("got %d fetches by New, want none", got-before)
			}
			if _, err := v.Verify(t.Context(), issuer.Token(nil)); err != nil {
				t.Errorf("got %v, want a good token to pass", errors.Unwrap(err))
			}
			if got := issuer.Fetches() - before; got != test.fetch {
				t.Errorf("got %d fetches, want %d", got, test.fetch)
			}
			if _, err := v.Verify(t.Context(), issuer.Token(nil, jwttest.KeyID("nobody"))); reasonOf(err) != test.reason {
				t.Errorf("unknown kid: got %q, want %q", reasonOf(err), test.reason)
			}
		})
	}
}

func TestPrivateKeyInPEM(t *testing.T) {
	config := goodConfig()
	config.Keys = core.PEM(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: []byte("x")}))
	if _, err := core.New(config); err == nil {
		t.Error("got no error for a private key")
	}
}

func TestReadyAndStats(t *testing.T) {
	a, b := jwttest.NewIssuer("https://a.test"), jwttest.NewIssuer("https://b.test")
	v := mustNew(t,
		core.Config{Issuer: a.URL(), Audiences: []string{"x"}, Keys: core.Discovery{Fetch: core.Fetch{Client: a.Client()}}},
		core.Config{Issuer: b.URL(), Audiences: []string{"x"}, Keys: core.JWKS{URL: b.JWKSURL(), Fetch: core.Fetch{Client: b.Client()}}},
		core.Config{Issuer: "own", Audiences: []string{"x"}, Keys: core.Secret(make([]byte, 32))})
	b.Misbehave(jwttest.Fail(500))

	stats := v.Stats()
	if len(stats) != 3 || stats[0].State != "empty" || stats[0].Issuer != a.URL() || stats[2].State != "static" || stats[2].Keys != 1 {
		t.Errorf("got %+v, want a.test empty, b.test, and own static with one key", stats)
	}
	err := v.Ready(t.Context())
	if !errors.Is(err, core.ErrKeysUnavailable) || errors.Is(err, core.ErrInvalidToken) {
		t.Errorf("got %v, want ErrKeysUnavailable", err)
	}
	stats = v.Stats()
	if got := stats[0]; got.State != "fresh" || got.Keys != 2 || got.Fetches != 1 || got.Failures != 0 || got.LastSuccess.IsZero() || got.LastError != "" {
		t.Errorf("got %+v, want fresh with 2 keys after 1 fetch", got)
	}
	if got := stats[1]; got.State != "empty" || got.Keys != 0 || got.Fetches != 1 || got.Failures != 1 || got.LastFailure.IsZero() || got.LastError == "" {
		t.Errorf("got %+v, want empty after 1 failure", got)
	}
	if err := v.Ready(t.Context()); err == nil || a.Fetches() != 1 {
		t.Errorf("got %v and %d fetches of a.test, want the error of b.test alone and 1", err, a.Fetches())
	}
}

func TestRevoked(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	down := errors.New("deny list is down")
	var asked []string
	v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.JWKSDocument(issuer.JWKS()),
		Revoked: func(_ context.Context, c *core.Claims) (bool, error) {
			asked = append(asked, c.ID)
			switch c.ID {
			case "revoked":
				return true, nil
			case "both":
				return true, down
			case "unknown":
				return false, down
			}
			return false, nil
		}})
	for _, test := range []struct {
		name   string
		claims map[string]any
		reason core.Reason
		asked  []string
	}{
		{"not revoked", map[string]any{"jti": "good"}, "", []string{"good"}},
		{"revoked", map[string]any{"jti": "revoked"}, core.ReasonRevoked, []string{"revoked"}},
		{"nobody knows", map[string]any{"jti": "unknown"}, core.ReasonRevocationUnavailable, []string{"unknown"}},
		{"true and an error", map[string]any{"jti": "both"}, core.ReasonRevocationUnavailable, []string{"both"}},
		{"expired: nobody asked", map[string]any{"jti": "good", "exp": 1}, core.ReasonExpired, nil},
		{"bound: nobody asked", map[string]any{"jti": "good", "cnf": map[string]any{}}, core.ReasonSenderConstraint, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			asked = nil
			c, err := v.Verify(t.Context(), issuer.Token(test.claims))
			if reasonOf(err) != test.reason || (c == nil) != (err != nil) || !slices.Equal(asked, test.asked) {
				t.Errorf("got %q after asking %q, want %q after %q", reasonOf(err), asked, test.reason, test.asked)
			}
			if test.reason == core.ReasonRevocationUnavailable {
				r := core.RefusalOf(err)
				if r.Status != 503 || r.RetryAfter < time.Second || !errors.Is(err, down) || errors.Is(err, core.ErrInvalidToken) {
					t.Errorf("got %+v, want 503 with RetryAfter and the cause, and not ErrInvalidToken", r)
				}
			}
		})
	}
	asked = nil
	forged := jwttest.NewIssuer("").Token(map[string]any{"jti": "good"}, jwttest.KeyID(issuer.KeyID("RS256")))
	if _, err := v.Verify(t.Context(), forged); reasonOf(err) != core.ReasonBadSignature || asked != nil {
		t.Errorf("got %q after asking %q, want bad_signature without a question", reasonOf(err), asked)
	}
}

// C12: nothing passes through a Verifier that New did not make.
func TestZeroVerifier(t *testing.T) {
	token := jwttest.NewIssuer("").Token(nil)
	for name, v := range map[string]*core.Verifier{"nil": nil, "zero": {}} {
		t.Run("C12 "+name, func(t *testing.T) {
			c, err := v.Verify(t.Context(), token)
			if r := core.RefusalOf(err); c != nil || r == nil || r.Status != 500 || r.Reason != core.ReasonMisconfigured || r.Challenge != "" {
				t.Errorf("got %v, %+v, want 500 misconfigured", c, r)
			}
			if reasonOf(v.Ready(t.Context())) != core.ReasonMisconfigured {
				t.Error("got Ready, want misconfigured")
			}
			if got := v.Stats(); len(got) != 0 {
				t.Errorf("got %v, want no stats", got)
			}
		})
	}
}

// The longest token that is read at all.
func TestLongestToken(t *testing.T) {
	s := newStage(t, nil)
	if _, err := s.verifier.Verify(t.Context(), s.sized(16<<10)); err != nil {
		t.Errorf("got %v, want a token of 16 KiB to pass", errors.Unwrap(err))
	}
}

// More headers than are remembered do no harm, nor do many at once.
func TestManyHeaders(t *testing.T) {
	s := newStage(t, nil)
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for n := range 200 {
				extra := jwttest.Header(map[string]any{"x": fmt.Sprint(n % (50 * (worker + 1)))})
				c, err := s.verifier.Verify(t.Context(), s.Token(map[string]any{"sub": fmt.Sprint(n)}, jwttest.Algorithm("ES256"), extra))
				if err != nil || c.Subject != fmt.Sprint(n) {
					t.Errorf("got %v, %v, want subject %d", c, err, n)
					return
				}
			}
		})
	}
	all.Wait()
}
