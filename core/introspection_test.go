package core_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// askStage is an issuer of opaque tokens, a Verifier that asks it, and what they leave behind.
type askStage struct {
	*jwttest.Issuer
	verifier *core.Verifier
	log      *logbook
	outbound *outbound
}

// newAskStage lets edit change the Config and the Introspection in it.
func newAskStage(t testing.TB, edit func(*core.Config, *core.Introspection), others ...core.Config) *askStage {
	t.Helper()
	s := &askStage{Issuer: jwttest.NewIssuer(""), log: &logbook{}}
	s.outbound = &outbound{to: s.Issuer}
	config := s.OpaqueConfig()
	config.Logger = s.log.logger()
	asked := config.Keys.(core.Introspection)
	asked.Client = s.outbound.client()
	if edit != nil {
		edit(&config, &asked)
	}
	config.Keys = asked
	s.verifier = mustNew(t, append([]core.Config{config}, others...)...)
	return s
}

func (s *askStage) verify(t testing.TB, token string) (core.Reason, *core.Claims) {
	t.Helper()
	claims, err := s.verifier.Verify(t.Context(), token)
	return reasonOf(err), claims
}

// I01: what the issuer says of an active token is held against the Config as a JWT is.
func TestIntrospectionClaims(t *testing.T) {
	now := time.Now()
	for _, row := range []struct {
		name   string
		claims map[string]any
		want   core.Reason
		edit   func(*core.Config, *core.Introspection)
	}{
		{"good", nil, "", nil},
		{"no exp", map[string]any{"exp": nil}, "", nil},
		{"no iss", map[string]any{"iss": nil}, "", nil},
		{"no aud", map[string]any{"aud": nil}, "", nil},
		{"nothing but active", map[string]any{"iss": nil, "aud": nil, "exp": nil, "sub": nil, "iat": nil}, "", nil},
		{"aud of nobody", map[string]any{"aud": []string{}}, "", nil},
		{"aud in a list", map[string]any{"aud": []string{"x", jwttest.Audience}}, "", nil},
		{"within the leeway", map[string]any{"exp": now.Add(-10 * time.Second)}, "", nil},
		{"a bearer's token_type", map[string]any{"token_type": "bearer"}, "", nil},
		{"of an access token", map[string]any{"token_use": "access_token"}, "", nil},
		{"inactive", map[string]any{"active": false}, core.ReasonInactive, nil},
		{"inactive with an odd exp", map[string]any{"active": false, "exp": "x"}, core.ReasonInactive, nil},
		{"expired", map[string]any{"exp": now.Add(-time.Minute)}, core.ReasonExpired, nil},
		{"expired without leeway", map[string]any{"exp": now.Add(-2 * time.Second)}, core.ReasonExpired, func(c *core.Config, _ *core.Introspection) { c.Leeway = core.NoLeeway }},
		{"not yet valid", map[string]any{"nbf": now.Add(time.Hour)}, core.ReasonNotYetValid, nil},
		{"issued in the future", map[string]any{"iat": now.Add(time.Hour)}, core.ReasonIssuedInFuture, nil},
		{"too old", map[string]any{"iat": now.Add(-time.Hour)}, core.ReasonTooOld, func(c *core.Config, _ *core.Introspection) { c.MaxAge = time.Minute }},
		{"no iat where it counts", map[string]any{"iat": nil}, core.ReasonMissingClaim, func(c *core.Config, _ *core.Introspection) { c.MaxAge = time.Minute }},
		{"other iss", map[string]any{"iss": "https://evil.test"}, core.ReasonWrongIssuer, nil},
		{"iss with a slash more", map[string]any{"iss": jwttest.DefaultURL + "/"}, core.ReasonWrongIssuer, nil},
		{"empty iss", map[string]any{"iss": ""}, core.ReasonWrongIssuer, nil},
		{"other aud", map[string]any{"aud": "https://other.test"}, core.ReasonWrongAudience, nil},
		{"empty aud", map[string]any{"aud": ""}, core.ReasonWrongAudience, nil},
		{"aud where this service has no name", nil, core.ReasonWrongAudience, func(c *core.Config, _ *core.Introspection) { c.Audiences, c.Clients = nil, []string{"web"} }},
		{"client", map[string]any{"client_id": "web"}, "", func(c *core.Config, _ *core.Introspection) { c.Clients = []string{"web"} }},
		{"other client", map[string]any{"client_id": "app"}, core.ReasonWrongClient, func(c *core.Config, _ *core.Introspection) { c.Clients = []string{"web"} }},
		{"no client", nil, core.ReasonWrongClient, func(c *core.Config, _ *core.Introspection) { c.Clients = []string{"web"} }},
		{"a claim that is asked for", map[string]any{"tier": "gold"}, "", demandingGold},
		{"a claim that is missing", nil, core.ReasonUnacceptableClaim, demandingGold},
		{"a security event", map[string]any{"events": map[string]any{}}, core.ReasonWrongType, nil},
		{"an ID token's shape", map[string]any{"nonce": "n", "at_hash": "h"}, core.ReasonWrongType, nil},
		{"a refresh token by token_type", map[string]any{"token_type": "Refresh"}, core.ReasonWrongType, nil},
		{"a refresh token by token_use", map[string]any{"token_use": "refresh_token"}, core.ReasonWrongType, nil},
		{"a refresh token by typ", map[string]any{"typ": "Refresh"}, core.ReasonWrongType, nil},
		{"no access token by RFC 8693", map[string]any{"token_type": "N_A"}, core.ReasonWrongType, nil},
		{"token_type DPoP without a key", map[string]any{"token_type": "DPoP"}, core.ReasonSenderConstraint, nil},
		{"bound, and verified without a request", map[string]any{"cnf": map[string]any{"jkt": strings.Repeat("A", 43)}}, core.ReasonSenderConstraint, nil},
		{"bound to what nobody can show", map[string]any{"cnf": map[string]any{"kid": "x"}}, core.ReasonSenderConstraint, nil},
		{"bound to null", map[string]any{"cnf": jsonNull}, core.ReasonSenderConstraint, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newAskStage(t, row.edit)
			got, claims := s.verify(t, s.Opaque(row.claims))
			if got != row.want || (claims != nil) != (row.want == "") {
				t.Fatalf("got %q with claims %v, want %q", got, claims, row.want)
			}
			if claims != nil && claims.Issuer != s.URL() {
				t.Errorf("got issuer %q, want %q whatever the answer names", claims.Issuer, s.URL())
			}
		})
	}
}

