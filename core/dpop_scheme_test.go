package core_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

func schemeRows(_ *testing.T, s *proofStage) []sent {
	token, other := s.bound(), s.unbound()
	fresh := func() string { return s.proof(token, nil) }
	wrongType := s.Token(map[string]any{"cnf": s.prover.Confirmation()}, jwttest.Type("dpop+jwt"))
	twoSchemes := sent{name: "S12 two lines, two schemes", lines: []string{"Authorization: Bearer " + other, "Authorization: DPoP " + token, "DPoP: " + fresh()},
		want: outcome{core.ReasonMultipleTokens, "Bearer"}}
	expired := s.Token(map[string]any{"cnf": s.prover.Confirmation(), "exp": 1})
	return []sent{
		byBearer("S01 no proof", bearsBound, token),
		byBearer("S02 a good proof beside it", bearsBound, token, "DPoP: "+fresh()),
		dpop("S04 unbound", notTheirs, other, s.proof(other, nil)),
		byBearer("S05 unbound with a proof", passes, other, "DPoP: "+s.proof(other, nil)),
		byBearer("S05 unbound with what is no proof", passes, other, "DPoP: x"),
		dpop("S07 no field", badProof, token),
		dpop("S08 two fields", badProof, token, fresh(), fresh()),
		dpop("S09 two proofs by comma", badProof, token, fresh()+", "+fresh()),
		dpop("S09 two proofs by comma without a blank", badProof, token, fresh()+","+fresh()),
		dpop("S10 an empty field", badProof, token, ""),
		{name: "S11 dpop", lines: []string{"authorization: dpop " + token, "dpop: " + fresh()}},
		{name: "S11 DPOP", lines: []string{"AUTHORIZATION: DPOP " + token, "DPOP: " + fresh()}},
		{name: "S11 blanks", lines: []string{"Authorization: DPoP   " + token, "DPoP: " + fresh()}},
		twoSchemes,
		{name: "S13 DPoP and nothing", lines: []string{"Authorization: DPoP", "DPoP: " + fresh()}, want: outcome{core.ReasonMalformedRequest, "DPoP"}},
		{name: "S13 two words", lines: []string{"Authorization: DPoP " + token + " x", "DPoP: " + fresh()}, want: outcome{core.ReasonMalformedRequest, "DPoP"}},
		dpop("S14 a proof as the token", outcome{core.ReasonWrongType, "DPoP"}, wrongType, s.proof(wrongType, nil)),
		dpop("an expired token", outcome{core.ReasonExpired, "DPoP"}, expired, s.proof(expired, nil)),
		{name: "S95 no token", want: outcome{core.ReasonNoToken, "Bearer"}},
		{name: "S100 the field was dropped on the way", lines: []string{"Authorization: DPoP " + token, "Connection: DPoP"}, want: badProof},
	}
}

func TestS03TokenElsewhere(t *testing.T) {
	for name, place := range map[string]struct {
		source core.TokenSource
		r      func(token string) sent
	}{
		"cookie":      {core.FromCookie("session"), func(token string) sent { return sent{lines: []string{"Cookie: session=" + token}} }},
		"header":      {core.FromHeader("X-Token"), func(token string) sent { return sent{lines: []string{"X-Token: " + token}} }},
		"subprotocol": {core.FromSubprotocol("bearer."), func(token string) sent { return sent{lines: []string{"Sec-WebSocket-Protocol: bearer." + token}} }},
	} {
		t.Run("S03 "+name, func(t *testing.T) {
			s := newProofStage(t, nil, place.source, core.FromBearer())
			token := s.bound()
			r := place.r(token)
			r.lines, r.want = append(r.lines, "DPoP: "+s.proof(token, nil)), bearsBound
			s.judge(t, r)
		})
	}
	t.Run("S03 query", func(t *testing.T) {
		s := newProofStage(t, nil, core.InsecureFromQuery("access_token"))
		token := s.bound()
		request := sent{lines: []string{"DPoP: " + s.proof(token, nil)}}.request(t)
		request.URL.RawQuery = "access_token=" + token
		_, err := s.guard.Check(t.Context(), core.HTTPRequest(request))
		mustSayInFirst(t, core.RefusalOf(err), bearsBound)
		if reasonOf(err) != core.ReasonSenderConstraint {
			t.Errorf("got %v, want sender_constraint", err)
		}
	})
}

