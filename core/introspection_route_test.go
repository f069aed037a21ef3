package core_test

import (
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// I04: JWTs and opaque tokens on one route, of one issuer and of two.
func TestIntrospectionBesideJWTs(t *testing.T) {
	other := jwttest.NewIssuer("https://other.test")
	s := newAskStage(t, func(c *core.Config, i *core.Introspection) {
		i.Keys = core.JWKS{URL: jwttest.DefaultURL + "/jwks.json", Fetch: core.Fetch{Client: i.Client}}
	},
		other.Config())
	stranger := jwttest.NewIssuer("https://stranger.test")
	for _, row := range []struct {
		name, token string
		want        core.Reason
	}{
		{"opaque", s.Opaque(nil), ""},
		{"a JWT of the same issuer", s.Token(nil), ""},
		{"a JWT of the other issuer", other.Token(nil), ""},
		{"a JWT of nobody's", stranger.Token(nil), core.ReasonWrongIssuer},
		{"an opaque token of the other issuer", other.Opaque(nil), core.ReasonInactive},
		{"an expired JWT", s.Token(map[string]any{"exp": 1}), core.ReasonExpired},
		{"a JWT of one, signed by the other", other.Token(map[string]any{"iss": s.URL()}), core.ReasonUnknownKey},
	} {
		if got, _ := s.verify(t, row.token); got != row.want {
			t.Errorf("%s: got %q, want %q", row.name, got, row.want)
		}
	}
	if got := other.Introspections() + stranger.Introspections(); got != 0 {
		t.Errorf("got %d questions to the others, want none", got)
	}
	// Without an Introspection everything is as before.
	plain := mustNew(t, other.Config())
	if _, err := plain.Verify(t.Context(), s.Opaque(nil)); reasonOf(err) != core.ReasonMalformedToken {
		t.Errorf("got %q where no Config has an Introspection, want malformed_token", reasonOf(err))
	}
}

// I05: a bound opaque token needs its proof, over its very text, or its certificate.
func TestIntrospectionBinds(t *testing.T) {
	s := newProofStage(t, func(c *core.Config) {
		c.Keys = core.Introspection{ClientID: jwttest.ClientID, Secret: core.Secret(jwttest.ClientSecret),
			MaxAge: time.Minute, Fetch: core.Fetch{Client: c.Keys.(core.Discovery).Client}}
	})
	bound := s.Opaque(map[string]any{"cnf": s.prover.Confirmation(), "token_type": "DPoP"})
	unbound, other := s.Opaque(nil), jwttest.NewProver("ES256")
	certificate := newCertificate(t, s.Issuer, 1, "one")
	for _, row := range []sent{
		dpop("its proof", passes, bound, s.proof(bound, nil)),
		dpop("its proof, remembered", passes, bound, s.proof(bound, nil)),
		dpop("no proof", badProof, bound),
		dpop("the proof of another token", badProof, bound, s.proof(unbound, nil)),
		dpop("another key's proof", notTheirs, bound, other.Proof("GET", ordersURL, bound, nil)),
		byBearer("as a bearer", bearsBound, bound),
		byBearer("unbound", passes, unbound),
		dpop("unbound with a proof", notTheirs, unbound, s.proof(unbound, nil)),
	} {
		t.Run(row.name, func(t *testing.T) { s.judge(t, row) })
	}
	certified := s.Opaque(map[string]any{"cnf": map[string]any{"x5t#S256": x5t(certificate)}})
	s.over(t, byBearer("its certificate", passes, certified), certificate)
	s.over(t, byBearer("no certificate", bearsBound, certified))
	s.over(t, byBearer("another certificate", bearsBound, certified), newCertificate(t, s.Issuer, 2, "two"))
}
