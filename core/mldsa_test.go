package core_test

import (
	"encoding/base64"
	"encoding/json"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// mldsaAlgorithms are those of RFC 9964 where this program knows them.
func mldsaAlgorithms() []core.Algorithm {
	return slices.DeleteFunc([]core.Algorithm{core.MLDSA44, core.MLDSA65, core.MLDSA87}, func(a core.Algorithm) bool {
		return !slices.Contains(jwttest.Algorithms(), string(a))
	})
}

// A program of an older Go says at start-up what it lacks.
func TestMLDSANeedsGo127(t *testing.T) {
	if len(mldsaAlgorithms()) > 0 {
		t.Skip("built with Go 1.27 or later")
	}
	for _, alg := range []core.Algorithm{core.MLDSA44, core.MLDSA65, core.MLDSA87} {
		_, err := core.New(core.Config{Issuer: "https://issuer.test", Audiences: []string{"api"}, Algorithms: []core.Algorithm{core.RS256, alg}})
		if err == nil || !strings.Contains(err.Error(), `"`+string(alg)+`", which needs a program built with Go 1.27`) || !strings.Contains(err.Error(), runtime.Version()) {
			t.Errorf("%s: got %v, want an error that names Go 1.27 and %s", alg, err, runtime.Version())
		}
	}
}

// A proof brings its key and a signature, which together would take no header that servers let pass.
func TestMLDSAInNoProof(t *testing.T) {
	config := jwttest.NewIssuer("").Config()
	config.DPoP = core.DPoP{URLs: []string{"https://api.test"}, Algorithms: []core.Algorithm{core.MLDSA44}}
	if _, err := core.New(config); err == nil || !strings.Contains(err.Error(), "DPoP.Algorithms holds") {
		t.Errorf("got %v, want an error that names DPoP.Algorithms", err)
	}
}

func TestMLDSA(t *testing.T) {
	for _, alg := range mldsaAlgorithms() {
		t.Run(string(alg), func(t *testing.T) {
			issuer := jwttest.NewIssuer("")
			for _, a := range append(mldsaAlgorithms(), core.ES256) {
				issuer.KeyID(string(a))
			}
			config := issuer.Config()
			config.Algorithms = []core.Algorithm{alg}
			v, byDefault := mustNew(t, config), mustNew(t, issuer.Config())
			good := issuer.Token(nil, jwttest.Algorithm(string(alg)))
			if c, err := v.Verify(t.Context(), good); err != nil || c.Header.Algorithm != alg {
				t.Errorf("pinned: got %v, want acceptance", err)
			}
			if _, err := byDefault.Verify(t.Context(), good); reasonOf(err) != core.ReasonWrongAlgorithm {
				t.Errorf("by default: got %q, want %q", reasonOf(err), core.ReasonWrongAlgorithm)
			}
			for _, other := range append(mldsaAlgorithms(), core.ES256) {
				token := issuer.Token(nil, jwttest.Algorithm(string(other)), jwttest.Header(map[string]any{"alg": string(alg)}))
				if _, err := v.Verify(t.Context(), token); (err == nil) != (other == alg) {
					t.Errorf("alg %s in the header of a token of %s: got %v", alg, other, err)
				}
			}
			flipBits(t, v, good)
		})
	}
}

// flipBits holds that no bit of a token's signature is idle: one in each 64th octet, to keep the test short.
func flipBits(t *testing.T, v *core.Verifier, token string) {
	t.Helper()
	end := strings.LastIndexByte(token, '.') + 1
	signature, err := base64.RawURLEncoding.DecodeString(token[end:])
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(signature); at += 64 {
		signature[at] ^= 1 << (at / 64 % 8)
		flipped := token[:end] + base64.RawURLEncoding.EncodeToString(signature)
		if _, err := v.Verify(t.Context(), flipped); reasonOf(err) != core.ReasonBadSignature {
			t.Errorf("a bit of octet %d flipped: got %q, want %q", at, reasonOf(err), core.ReasonBadSignature)
		}
		signature[at] ^= 1 << (at / 64 % 8)
	}
}

// A key whose private half stood in the key set verifies nothing, though its public half is as good as any.
func TestMLDSAPrivateKeyInTheSet(t *testing.T) {
	for _, alg := range mldsaAlgorithms() {
		issuer := jwttest.NewIssuer("")
		issuer.KeyID("ES256")
		token := issuer.Token(nil, jwttest.Algorithm(string(alg)))
		document, err := json.Marshal(map[string]any{"keys": []json.RawMessage{issuer.PrivateJWK(string(alg)), issuer.PublicJWK("ES256")}})
		if err != nil {
			t.Fatal(err)
		}
		issuer.SetJWKS(document)
		config := issuer.Config()
		config.Algorithms = []core.Algorithm{alg, core.ES256}
		v := mustNew(t, config)
		if _, err := v.Verify(t.Context(), token); reasonOf(err) != core.ReasonUnknownKey {
			t.Errorf("%s: got %q, want %q", alg, reasonOf(err), core.ReasonUnknownKey)
		}
		if got := v.Stats()[0].Skipped["private"]; got != 1 {
			t.Errorf("%s: got %d keys skipped as private, want 1", alg, got)
		}
	}
}

func TestMLDSAInPEM(t *testing.T) {
	for _, alg := range mldsaAlgorithms() {
		issuer := jwttest.NewIssuer("")
		v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Algorithms: []core.Algorithm{alg},
			Keys: core.PEM(issuer.PublicKeyPEM(string(alg)))})
		if _, err := v.Verify(t.Context(), issuer.Token(nil, jwttest.Algorithm(string(alg)))); err != nil {
			t.Errorf("%s: got %v, want acceptance", alg, err)
		}
	}
}
