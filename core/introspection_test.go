package core_test

import (
	"context"
	"errors"
	"fmt"
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
		{"revoked", map[string]any{"jti": "revoked"}, core.ReasonRevoked, listing},
		{"revoked by an issuer that the answer does not name", map[string]any{"jti": "revoked", "iss": nil}, core.ReasonRevoked, listing},
		{"a list that cannot be read", map[string]any{"jti": "unknown"}, core.ReasonRevocationUnavailable, listing},
		{"on no list", nil, "", listing},
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

// listing is a list of revoked tokens, which knows them by their issuer.
func listing(c *core.Config, _ *core.Introspection) {
	c.Revoked = func(_ context.Context, claims *core.Claims) (bool, error) {
		if claims.ID == "unknown" {
			return false, errors.New("no answer")
		}
		return claims.Issuer == jwttest.DefaultURL && claims.ID == "revoked", nil
	}
}

// I02: an answer reads as a token's payload does.
func TestIntrospectionBecomesClaims(t *testing.T) {
	s := newAskStage(t, func(c *core.Config, i *core.Introspection) {
		c.RolesAt, i.MaxAge = []string{"realm", "roles"}, time.Minute
	})
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
	if _, again := s.verify(t, token); again.Scopes[0] != "read" || s.Introspections() != 1 {
		t.Errorf("got scopes %q after %d calls, want those of the issuer, remembered", again.Scopes, s.Introspections())
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
	_, err := s.verifier.Verify(t.Context(), s.Token(nil))
	if cause := fmt.Sprint(errors.Unwrap(err)); !strings.Contains(cause, "Introspection has no Keys") {
		t.Errorf("got the cause %s for a JWT, want it to say why none passes", cause)
	}
}
