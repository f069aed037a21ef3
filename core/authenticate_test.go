package core_test

import (
	"errors"
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
	} {
		_, err := v.Verify(t.Context(), test.token)
		cause := errors.Unwrap(err)
		if reasonOf(err) != test.reason || cause == nil || !strings.Contains(cause.Error(), test.cause) {
			t.Errorf("%s: got %q, %v, want %q, %q", test.name, reasonOf(err), cause, test.reason, test.cause)
		}
		if got := out.requests.Load(); got != 0 {
			t.Fatalf("%s: got %d requests, want none", test.name, got)
		}
	}
}
