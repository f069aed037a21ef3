package core_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// A23: keys of one issuer never serve another, whatever kid they share.
func TestAttackTenants(t *testing.T) {
	a, b := jwttest.NewIssuer("https://a.test"), jwttest.NewIssuer("https://b.test")
	shared := func(i *jwttest.Issuer) core.JWKSDocument {
		return setOf(change(t, i.PublicJWK("ES256"), map[string]any{"kid": "shared"}))
	}
	v := mustNew(t,
		core.Config{Issuer: a.URL(), Audiences: []string{jwttest.Audience}, Keys: shared(a)},
		core.Config{Issuer: b.URL(), Audiences: []string{"https://b-only.test"}, Keys: shared(b)})
	sign := func(i *jwttest.Issuer, iss, aud string) string {
		return i.Token(map[string]any{"iss": iss, "aud": aud}, jwttest.Algorithm("ES256"), jwttest.KeyID("shared"))
	}
	for _, test := range []struct {
		name, token string
		reason      core.Reason
	}{
		{"A23 a for a", sign(a, a.URL(), jwttest.Audience), ""},
		{"A23 b for b", sign(b, b.URL(), "https://b-only.test"), ""},
		{"A23 b signs iss of a", sign(b, a.URL(), jwttest.Audience), core.ReasonBadSignature},
		{"A23 a signs iss of b", sign(a, b.URL(), "https://b-only.test"), core.ReasonBadSignature},
		{"A23 audience of a under b", sign(b, b.URL(), jwttest.Audience), core.ReasonWrongAudience},
		{"A23b traversal from a to b", sign(a, "https://a.test/../b.test", jwttest.Audience), core.ReasonWrongIssuer},
		{"A23b case", sign(a, "https://A.test", jwttest.Audience), core.ReasonWrongIssuer},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := v.Verify(t.Context(), test.token)
			if reasonOf(err) != test.reason {
				t.Errorf("got %v, %q, want %q", c, reasonOf(err), test.reason)
			}
		})
	}
}

// A04: what one issuer may sign with, another may not.
func TestAttackTenantsAlgorithm(t *testing.T) {
	a, b := jwttest.NewIssuer("https://a.test"), jwttest.NewIssuer("https://b.test")
	v := mustNew(t,
		core.Config{Issuer: a.URL(), Audiences: []string{jwttest.Audience}, Algorithms: []core.Algorithm{core.ES256}, Keys: core.JWKSDocument(a.JWKS())},
		core.Config{Issuer: b.URL(), Audiences: []string{jwttest.Audience}, Algorithms: []core.Algorithm{core.RS256}, Keys: core.JWKSDocument(b.JWKS())})
	for _, test := range []struct {
		name, token string
		reason      core.Reason
	}{
		{"a by ES256", a.Token(nil, jwttest.Algorithm("ES256")), ""},
		{"b by RS256", b.Token(nil), ""},
		{"A04 a by RS256", a.Token(nil), core.ReasonWrongAlgorithm},
		{"A04 b by ES256", b.Token(nil, jwttest.Algorithm("ES256")), core.ReasonWrongAlgorithm},
	} {
		if _, err := v.Verify(t.Context(), test.token); reasonOf(err) != test.reason {
			t.Errorf("%s: got %q, want %q", test.name, reasonOf(err), test.reason)
		}
	}
}

