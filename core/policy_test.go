package core_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

func TestDefaults(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	for _, alg := range jwttest.Algorithms() {
		issuer.KeyID(alg)
	}
	v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.JWKSDocument(issuer.JWKS())})
	hmac := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.Secret(issuer.Secret("HS256"))})
	for _, alg := range jwttest.Algorithms() {
		want := core.ReasonWrongAlgorithm
		if alg == "RS256" || alg == "ES256" {
			want = ""
		}
		if _, err := v.Verify(t.Context(), issuer.Token(nil, jwttest.Algorithm(alg))); reasonOf(err) != want {
			t.Errorf("%s under public keys: got %q, want %q", alg, reasonOf(err), want)
		}
		want = core.ReasonWrongAlgorithm
		if alg == "HS256" {
			want = ""
		}
		if _, err := hmac.Verify(t.Context(), issuer.Token(nil, jwttest.Algorithm(alg))); reasonOf(err) != want {
			t.Errorf("%s under a Secret: got %q, want %q", alg, reasonOf(err), want)
		}
	}
}

func TestTypes(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	absent := jwttest.Header(map[string]any{"typ": nil})
	for _, test := range []struct {
		name   string
		types  []string
		option jwttest.TokenOption
		reason core.Reason
	}{
		{"default, JWT", nil, jwttest.Type("JWT"), ""},
		{"default, at+jwt", nil, jwttest.Type("at+jwt"), ""},
		{"default, absent", nil, absent, ""},
		{"default, case", nil, jwttest.Type("AT+JWT"), ""},
		{"default, media type", nil, jwttest.Type("application/at+jwt"), ""},
		{"default, media type in capitals", nil, jwttest.Type("APPLICATION/JWT"), ""},
		{"default, another", nil, jwttest.Type("x+jwt"), core.ReasonWrongType},
		{"own", []string{"X+JWT"}, jwttest.Type("x+jwt"), ""},
		{"own as media type", []string{"application/X+jwt"}, jwttest.Type("x+JWT"), ""},
		{"own, absent", []string{"x+jwt"}, absent, core.ReasonWrongType},
		{"own, JWT", []string{"x+jwt"}, jwttest.Type("JWT"), core.ReasonWrongType},
		{"other tree", []string{"text/x"}, jwttest.Type("x"), core.ReasonWrongType},
		{"only absent", []string{""}, absent, ""},
		{"only absent, empty", []string{""}, jwttest.Type(""), core.ReasonWrongType},
		{"only absent, JWT", []string{""}, jwttest.Type("JWT"), core.ReasonWrongType},
		{"A19 Kelvin sign is no k", []string{"kb+jwt"}, jwttest.Type("\u212ab+jwt"), core.ReasonWrongType},
		{"A19 dotted capital I is no i", []string{"id+jwt"}, jwttest.Type("\u0130d+jwt"), core.ReasonWrongType},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Types: test.types, Keys: core.JWKSDocument(issuer.JWKS())})
			if _, err := v.Verify(t.Context(), issuer.Token(nil, test.option)); reasonOf(err) != test.reason {
				t.Errorf("got %q, want %q", reasonOf(err), test.reason)
			}
		})
	}
}

