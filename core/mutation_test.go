package core_test

import (
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// No single bit of a token can be another: neither of its octets nor of its text.
func TestMutations(t *testing.T) {
	s := newStage(t, nil, core.RS256, core.ES256, core.EdDSA)
	hmac := mustNew(t, core.Config{Issuer: s.URL(), Audiences: []string{jwttest.Audience}, Keys: core.Secret(s.Secret("HS256"))})
	for alg, v := range map[string]*core.Verifier{"RS256": s.verifier, "ES256": s.verifier, "EdDSA": s.verifier, "HS256": hmac} {
		t.Run(alg, func(t *testing.T) {
			token := s.Token(nil, jwttest.Algorithm(alg))
			if _, err := v.Verify(t.Context(), token); err != nil {
				t.Fatalf("got %q, want the token itself to pass", reasonOf(err))
			}
			mustRefuseFlips(t, v, []byte(token), func(text []byte) string { return string(text) })
			parts := strings.Split(token, ".")
			for n := range parts {
				var octets [3][]byte
				for i, part := range parts {
					octets[i] = mustDecode(part)
				}
				mustRefuseFlips(t, v, octets[n], func([]byte) string { return jwttest.Compact(octets[0], octets[1], octets[2]) })
			}
		})
	}
}

// mustRefuseFlips flips each bit of text in turn.
func mustRefuseFlips(t *testing.T, v *core.Verifier, text []byte, token func([]byte) string) {
	t.Helper()
	for i := range text {
		for bit := range 8 {
			text[i] ^= 1 << bit
			mutant := token(text)
			if c, err := v.Verify(t.Context(), mutant); err == nil || c != nil {
				t.Errorf("got %q accepted with octet %d, bit %d flipped", mutant, i, bit)
			}
			text[i] ^= 1 << bit
		}
	}
}
