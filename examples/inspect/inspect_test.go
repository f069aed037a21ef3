package main

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// trialRow is a token of an issuer whose key set lies in a file.
type trialRow struct {
	name   string
	token  func(*jwttest.Issuer) string
	args   []string // beside -jwks, -issuer and, if empty, -audience
	status int
	want   []string
}

func TestWhatATokenIsRefusedFor(t *testing.T) {
	ago := func(d time.Duration) time.Time { return time.Now().Add(-d) }
	rows := []trialRow{
		{"a good token", claims(nil), nil, passed,
			[]string{"Verdict: the token passes.", "ok  signature", "-   client", "clock    not asked",
				"wanted one usable key of that kid for this alg\n"}},
		{"another audience", claims(map[string]any{"aud": "https://other.test"}), nil, refused, []string{
			"reason wrong_audience", `Audiences: []string{"https://api.test", "https://other.test"}`,
			"NO  aud        got \"https://other.test\", wanted \"https://api.test\"", "With such a Config it would pass."}},
		{"three things at once", func(i *jwttest.Issuer) string {
			return i.Token(map[string]any{"aud": "other"}, jwttest.Algorithm("PS256"), jwttest.Type("x+jwt"))
		}, nil, refused, []string{
			"reason wrong_algorithm", "Algorithms: []core.Algorithm{core.RS256, core.ES256, core.PS256}",
			"then be refused because of wrong_type", `Types: []string{"JWT", "at+jwt", "", "x+jwt"}`,
			"then be refused because of wrong_audience", `"other"}`, "With such a Config it would pass."}},
		{"expired long ago, for others", func(i *jwttest.Issuer) string {
			return i.Token(map[string]any{"exp": ago(2 * time.Hour), "aud": "other"})
		}, nil, refused, []string{"reason expired", "1999-12-31T22:00:00Z, 2h0m0s ago", "none accepts it", "get a new token",
			"then be refused because of wrong_audience", "ok  key", "ok  signature", "which stops at exp", "Its own signature holds"}},
		{"expired just now", func(i *jwttest.Issuer) string { return i.Token(map[string]any{"exp": ago(2 * time.Minute)}) }, nil, refused,
			[]string{"Leeway: 3 * time.Minute", "later than 1999-12-31T23:59:30Z", "With such a Config it would pass."}},
		{"from the future", func(i *jwttest.Issuer) string {
			return i.Token(map[string]any{"nbf": ago(-10 * time.Minute), "iat": ago(-2 * time.Minute), "exp": ago(-time.Hour)})
		}, nil, refused, []string{"reason not_yet_valid", "in 10m0s", "because of issued_in_future", "Leeway: 3 * time.Minute"}},
		{"too old", func(i *jwttest.Issuer) string { return i.Token(map[string]any{"iat": ago(20 * time.Minute)}) },
			[]string{"-audience", jwttest.Audience, "-max-age", "10m"}, refused, []string{"reason too_old", "MaxAge: 21 * time.Minute",
				"NO  iat", "wanted from 1999-12-31T23:49:30Z to 2000-01-01T00:00:30Z", "With such a Config it would pass."}},
		{"of no known age", claims(map[string]any{"iat": nil}), []string{"-audience", jwttest.Audience, "-max-age", "10m"}, refused,
			[]string{"reason missing_claim", "MaxAge: 0", "NO  iat        got none", "With such a Config it would pass."}},
		{"expired, of an algorithm that go-jose does not know", func(i *jwttest.Issuer) string {
			return i.Token(map[string]any{"exp": 1}, jwttest.Algorithm("Ed25519"))
		}, []string{"-audience", jwttest.Audience, "-alg", "Ed25519"}, refused, []string{"ok  key", "?   signature", "was not judged"}},
		{"an algorithm that no pinned one fits", func(i *jwttest.Issuer) string {
			token := i.Token(nil, jwttest.Algorithm("EdDSA"))
			i.SetJWKS([]byte(`{"keys":[` + string(i.PublicJWK("EdDSA")) + `]}`))
			return token
		}, nil, refused, []string{"reason wrong_algorithm", "core.EdDSA}", "With such a Config it would pass."}},
		{"another type than that of RFC 9068", claims(nil), []string{"-audience", jwttest.Audience, "-profile", "RFC9068"}, refused,
			[]string{"NO  typ        got \"JWT\", wanted \"at+jwt\"", "?   claims", `Profile: ""`, "With such a Config it would pass."}},
		{"a type that neither the profile nor the default takes", func(i *jwttest.Issuer) string { return i.Token(nil, jwttest.Type("x+jwt")) },
			[]string{"-audience", jwttest.Audience, "-profile", "RFC9068"}, refused,
			[]string{"NO  typ", `Types: []string{"JWT", "at+jwt", "", "x+jwt"}, Profile: ""`, "With such a Config it would pass."}},
		{"another type than the only one", claims(nil), []string{"-audience", jwttest.Audience, "-type", "at+jwt"}, refused,
			[]string{"NO  typ", "-   claims", `Types: []string{"at+jwt", "JWT"}`, "With such a Config it would pass."}},
		{"an ID token where those are wanted", claims(map[string]any{"nonce": "n", "at_hash": "h"}),
			[]string{"-audience", jwttest.Audience, "-profile", "ID token"}, passed, []string{"ok  claims     got sub, iat, wanted sub, iat"}},
		{"a logout token", claims(map[string]any{"events": map[string]any{}}), nil, refused,
			[]string{"reason wrong_type", "NO  typ", "logout or security event token", "which stops at typ"}},
		{"almost too long, and expired", func(i *jwttest.Issuer) string {
			payload := `{"iss":"` + i.URL() + `","aud":"` + jwttest.Audience + `","exp":1,"x":"` + strings.Repeat("<", 11_000) + `"}`
			return i.Sign("RS256", []byte(`{"alg":"RS256"}`), []byte(payload)) // a copy escapes what x holds
		}, nil, refused, []string{"reason expired", "NO  exp", "?   key", "?   signature"}},
		{"a trailing slash", claims(map[string]any{"iss": jwttest.DefaultURL + "/"}), nil, refused,
			[]string{"reason wrong_issuer", `Issuer: "https://issuer.test/"`, "a trailing slash counts", "ok  signature"}},
		{"no issuer", claims(map[string]any{"iss": nil}), nil, refused, []string{"names no issuer", "ok  key", "ok  signature", "which stops at iss"}},
		{"no exp", claims(map[string]any{"exp": nil}), nil, refused, []string{"reason missing_claim", "NO  exp        got none", "never expires"}},
		{"bound to a key", claims(map[string]any{"cnf": map[string]any{"jkt": "x"}}), nil, refused,
			[]string{"reason sender_constraint", "DPoP", "NO  cnf", "ok  key", "ok  signature", "which stops at cnf"}},
		{"an ID token", claims(map[string]any{"nonce": "n", "at_hash": "h"}), nil, refused,
			[]string{"reason wrong_type", "Profile: core.ProfileIDToken", "send the access token", "With such a Config it would pass."}},
		{"an ID token of another type", func(i *jwttest.Issuer) string {
			return i.Token(map[string]any{"nonce": "n", "c_hash": "h"}, jwttest.Type("application/at+jwt"))
		}, nil, refused, []string{"none accepts it", "send the access token", "?   exp"}},
		{"not of RFC 9068", func(i *jwttest.Issuer) string { return i.Token(nil, jwttest.Type("at+jwt")) },
			[]string{"-audience", jwttest.Audience, "-profile", "RFC9068"}, refused, []string{
				"reason missing_claim", "NO  claims     got sub, iat, wanted sub, client_id, iat, jti", `Profile: ""`, "With such a Config it would pass."}},
		{"no audience but a client", claims(map[string]any{"aud": nil, "azp": "app"}), nil, refused,
			[]string{`Clients: []string{"app"}, Audiences: nil`, "With such a Config it would pass."}},
		{"neither audience nor client", claims(map[string]any{"aud": nil}), nil, refused, []string{"names neither", "ok  signature", "which stops at aud"}},
		{"another client", claims(map[string]any{"client_id": "app", "aud": nil}), []string{"-clients", "web, cli"}, refused,
			[]string{"reason wrong_client", `Clients: []string{"web", "cli", "app"}`, "ok  aud        got none, wanted none"}},
		{"an audience where clients alone are wanted", claims(map[string]any{"client_id": "web"}), []string{"-clients", "web"}, refused,
			[]string{"reason wrong_audience", "NO  aud        got \"https://api.test\", wanted none", `Audiences: []string{"https://api.test"}`, "With such a Config it would pass."}},
		{"an audience without a name where clients alone are wanted", claims(map[string]any{"client_id": "web", "aud": ""}), []string{"-clients", "web"}, refused,
			[]string{"reason wrong_audience", "fill it in or leave it out", "which stops at aud"}},
		{"no client but an audience", claims(nil), []string{"-clients", "web"}, refused,
			[]string{"reason wrong_audience", `Audiences: []string{"https://api.test"}, Clients: nil`, "With such a Config it would pass."}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) { synctest.Test(t, row.test) })
	}
}

