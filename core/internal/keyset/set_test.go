package keyset

import (
	"testing"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

func mustParse(t testing.TB, document string) *Set {
	t.Helper()
	set, err := Parse([]byte(document), Limits{})
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return set
}

func TestSetKey(t *testing.T) {
	plain := setText(
		jwkText(ecMembers("a")), jwkText(rsaMembers("r")),
		jwkText(rsaMembers("pinned"), "alg", "PS256"), jwkText(okpMembers("ed"), "alg", "EdDSA"),
	)
	nameless := setText(jwkText(ecMembers("a"), "kid", nil), jwkText(rsaMembers("r")))
	tests := []struct {
		name     string
		document string
		kid      string
		hasKid   bool
		alg      jws.Algorithm
		want     string
	}{
		{"known", plain, "a", true, jws.ES256, found},
		{"one RSA key, any of its algorithms", plain, "r", true, jws.PS512, found},
		{"A06c kid of another key", plain, "r", true, jws.ES256, wrong},
		{"A06c unknown kid gets no other key", plain, "b", true, jws.ES256, unknown},
		{"A06 kid of another case", plain, "A", true, jws.ES256, unknown},
		{"A04 PS256 key under RS256", plain, "pinned", true, jws.RS256, wrong},
		{"A04 PS256 key under PS256", plain, "pinned", true, jws.PS256, found},
		{"A04 EdDSA key under Ed25519", plain, "ed", true, jws.Ed25519, wrong},
		{"A03 HS256 under an RSA key", plain, "r", true, jws.HS256, wrong},
		{"A01 unknown algorithm", plain, "a", true, "none", wrong},
		{"no kid, one fits", plain, "", false, jws.ES256, found},
		{"no kid, the same material under two kids", plain, "", false, jws.PS256, found},
		{"no kid, none fits", plain, "", false, jws.ES384, unknown},
		{"A06d no kid, several fit", kids("a", "b"), "", false, jws.ES256, ambiguous},
		{"a key without kid serves a token without", nameless, "", false, jws.ES256, found},
		{"a key without kid serves no token with", nameless, "a", true, jws.ES256, unknown},
		{"an empty kid is nobody's", setText(jwkText(ecMembers("a"), "kid", "")), "", true, jws.ES256, unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := verdict(mustParse(t, tt.document).Key(tt.kid, tt.hasKid, tt.alg))
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestSetDuplicateKid(t *testing.T) {
	stranger := jwkText(ecMembers("stranger"), "kid", "a")
	tests := []struct {
		name    string
		jwks    []string
		alg     jws.Algorithm
		want    string
		skipped int
	}{
		{"A22 different keys", []string{jwkText(ecMembers("a")), stranger}, jws.ES256, unknown, 2},
		{"A22 a third of that kid", []string{jwkText(ecMembers("a")), stranger, jwkText(ecMembers("a"))}, jws.ES256, unknown, 3},
		{"A22 different types", []string{jwkText(ecMembers("a")), jwkText(rsaMembers("a"))}, jws.ES256, unknown, 2},
		{"A22 the same key", []string{jwkText(ecMembers("a")), jwkText(ecMembers("a"))}, jws.ES256, found, 0},
		{"A22 the same key, one algorithm each: the first", []string{jwkText(rsaMembers("a"), "alg", "RS256"), jwkText(rsaMembers("a"), "alg", "PS256")}, jws.RS256, found, 0},
		{"A22 the same key, one algorithm each: the second", []string{jwkText(rsaMembers("a"), "alg", "RS256"), jwkText(rsaMembers("a"), "alg", "PS256")}, jws.PS256, found, 0},
		{"A22 the same key, one algorithm each: no third", []string{jwkText(rsaMembers("a"), "alg", "RS256"), jwkText(rsaMembers("a"), "alg", "PS256")}, jws.RS512, wrong, 0},
		{"A22 beside an unusable one", []string{jwkText(ecMembers("a")), jwkText(rsaMembers("a"), "use", "enc")}, jws.ES256, found, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := mustParse(t, setText(append(tt.jwks, jwkText(ecMembers("other")))...))
			if got := verdict(set.Key("a", true, tt.alg)); got != tt.want {
				t.Errorf("kid a: got %s, want %s", got, tt.want)
			}
			if got := set.Skipped()[causeDuplicateKid]; got != tt.skipped {
				t.Errorf("got %d skipped as %s, want %d", got, causeDuplicateKid, tt.skipped)
			}
			if got := verdict(set.Key("other", true, jws.ES256)); got != found {
				t.Errorf("its neighbour: got %s, want %s", got, found)
			}
		})
	}
}

func TestSetHandsOutCopies(t *testing.T) {
	set := mustParse(t, setText(jwkText(ecMembers("a")), jwkText(rsaMembers("enc"), "use", "enc")))
	set.Skipped()[causeUse] = 99
	if got := set.Skipped()[causeUse]; got != 1 {
		t.Errorf("got %d skipped, want 1 whatever a caller does to the map", got)
	}
}

func TestSetKeyAllocatesNothing(t *testing.T) {
	set := mustParse(t, kids("a", "b"))
	for name, hasKid := range map[string]bool{"with kid": true, "without": false} {
		if got := testing.AllocsPerRun(100, func() { _, _ = set.Key("a", hasKid, jws.ES256) }); got != 0 {
			t.Errorf("%s: got %v allocations, want 0", name, got)
		}
	}
}