// B13: keys that cannot be had never mean that a token passes, and never that
// it is bad.
func TestAttackKeysUnavailable(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		fault jwttest.Fault
	}{
		{"B13 status 500", jwttest.Fail(500)},
		{"B13 web page", jwttest.HTML()},
		{"B13 no keys", jwttest.Empty()},
		{"B13 half an answer", jwttest.Truncate()},
		{"B13 no answer", jwttest.Drop()},
		{"B13 redirect", jwttest.Redirect("https://mallory.test/jwks.json")},
	} {
		t.Run(test.name, func(t *testing.T) {
			issuer := jwttest.NewIssuer("")
			issuer.Misbehave(test.fault, jwttest.JWKS)
			v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}}})
			signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: private}, nil)
			if err != nil {
				t.Fatal(err)
			}
			signed, err := signer.Sign(fmt.Appendf(nil, `{"iss":%q,"aud":%q,"exp":9999999999}`, issuer.URL(), jwttest.Audience))
			if err != nil {
				t.Fatal(err)
			}
			forged, err := signed.CompactSerialize()
			if err != nil {
				t.Fatal(err)
			}
			for _, token := range []string{issuer.Token(nil), issuer.Token(nil, jwttest.KeyID("")), forged} {
				c, err := v.Verify(t.Context(), token)
				if c != nil || reasonOf(err) != core.ReasonKeysUnavailable || errors.Is(err, core.ErrInvalidToken) {
					t.Errorf("got %v, %q, want keys_unavailable and not ErrInvalidToken", c, reasonOf(err))
				}
			}
		})
	}
}

// B14: metadata that speaks for another issuer, or points at an address that is
// not safe, is not used.
func TestAttackMetadata(t *testing.T) {
	for _, test := range []struct {
		name    string
		members map[string]any
		reason  core.Reason
	}{
		{"B14 metadata as it should be", nil, ""},
		{"B14 issuer of another", map[string]any{"issuer": "https://mallory.test"}, core.ReasonKeysUnavailable},
		{"B14 issuer with a slash", map[string]any{"issuer": jwttest.DefaultURL + "/"}, core.ReasonKeysUnavailable},
		{"B14 issuer in capitals", map[string]any{"issuer": strings.ToUpper(jwttest.DefaultURL)}, core.ReasonKeysUnavailable},
		{"B14 issuer missing", map[string]any{"issuer": nil}, core.ReasonKeysUnavailable},
		{"B14 jwks_uri missing", map[string]any{"jwks_uri": nil}, core.ReasonKeysUnavailable},
		{"B14 jwks_uri over http", map[string]any{"jwks_uri": "http://issuer.test/jwks.json"}, core.ReasonKeysUnavailable},
		{"B14 jwks_uri of the metadata service", map[string]any{"jwks_uri": "http://169.254.169.254/jwks.json"}, core.ReasonKeysUnavailable},
		{"B14 jwks_uri of a file", map[string]any{"jwks_uri": "file:///etc/passwd"}, core.ReasonKeysUnavailable},
		{"B14 jwks_uri relative", map[string]any{"jwks_uri": "/jwks.json"}, core.ReasonKeysUnavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			issuer := jwttest.NewIssuer("")
			issuer.SetMetadata(test.members)
			v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}}})
			if _, err := v.Verify(t.Context(), issuer.Token(nil)); reasonOf(err) != test.reason {
				t.Errorf("got %q, want %q", reasonOf(err), test.reason)
			}
			for _, r := range issuer.Requests() {
				if test.reason != "" && r.URL.Path == "/jwks.json" {
					t.Errorf("got a request to %s, want none", r.URL)
				}
			}
		})
	}
}

// D03, A16c: exp is wall time, and exp equal to now is expired.
func TestAttackClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Leeway: core.NoLeeway, Keys: core.JWKSDocument(issuer.JWKS())})
		token := issuer.Token(map[string]any{"exp": time.Now().Add(time.Hour), "nbf": time.Now().Add(time.Minute)})
		for _, step := range []struct {
			name   string
			sleep  time.Duration
			reason core.Reason
		}{
			{"at once", 0, core.ReasonNotYetValid},
			{"a nanosecond before nbf", time.Minute - time.Nanosecond, core.ReasonNotYetValid},
			{"A16c at nbf", time.Nanosecond, ""},
			{"a nanosecond before exp", 59*time.Minute - time.Nanosecond, ""},
			{"A16c at exp", time.Nanosecond, core.ReasonExpired},
			{"D03 years later", 30000 * time.Hour, core.ReasonExpired},
		} {
			time.Sleep(step.sleep)
			if _, err := v.Verify(context.Background(), token); reasonOf(err) != step.reason {
				t.Errorf("%s: got %q, want %q", step.name, reasonOf(err), step.reason)
			}
		}
	})
}