func TestWhatEndsTheSearch(t *testing.T) {
	rows := []trialRow{
		{"alg none", func(i *jwttest.Issuer) string { return i.Token(nil, jwttest.Unsigned()) }, nil, refused,
			[]string{"reason wrong_algorithm", "an unsigned token proves nothing", "?   text", "?   iss", "could not be tried",
				"-   client     not asked for", "-   claims     not asked for"}},
		{"a public key as a secret", func(i *jwttest.Issuer) string {
			return i.Token(nil, jwttest.HMAC("HS256", i.PublicKeyPEM("RS256")))
		}, nil, refused, []string{"HMAC needs a Secret", "?   signature"}},
		{"a key that is not in the set", func(i *jwttest.Issuer) string { return i.Token(nil, jwttest.KeyID("gone")) }, nil, refused,
			[]string{"reason unknown_key", "was taken out of the set", "NO  key", "?   signature"}},
		{"a key that was skipped", func(i *jwttest.Issuer) string {
			i.Publish(json.RawMessage(`{"kty":"RSA","use":"enc","kid":"enc","n":"AQAB","e":"AQAB"}`))
			return i.Token(nil, jwttest.KeyID("enc"))
		}, nil, refused, []string{"reason unknown_key", `kid      "enc"`, "skipped  1 because of use", "among the skipped ones"}},
		{"no kid and two keys", func(i *jwttest.Issuer) string {
			i.Rotate("RS256")
			return i.Token(nil, jwttest.Header(map[string]any{"kid": nil}))
		}, nil, refused, []string{"reason unknown_key", "has to name the key", "for want of a kid"}},
		{"a key for another algorithm", func(i *jwttest.Issuer) string { return i.Token(nil, jwttest.KeyID(i.KeyID("ES256"))) }, nil, refused,
			[]string{"reason wrong_algorithm", "ok  alg", "NO  key"}},
		{"a changed payload", func(i *jwttest.Issuer) string {
			s := strings.Split(i.Token(map[string]any{"sub": "mallory"}), ".")
			return s[0] + "." + s[1] + "." + strings.Split(i.Token(nil), ".")[2]
		}, nil, refused, []string{"reason bad_signature", "NO  signature", "changed after it was signed"}},
		{"a signature that was cut off", func(i *jwttest.Issuer) string {
			s := strings.Split(i.Token(nil), ".")
			return s[0] + "." + s[1] + "."
		}, nil, refused, []string{"reason bad_signature", "has no signature", "NO  text", "?   exp", "?   key", "?   signature"}},
		{"a duplicate claim", func(i *jwttest.Issuer) string {
			return i.Sign("RS256", []byte(`{"alg":"RS256"}`), []byte(`{"iss":"a","iss":"b"}`))
		}, nil, refused, []string{"reason malformed_token", `payload  iss: "a"`, `payload  iss: "b"`, "NO  text", "?   iss"}},
		{"crit", func(i *jwttest.Issuer) string {
			return i.Token(nil, jwttest.Header(map[string]any{"crit": []string{"b64"}}))
		}, nil, refused,
			[]string{"reason unsupported_header", "NO  text", "-   client     not asked for", "-   claims     not asked for"}},
		{"a date beyond all calendars", claims(map[string]any{"exp": 1e300}), nil, refused,
			[]string{"reason malformed_claims", "NO  text", "?   exp        got 1e+300"}},
		{"a typ that no Config takes", func(i *jwttest.Issuer) string { return i.Token(nil, jwttest.Type("at+jwt; v=1")) }, nil, refused,
			[]string{"without parameters"}},
		{"an empty typ", func(i *jwttest.Issuer) string { return i.Token(nil, jwttest.Type("")) }, nil, refused, []string{"there and empty"}},
		{"too long", claims(map[string]any{"x": strings.Repeat("x", 20_000)}), nil, refused, []string{"reason token_too_long", "(20002 octets)"}},
		{"an opaque token", fixed("0123456789abcdef"), nil, refused, []string{"an opaque token", "reason malformed_token", "-   client     not asked for", "by its audience or resource"}},
		{"an encrypted token", fixed("e30.e30.e30.e30.e30"), nil, refused, []string{"a JWE"}},
		{"two segments", fixed("e30.e30"), nil, refused, []string{"2 segments, want 3"}},
		{"neither part to be read", fixed("e*0.W10.AA"), nil, refused,
			[]string{"  unread   header: illegal base64", "\n  unread   payload: no JSON object\n"}},
		{"payload no object", fixed("e30.W10.AA"), nil, refused, []string{"unread   payload: no JSON object"}},
		{"no base64url", fixed("\x1b[31m.\x1b]0;title\x07.\u009b2J"), nil, refused, []string{"reason malformed_token"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) { synctest.Test(t, row.test) })
	}
}