// ProfileLogoutToken holds OpenID Connect Back-Channel Logout 1.0 sections 2.4 and 2.6.
func TestProfileLogoutToken(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Profile: core.ProfileLogoutToken,
		TokenCache: 10, Keys: core.JWKSDocument(issuer.JWKS())})
	const event = "http://schemas.openid.net/event/backchannel-logout"
	ago := func(d time.Duration) int64 { return time.Now().Add(-d).Unix() }
	absent := jwttest.Header(map[string]any{"typ": nil})
	for _, test := range []struct {
		name   string
		claims map[string]any
		option jwttest.TokenOption
		reason core.Reason
	}{
		{"complete", nil, jwttest.Type("logout+jwt"), ""},
		{"hydra's: no exp, no sub, no typ", map[string]any{"exp": nil, "sub": nil}, absent, ""},
		{"dex's: JWT", nil, jwttest.Type("JWT"), ""},
		{"media type", nil, jwttest.Type("application/LOGOUT+JWT"), ""},
		{"sub alone", map[string]any{"sid": nil}, absent, ""},
		{"more events", map[string]any{"events": map[string]any{event: map[string]any{"x": 1}, "y": 1}}, absent, ""},
		{"an access token's typ", nil, jwttest.Type("at+jwt"), core.ReasonWrongType},
		{"no events", map[string]any{"events": nil}, absent, core.ReasonWrongType},
		{"events of another kind", map[string]any{"events": map[string]any{"x": map[string]any{}}}, absent, core.ReasonWrongType},
		{"events a list", map[string]any{"events": []string{event}}, absent, core.ReasonWrongType},
		{"the event no object", map[string]any{"events": map[string]any{event: true}}, absent, core.ReasonWrongType},
		{"nonce", map[string]any{"nonce": "n"}, absent, core.ReasonWrongType},
		{"null nonce", map[string]any{"nonce": json.RawMessage("null")}, absent, core.ReasonWrongType},
		{"neither sid nor sub", map[string]any{"sid": nil, "sub": nil}, absent, core.ReasonMissingClaim},
		{"sid a number", map[string]any{"sid": 1}, absent, core.ReasonMalformedClaims},
		{"sid empty", map[string]any{"sid": ""}, absent, core.ReasonMalformedClaims},
		{"no jti", map[string]any{"jti": nil}, absent, core.ReasonMissingClaim},
		{"no iat", map[string]any{"iat": nil}, absent, core.ReasonMissingClaim},
		{"iat 4 minutes old", map[string]any{"iat": ago(4 * time.Minute)}, absent, ""},
		{"iat 6 minutes old", map[string]any{"iat": ago(6 * time.Minute)}, absent, core.ReasonTooOld},
		{"iat 6 minutes old, no exp", map[string]any{"iat": ago(6 * time.Minute), "exp": nil}, absent, core.ReasonTooOld},
		{"iat ahead, no exp", map[string]any{"iat": ago(-time.Minute), "exp": nil}, absent, core.ReasonIssuedInFuture},
		{"expired", map[string]any{"exp": ago(time.Minute)}, absent, core.ReasonExpired},
		{"another client's", map[string]any{"aud": "other"}, absent, core.ReasonWrongAudience},
		{"no aud", map[string]any{"aud": nil}, absent, core.ReasonWrongAudience},
	} {
		t.Run(test.name, func(t *testing.T) {
			claims := map[string]any{"sid": "s1", "jti": "j1", "events": map[string]any{event: map[string]any{}}}
			maps.Copy(claims, test.claims)
			_, err := v.Verify(t.Context(), issuer.Token(claims, test.option))
			if reasonOf(err) != test.reason {
				t.Errorf("got %q, want %q", reasonOf(err), test.reason)
			}
		})
	}
	if _, err := v.Verify(t.Context(), issuer.Token(nil)); reasonOf(err) != core.ReasonWrongType {
		t.Errorf("an access token: got %q, want %q", reasonOf(err), core.ReasonWrongType)
	}
	for _, profile := range []core.Profile{"", core.ProfileIDToken, core.ProfileRFC9068} {
		v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Profile: profile, Keys: core.JWKSDocument(issuer.JWKS())})
		claims := map[string]any{"sid": "s1", "jti": "j1", "client_id": "c", "events": map[string]any{event: map[string]any{}}}
		if _, err := v.Verify(t.Context(), issuer.Token(claims, jwttest.Type("at+jwt"))); reasonOf(err) != core.ReasonWrongType {
			t.Errorf("a logout token under profile %q: got %q, want %q", profile, reasonOf(err), core.ReasonWrongType)
		}
	}
}

// ProfileRFC9068 requires the claims of RFC 9068 section 2.2.
func TestProfile(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Profile: core.ProfileRFC9068, Keys: core.JWKSDocument(issuer.JWKS())})
	for _, test := range []struct {
		name   string
		claims map[string]any
		reason core.Reason
	}{
		{"complete", nil, ""},
		{"sub", map[string]any{"sub": nil}, core.ReasonMissingClaim},
		{"sub empty", map[string]any{"sub": ""}, core.ReasonMissingClaim},
		{"client_id", map[string]any{"client_id": nil}, core.ReasonMissingClaim},
		{"azp in its place", map[string]any{"client_id": nil, "azp": "c"}, core.ReasonMissingClaim},
		{"iat", map[string]any{"iat": nil}, core.ReasonMissingClaim},
		{"jti", map[string]any{"jti": nil}, core.ReasonMissingClaim},
		{"exp", map[string]any{"exp": nil}, core.ReasonMissingClaim},
		{"aud", map[string]any{"aud": nil}, core.ReasonWrongAudience},
	} {
		t.Run(test.name, func(t *testing.T) {
			claims := map[string]any{"client_id": "c", "jti": "1"}
			for name, value := range test.claims {
				claims[name] = value
			}
			if _, err := v.Verify(t.Context(), issuer.Token(claims, jwttest.Type("at+jwt"))); reasonOf(err) != test.reason {
				t.Errorf("got %q, want %q", reasonOf(err), test.reason)
			}
		})
	}
}

func TestLeewayAndMaxAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		at := func(d time.Duration) json.Number {
			when := time.Now().Add(d)
			return json.Number(fmt.Sprintf("%d.%09d", when.Unix(), when.Nanosecond()))
		}
		const long = 1<<63 - 1
		for _, test := range []struct {
			name           string
			leeway, maxAge time.Duration
			claims         map[string]any
			reason         core.Reason
		}{
			{"default, exp just inside", 0, 0, map[string]any{"exp": at(-29 * time.Second)}, ""},
			{"default, exp at its end", 0, 0, map[string]any{"exp": at(-30 * time.Second)}, core.ReasonExpired},
			{"default, nbf at its end", 0, 0, map[string]any{"nbf": at(30 * time.Second)}, ""},
			{"default, nbf beyond", 0, 0, map[string]any{"nbf": at(31 * time.Second)}, core.ReasonNotYetValid},
			{"default, iat at its end", 0, 0, map[string]any{"iat": at(30 * time.Second)}, ""},
			{"default, iat beyond", 0, 0, map[string]any{"iat": at(31 * time.Second)}, core.ReasonIssuedInFuture},
			{"none, exp now", core.NoLeeway, 0, map[string]any{"exp": at(0)}, core.ReasonExpired},
			{"none, exp in half a second", core.NoLeeway, 0, map[string]any{"exp": at(500 * time.Millisecond)}, ""},
			{"none, nbf now", core.NoLeeway, 0, map[string]any{"nbf": at(0)}, ""},
			{"none, nbf in half a second", core.NoLeeway, 0, map[string]any{"nbf": at(500 * time.Millisecond)}, core.ReasonNotYetValid},
			{"greatest", 5 * time.Minute, 0, map[string]any{"exp": at(-299 * time.Second)}, ""},
			{"age at its limit", core.NoLeeway, time.Hour, map[string]any{"iat": at(-time.Hour)}, ""},
			{"age beyond", core.NoLeeway, time.Hour, map[string]any{"iat": at(-time.Hour - time.Second)}, core.ReasonTooOld},
			{"age with leeway", 0, time.Hour, map[string]any{"iat": at(-time.Hour - 30*time.Second)}, ""},
			{"age without iat", 0, time.Hour, map[string]any{"iat": nil}, core.ReasonMissingClaim},
			{"age without limit", 0, 0, map[string]any{"iat": 0}, ""},
			{"age of any length", 0, long, map[string]any{"iat": at(-time.Hour)}, ""},
		} {
			v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Leeway: test.leeway, MaxAge: test.maxAge, Keys: core.JWKSDocument(issuer.JWKS())})
			if _, err := v.Verify(context.Background(), issuer.Token(test.claims)); reasonOf(err) != test.reason {
				t.Errorf("%s: got %q, want %q", test.name, reasonOf(err), test.reason)
			}
		}
	})
}

func TestClients(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	for _, test := range []struct {
		name      string
		audiences []string
		claims    map[string]any
		reason    core.Reason
	}{
		{"client_id", nil, map[string]any{"client_id": "web"}, ""},
		{"azp", nil, map[string]any{"azp": "web"}, ""},
		{"cid", nil, map[string]any{"cid": "web"}, ""},
		{"appid", nil, map[string]any{"appid": "web"}, ""},
		{"client_id before azp", nil, map[string]any{"client_id": "other", "azp": "web"}, core.ReasonWrongClient},
		{"azp before cid", nil, map[string]any{"azp": "web", "cid": "other"}, ""},
		{"none", nil, nil, core.ReasonWrongClient},
		{"empty", nil, map[string]any{"client_id": ""}, core.ReasonWrongClient},
		{"case", nil, map[string]any{"client_id": "Web"}, core.ReasonWrongClient},
		{"T4 aud of another without Audiences", nil, map[string]any{"client_id": "web", "aud": "x"}, core.ReasonWrongAudience},
		{"an aud that names nobody", nil, map[string]any{"client_id": "web", "aud": []string{}}, ""},
		{"both hold", []string{"a"}, map[string]any{"client_id": "web", "aud": "a"}, ""},
		{"only the client", []string{"a"}, map[string]any{"client_id": "web", "aud": "b"}, core.ReasonWrongAudience},
		{"only the audience", []string{"a"}, map[string]any{"client_id": "x", "aud": "a"}, core.ReasonWrongClient},
		{"client_id of a wrong type", nil, map[string]any{"client_id": 1}, core.ReasonMalformedClaims},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: test.audiences, Clients: []string{"web", "app"}, Keys: core.JWKSDocument(issuer.JWKS())})
			claims := map[string]any{"aud": nil}
			maps.Copy(claims, test.claims)
			if _, err := v.Verify(t.Context(), issuer.Token(claims)); reasonOf(err) != test.reason {
				t.Errorf("got %q, want %q", reasonOf(err), test.reason)
			}
		})
	}
}
