package core_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// What cannot pass is refused for what is wrong with it, before it costs a fetch.
func TestRefusedBeforeAFetch(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	out := &outbound{to: issuer}
	v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.JWKS{URL: issuer.JWKSURL(), Fetch: core.Fetch{Client: out.client()}}})
	part := strings.Split(issuer.Token(nil), ".")
	for _, test := range []struct {
		name, token string
		reason      core.Reason
		cause       string
	}{
		{"no signature", part[0] + "." + part[1] + ".", core.ReasonBadSignature, "signature does not verify"},
		{"a signature that is no base64url", part[0] + "." + part[1] + "." + part[2] + "=", core.ReasonMalformedToken, "strict base64url"},
		{"a payload that is no base64url", part[0] + "." + part[1] + "=." + part[2], core.ReasonMalformedToken, "strict base64url"},
		{"a header that is no base64url", part[0] + "=." + part[1] + "." + part[2], core.ReasonMalformedToken, "strict base64url"},
		{"two segments", part[0] + "." + part[1], core.ReasonMalformedToken, "number of segments"},
		{"bound to a key", issuer.Token(map[string]any{"cnf": map[string]any{"jkt": strings.Repeat("A", 43)}}), core.ReasonSenderConstraint, "Verify sees no request"},
		{"bound to a certificate", issuer.Token(map[string]any{"cnf": map[string]any{"x5t#S256": strings.Repeat("A", 43)}}), core.ReasonSenderConstraint, "Verify sees no request"},
		{"expired", issuer.Token(map[string]any{"exp": 1}), core.ReasonExpired, "exp"},
		{"another audience", issuer.Token(map[string]any{"aud": "x"}), core.ReasonWrongAudience, "aud"},
		{"another issuer", issuer.Token(map[string]any{"iss": "x"}), core.ReasonWrongIssuer, "iss"},
		{"another type", issuer.Token(nil, jwttest.Type("x")), core.ReasonWrongType, "typ"},
		{"an algorithm that is not pinned", issuer.Token(nil, jwttest.Algorithm("ES512")), core.ReasonWrongAlgorithm, "alg"},
		{"a bound token, by a guard", "", core.ReasonSenderConstraint, "DPoP is not in force"},
	} {
		_, err := v.Verify(t.Context(), test.token)
		if test.token == "" {
			token := issuer.Token(map[string]any{"cnf": map[string]any{"jkt": strings.Repeat("A", 43)}})
			_, err = core.Guard{Verifier: v}.Check(t.Context(), get("Authorization", "Bearer "+token))
		}
		cause := errors.Unwrap(err)
		if reasonOf(err) != test.reason || cause == nil || !strings.Contains(cause.Error(), test.cause) {
			t.Errorf("%s: got %q, %v, want %q, %q", test.name, reasonOf(err), cause, test.reason, test.cause)
		}
		if got := out.requests.Load(); got != 0 {
			t.Fatalf("%s: got %d requests, want none", test.name, got)
		}
	}
}

// The log names every issuer that would have done, and that there are tenants.
func TestWrongIssuerBesideTenants(t *testing.T) {
	_, err := newEstate().verifier(t, nil).Verify(t.Context(), jwttest.NewIssuer("https://stranger.test").Token(nil))
	if cause := errors.Unwrap(err); reasonOf(err) != core.ReasonWrongIssuer || cause == nil || !strings.Contains(cause.Error(), "a tenant that Allow admits") {
		t.Errorf("got %q, %v, want %q and what would have done", reasonOf(err), cause, core.ReasonWrongIssuer)
	}
}

// Several issuers pin the same algorithms, and whoever reads the cause reads each once.
func TestCauseNamesEachAlgorithmOnce(t *testing.T) {
	a, b := jwttest.NewIssuer("https://a.test"), jwttest.NewIssuer("https://b.test")
	var configs []core.Config
	for _, issuer := range []*jwttest.Issuer{a, b} {
		configs = append(configs, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.JWKSDocument(issuer.JWKS())})
	}
	v, err := core.New(configs...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Verify(t.Context(), a.Token(nil, jwttest.Unsigned()))
	if got, want := fmt.Sprint(errors.Unwrap(err)), `"alg": got "none", want RS256 or ES256`; got != want {
		t.Errorf("got the cause %s, want %s", got, want)
	}
}