// TestNothingCommandsTheTerminal holds a token whose every text tries.
func TestNothingCommandsTheTerminal(t *testing.T) {
	const hostile = "a\u009b31m\u007f\u202e\u2028b"
	payload, err := json.Marshal(map[string]any{"iss": hostile, "aud": hostile, "exp": 1, hostile: hostile})
	if err != nil {
		t.Fatal(err)
	}
	row := trialRow{"", func(i *jwttest.Issuer) string {
		i.Publish(json.RawMessage(`{"kid":"` + hostile + `"}`))
		return i.Sign("RS256", []byte(`{"alg":"RS256","kid":"`+hostile+`\u001b","typ":"`+hostile+`"}`), payload)
	}, nil, refused, []string{`a\u009b31m\x7f\u202e`}}
	row.test(t)
}

func (row trialRow) test(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	token := row.token(issuer) // may change the key set
	args := append([]string{"-jwks", written(t, string(issuer.JWKS())), "-issuer", issuer.URL()}, row.args...)
	if row.args == nil {
		args = append(args, "-audience", jwttest.Audience)
	}
	holds(t, args, token, row.status, row.want)
}

// holds runs the program and looks at what every output has to keep to. What
// keeps it from a verdict stands on standard error, everything else does not.
func holds(t *testing.T, args []string, token string, status int, want []string) (output string) {
	t.Helper()
	var out, errs strings.Builder
	if got := run(args, strings.NewReader(token), &out, &errs); got != status {
		t.Errorf("got exit status %d, want %d", got, status)
	}
	if said := strings.HasPrefix(errs.String(), "inspect: "); said != (status == unable) || strings.Contains(out.String(), "inspect: ") {
		t.Errorf("got %q on standard error, want an error there and nowhere else, if exit status is %d", errs.String(), unable)
	}
	out.WriteString(errs.String())
	for _, text := range want {
		if !strings.Contains(out.String(), text) {
			t.Errorf("got no %q", text)
		}
	}
	for _, c := range out.String() {
		if c != '\n' && c != '\t' && !unicode.IsPrint(c) {
			t.Errorf("got %q in the output, want printable characters alone", c)
		}
	}
	if t.Failed() {
		t.Logf("the output was:\n%s", printableLines(out.String()))
	}
	return out.String()
}

func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n")
}

func claims(members map[string]any) func(*jwttest.Issuer) string {
	return func(i *jwttest.Issuer) string { return i.Token(members) }
}

func fixed(token string) func(*jwttest.Issuer) string {
	return func(*jwttest.Issuer) string { return token }
}
