package issue_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// mldsaAlgorithms are those of RFC 9964, and whether this program was built with a Go that knows them.
func mldsaAlgorithms() (algorithms []core.Algorithm, known bool) {
	return []core.Algorithm{core.MLDSA44, core.MLDSA65, core.MLDSA87}, slices.Contains(jwttest.Algorithms(), string(core.MLDSA44))
}

// Every kind of Keys signs with them, and the published key verifies.
func TestMLDSA(t *testing.T) {
	algorithms, known := mldsaAlgorithms()
	if !known {
		t.Skip("built with a Go before 1.27")
	}
	for _, algorithm := range algorithms {
		private := jwttest.NewIssuer("").PrivateKey(string(algorithm))
		dir := t.TempDir()
		write(t, filepath.Join(dir, "2000-01-01.pem"), pemOf(t, private))
		r := ring(&memory{})
		r.Algorithm = algorithm
		for name, keys := range map[string]issue.Keys{
			"Ring": r, "KeyDir": issue.KeyDir(dir), "in hand": issue.Signers{{Key: private, Algorithm: algorithm}},
			"elsewhere": issue.Signers{{Key: kms{Signer: private}, Algorithm: algorithm}},
		} {
			t.Run(string(algorithm)+" "+name, func(t *testing.T) {
				i := newIssuer(t, keys)
				token := sign(t, i)
				if got := segment(t, token, 0)["alg"]; got != string(algorithm) {
					t.Errorf("got alg %v, want %s", got, algorithm)
				}
				if _, err := verify(t, i, token, algorithm); err != nil {
					t.Errorf("got %v, want claims", core.RefusalOf(err).Unwrap())
				}
				v, err := core.New(i.Config(api))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := v.Verify(t.Context(), token); err != nil {
					t.Errorf("in process: got %v, want claims", core.RefusalOf(err).Unwrap())
				}
			})
		}
	}
}

// A key of one set does not sign under the name of another.
func TestMLDSAOfAnotherSet(t *testing.T) {
	if _, known := mldsaAlgorithms(); !known {
		t.Skip("built with a Go before 1.27")
	}
	key := jwttest.NewIssuer("").PrivateKey("ML-DSA-44")
	_, err := issue.New(issue.Config{Issuer: "https://issuer.test", Keys: issue.Signers{{Key: key, Algorithm: core.MLDSA65}}})
	if err == nil || !strings.Contains(err.Error(), `["ML-DSA-44"]`) {
		t.Errorf("got %v, want an error that names ML-DSA-44", err)
	}
}

// A program of an older Go makes no such key, and takes no document that has one.
func TestMLDSANeedsGo127(t *testing.T) {
	algorithms, known := mldsaAlgorithms()
	if known {
		t.Skip("built with Go 1.27 or later")
	}
	for _, algorithm := range algorithms {
		r := ring(&memory{})
		r.Algorithm = algorithm
		_, err := issue.New(issue.Config{Issuer: "https://issuer.test", Keys: r})
		if err == nil || !strings.Contains(err.Error(), "Ring.Algorithm is "+`"`+string(algorithm)+`", which needs a program built with Go 1.27`) {
			t.Errorf("%s: got %v, want an error that names Go 1.27", algorithm, err)
		}
		store := issue.FileStore(filepath.Join(t.TempDir(), "ring"))
		document := `{"version":1,"keys":[{"kid":"a","alg":"` + string(algorithm) + `","from":"2000-01-01T00:00:00Z","until":"2100-01-01T00:00:00Z","pkcs8":"AAAA"}]}`
		if _, err := store.Swap(t.Context(), nil, []byte(document)); err != nil {
			t.Fatal(err)
		}
		i := newIssuer(t, issue.Ring{Store: store})
		if err := i.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "built with Go 1.27") {
			t.Errorf("%s in the document: got %v, want an error that names Go 1.27", algorithm, err)
		}
	}
}