func TestDPoPRequired(t *testing.T) {
	s := newProofStage(t, func(c *core.Config) { c.DPoP.Required = true; c.DPoP.Algorithms = []core.Algorithm{core.ES256} })
	token := s.bound()
	for _, row := range []sent{
		byBearer("S06 unbound as Bearer", notTheirs, s.unbound()),
		byBearer("S01 bound as Bearer", notTheirs, token),
		dpop("S04 unbound", notTheirs, s.unbound(), s.proof(s.unbound(), nil)),
		dpop("bound", passes, token, s.proof(token, nil)),
		{name: "S95 no token", want: outcome{core.ReasonNoToken, `DPoP algs="ES256"`}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if refusal := s.judge(t, row); refusal != nil && strings.Contains(refusal.Challenge, "Bearer") {
				t.Errorf("got %q, want no Bearer, which no issuer takes", refusal.Challenge)
			}
		})
	}
}

// What stands in WWW-Authenticate, word for word.
func TestDPoPChallenges(t *testing.T) {
	s := newProofStage(t, func(c *core.Config) { c.DPoP.Algorithms = []core.Algorithm{core.ES256, core.Ed25519} })
	s.guard.Realm, s.guard.ResourceMetadata = "orders", "https://api.example.com/.well-known/oauth-protected-resource"
	const rest = `resource_metadata="https://api.example.com/.well-known/oauth-protected-resource"`
	const algs = `algs="ES256 Ed25519", `
	token := s.bound()
	for _, test := range []struct {
		sent
		want string
	}{
		{sent{name: "S95 no token"}, `Bearer realm="orders", ` + rest + `, DPoP realm="orders", ` + algs + rest},
		{dpop("S07 no proof", badProof, token), `DPoP realm="orders", error="invalid_dpop_proof", error_description="the DPoP proof is missing or not valid for this request", ` +
			algs + rest + `, Bearer realm="orders", ` + rest},
		{byBearer("S01 bound as Bearer", bearsBound, token), `Bearer realm="orders", error="invalid_token", error_description="the token is bound to a key and is no bearer token", ` +
			rest + `, DPoP realm="orders", ` + algs + rest},
		{sent{name: "S12 two lines", lines: []string{"Authorization: Bearer x", "Authorization: DPoP x"}},
			`Bearer realm="orders", error="invalid_request", error_description="the request carries more than one token", ` + rest +
				`, DPoP realm="orders", error="invalid_request", error_description="the request carries more than one token", ` + algs + rest},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, refusal := s.check(t, test.sent); refusal == nil || refusal.Challenge != test.want {
				t.Errorf("got  %q\nwant %q", refusal.Challenge, test.want)
			}
		})
	}
}

func TestS94NothingOfTheRequestIsTold(t *testing.T) {
	s := newProofStage(t, nil)
	token := s.bound()
	for _, claims := range []map[string]any{
		{"htu": "hostile\"\r\nX-Injected: 1"}, {"htm": "hostile\\\""}, {"jti": strings.Repeat("hostile", 99)}, {"iat": "hostile"}, {"ath": "hostile"},
	} {
		_, refusal := s.check(t, dpop("S94", badProof, token, s.proof(token, claims)))
		if refusal == nil || strings.Contains(refusal.Challenge+refusal.Error(), "hostile") {
			t.Errorf("%v: got %v, want a refusal that repeats nothing", claims, refusal)
		}
	}
}

func TestS96RequirementsUnderDPoP(t *testing.T) {
	s := newProofStage(t, nil)
	token := s.bound()
	ctx, err := s.guard.Check(t.Context(), core.HTTPRequest(dpop("", passes, token, s.proof(token, nil)).request(t)))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		req  core.Requirement
		want string
	}{
		{"S96 scope", core.Scope("orders:write"), `DPoP error="insufficient_scope", error_description="the token does not grant a required scope", scope="orders:write", algs=`},
		{"S96 step-up", core.MaxAuthAge(time.Minute), `DPoP error="insufficient_user_authentication", error_description="a more recent or stronger authentication is required", max_age="60", algs=`},
	} {
		t.Run(test.name, func(t *testing.T) {
			refusal := core.RefusalOf(core.Require(ctx, test.req))
			if refusal == nil || !strings.HasPrefix(refusal.Challenge, test.want) || !strings.HasSuffix(refusal.Challenge, ", Bearer") {
				t.Errorf("got %q, want it to begin with %q and to end with Bearer", refusal.Challenge, test.want)
			}
		})
	}
}