// jsonNull is a member whose value is null, where nil takes the member out.
var jsonNull = (*int)(nil)

func demandingGold(c *core.Config, _ *core.Introspection) {
	c.RequireClaims = []core.Requirement{core.ClaimIn([]string{"tier"}, "gold")}
}

// I02: an answer reads as a token's payload does.
func TestIntrospectionBecomesClaims(t *testing.T) {
	s := newAskStage(t, func(c *core.Config, _ *core.Introspection) { c.RolesAt = []string{"realm", "roles"} })
	token := s.Opaque(map[string]any{"scope": "read write", "client_id": "web", "realm": map[string]any{"roles": []string{"admin"}}, "username": "al"})
	got, claims := s.verify(t, token)
	if got != "" {
		t.Fatalf("got %q, want it to pass", got)
	}
	var all struct {
		Active   bool   `json:"active"`
		Username string `json:"username"`
	}
	if err := claims.Decode(&all); err != nil || !all.Active || all.Username != "al" {
		t.Errorf("got %+v, %v, want what the issuer said", all, err)
	}
	if name, _ := claims.Lookup("username"); name != "al" || claims.ClientID != "web" || len(claims.Scopes) != 2 || claims.Header != (core.Header{}) || claims.Bound != "" {
		t.Errorf("got %+v, want the claims of the answer and no header", claims)
	}
	ctx, err := core.Guard{Verifier: s.verifier}.Check(t.Context(), get("Authorization", "Bearer "+token))
	if err != nil {
		t.Fatal(err)
	}
	if err := core.Require(ctx, core.Role("admin"), core.Scope("write")); err != nil {
		t.Errorf("got %v, want the role and the scope", err)
	}
	claims.Scopes[0] = "all"
	if _, again := s.verify(t, token); again.Scopes[0] != "read" {
		t.Errorf("got scopes %q, want those of the issuer", again.Scopes)
	}
}

// I03: what is asked about, and what is sent nowhere.
func TestIntrospectionIsForOpaqueTokensAlone(t *testing.T) {
	other := jwttest.NewIssuer("https://other.test")
	s := newAskStage(t, nil)
	for _, row := range []struct {
		name, token string
		want        core.Reason
		asked       bool
	}{
		{"a token that nobody knows", "abc", core.ReasonInactive, true},
		{"every character", "aZ09-._~+/==", core.ReasonInactive, true},
		{"one dot", "a.b", core.ReasonInactive, true},
		{"three dots", "a.b.c.d", core.ReasonInactive, true},
		{"five dots", "a.b.c.d.e.f", core.ReasonInactive, true},
		{"4 KiB", strings.Repeat("a", 4096), core.ReasonInactive, true},
		{"more than 4 KiB", strings.Repeat("a", 4097), core.ReasonMalformedToken, false},
		{"more than 16 KiB", strings.Repeat("a", 16<<10+1), core.ReasonTokenTooLong, false},
		{"nothing", "", core.ReasonMalformedToken, false},
		{"padding alone", "==", core.ReasonMalformedToken, false},
		{"padding within", "a=b", core.ReasonMalformedToken, false},
		{"a blank", "a b", core.ReasonMalformedToken, false},
		{"a line", "a\nb", core.ReasonMalformedToken, false},
		{"a character that is no token68's", "a,b", core.ReasonMalformedToken, false},
		{"a letter outside ASCII", "ä", core.ReasonMalformedToken, false},
		{"octets", "\xff\x00", core.ReasonMalformedToken, false},
		{"a JWT of the issuer", s.Token(nil), core.ReasonWrongAlgorithm, false},
		{"a JWT of an issuer that nobody knows", other.Token(nil), core.ReasonWrongAlgorithm, false},
		{"a JWT without a signature", s.Token(nil, jwttest.Unsigned()), core.ReasonWrongAlgorithm, false},
		{"two dots", "a.b.c", core.ReasonMalformedToken, false},
		{"two dots and nothing", "..", core.ReasonMalformedToken, false},
		{"a JWE", "a.b.c.d.e", core.ReasonMalformedToken, false},
		{"a JWE with a direct key", "a..c.d.e", core.ReasonMalformedToken, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			before := s.outbound.requests.Load()
			got, _ := s.verify(t, row.token)
			if asked := s.outbound.requests.Load() > before; got != row.want || asked != row.asked {
				t.Errorf("got %q, asked %t, want %q, %t", got, asked, row.want, row.asked)
			}
		})
	}
}

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
