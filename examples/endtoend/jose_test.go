package endtoend

import (
	"encoding/json"
	"testing"

	"github.com/jwtmw/jwtmw/core"
)

func TestTokensOfJose(t *testing.T) {
	const issuer = "https://jose.example.com"
	output, err := node(t, "mint.mjs", issuer, api).Output()
	if err != nil {
		t.Fatal(err)
	}
	var minted struct {
		JWKS    json.RawMessage
		Tokens  map[core.Algorithm]string
		Hostile map[string]string
	}
	if err := json.Unmarshal(output, &minted); err != nil {
		t.Fatal(err)
	}
	algorithms := []core.Algorithm{core.RS256, core.PS256, core.ES256, core.ES384, core.EdDSA}
	verifier, err := core.New(core.Config{
		Issuer:     issuer,
		Keys:       core.JWKSDocument(minted.JWKS),
		Audiences:  []string{api},
		Algorithms: algorithms,
	})
	if err != nil {
		t.Fatal(err)
	}

	for _, algorithm := range algorithms {
		t.Run(string(algorithm), func(t *testing.T) {
			claims, err := verifier.Verify(t.Context(), minted.Tokens[algorithm])
			if err != nil {
				t.Fatalf("got %v, want claims", core.RefusalOf(err).Unwrap())
			}
			if claims.Subject != "jose" || claims.Header.Algorithm != algorithm {
				t.Errorf("got subject %q by %s, want jose by %s", claims.Subject, claims.Header.Algorithm, algorithm)
			}
		})
	}
	for name, want := range map[string]core.Reason{
		"no exp":                    core.ReasonMissingClaim,
		"alg none":                  core.ReasonWrongAlgorithm,
		"public key as HMAC secret": core.ReasonWrongAlgorithm,
		"key in the header":         core.ReasonBadSignature,
		"ID token":                  core.ReasonWrongType,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := verifier.Verify(t.Context(), minted.Hostile[name])
			if err == nil || core.RefusalOf(err).Reason != want {
				t.Errorf("got %v, want a refusal with reason %s", err, want)
			}
		})
	}
}