func TestS97Optional(t *testing.T) {
	s := newProofStage(t, nil)
	s.guard.Optional = true
	if claims, refusal := s.check(t, sent{}); claims != nil || refusal != nil {
		t.Errorf("S97 no token: got %v and %v, want nobody and no refusal", claims, refusal)
	}
	token := s.bound()
	for _, row := range []sent{
		dpop("S97 no proof", badProof, token),
		dpop("S97 what is no token", outcome{core.ReasonMalformedToken, "DPoP"}, "x", s.proof("x", nil)),
		{name: "S97 DPoP and nothing", lines: []string{"Authorization: DPoP"}, want: outcome{core.ReasonMalformedRequest, "DPoP"}},
	} {
		t.Run(row.name, func(t *testing.T) { s.judge(t, row) })
	}
}

// Where no issuer has DPoP in force, its scheme is no token, as any other.
func TestDPoPOff(t *testing.T) {
	s := newProofStage(t, func(c *core.Config) { c.DPoP = core.DPoP{} })
	token := s.bound()
	for _, row := range []sent{
		dpop("another scheme", outcome{core.ReasonNoToken, "Bearer"}, token, s.proof(token, nil)),
		{name: "another scheme and nothing", lines: []string{"Authorization: DPoP"}, want: outcome{core.ReasonNoToken, "Bearer"}},
		byBearer("bound", bearsBound, token),
	} {
		t.Run(row.name, func(t *testing.T) {
			if refusal := s.judge(t, row); strings.Contains(refusal.Challenge, "DPoP") {
				t.Errorf("got %q, want no DPoP", refusal.Challenge)
			}
		})
	}
}

// A token of an issuer without DPoP beside one that has it.
func TestDPoPOfOneIssuer(t *testing.T) {
	s, other := newProofStage(t, nil), jwttest.NewIssuer("https://other.test")
	config := s.Config()
	config.DPoP = core.DPoP{URLs: []string{apiURL}, Required: true}
	s.guard.Verifier = mustNew(t, config, other.Config())
	bound := s.bound()
	foreign := other.Token(map[string]any{"cnf": s.prover.Confirmation()})
	for _, row := range []sent{
		dpop("its own", passes, bound, s.proof(bound, nil)),
		dpop("bound, of the other", notTheirs, foreign, s.proof(foreign, nil)),
		byBearer("unbound, of the other", passes, other.Token(nil)),
		byBearer("S06 unbound, where it is required", bearsBound, s.unbound()),
	} {
		t.Run(row.name, func(t *testing.T) { s.judge(t, row) })
	}
	for _, configs := range [][]core.Config{{config, other.Config()}, {other.Config(), config}} {
		_, err := core.MustGuard(configs...).Check(t.Context(), get())
		if challenge := core.RefusalOf(err).Challenge; !strings.Contains(challenge, "Bearer") || !strings.Contains(challenge, "DPoP") {
			t.Errorf("got %q, want both schemes: each issuer takes one", challenge)
		}
	}
}

// Tenants tell of DPoP when one of them is kept that has it in force.
func TestDPoPOfTenants(t *testing.T) {
	estate, s := newEstate(), newProofStage(t, nil)
	estate.edit = func(_ context.Context, c *core.Config) error {
		c.DPoP = core.DPoP{URLs: []string{apiURL}, Required: true}
		return nil
	}
	tenant := estate.tenant("a")
	s.guard.Verifier = estate.verifier(t, nil)
	s.judge(t, sent{want: outcome{core.ReasonNoToken, "Bearer"}})
	token := tenant.Token(map[string]any{"cnf": s.prover.Confirmation()})
	s.judge(t, byBearer("", outcome{core.ReasonSenderConstraint, "Bearer"}, token))
	s.judge(t, dpop("", passes, token, s.proof(token, nil)))
	s.judge(t, sent{want: outcome{core.ReasonNoToken, "DPoP"}})
	s.guard.Verifier.Forget(tenant.URL())
	s.judge(t, sent{want: outcome{core.ReasonNoToken, "Bearer"}})
}
