package jws

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// rfcExample is one file of testdata/rfc: what an RFC prints.
type rfcExample struct {
	Section   string
	Algorithm Algorithm
	Refused   bool
	Key       json.RawMessage
	Token     string
}

func TestRFCExamples(t *testing.T) {
	paths, err := filepath.Glob("testdata/rfc/*.json")
	if err != nil || len(paths) != 13 {
		t.Fatalf("got %d examples, %v; want 13", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			example := readExample(t, path)
			key := keyOfJWK(t, example.Key)
			_, err := check(example.Token, key, allAlgorithms...)
			if example.Refused && !errors.Is(err, errNotAllowed) && !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrCritical) {
				t.Errorf("%s: got %v, want a refusal", example.Section, err)
			}
			if !example.Refused && err != nil {
				t.Errorf("%s: got %v, want acceptance", example.Section, err)
			}
			for _, alg := range allAlgorithms {
				if _, err := check(example.Token, key, alg); err == nil && alg != example.Algorithm {
					t.Errorf("%s: got acceptance as %s, want as %s alone", example.Section, alg, example.Algorithm)
				}
			}
		})
	}
}

// The example of an unsecured JWS is well-formed, but nothing takes its
// algorithm, and no key its empty signature.
func TestRFC7515UnsecuredHeader(t *testing.T) {
	example := readExample(t, "testdata/rfc/rfc7515-a.5.json")
	text, err := AppendDecode(nil, example.Token[:strings.IndexByte(example.Token, '.')])
	if err != nil {
		t.Fatal(err)
	}
	header, err := ParseHeader(string(text))
	if err != nil || header.Algorithm != "none" || header.Algorithm.Known() {
		t.Errorf("got %+v, %v, want an unknown algorithm", header, err)
	}
	key := keyOfJWK(t, example.Key)
	if err := key.Verify(header.Algorithm, example.Token, nil); !errors.Is(err, ErrAlgorithm) {
		t.Errorf("got %v, want ErrAlgorithm", err)
	}
}

// The example of an unencoded payload is detached, which ends it in Split. Its
// header is refused as well.
func TestRFC7797UnencodedHeader(t *testing.T) {
	example := readExample(t, "testdata/rfc/rfc7797-4.2.json")
	text, err := AppendDecode(nil, example.Token[:strings.IndexByte(example.Token, '.')])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseHeader(string(text)); !errors.Is(err, ErrCritical) {
		t.Errorf("got %v, want ErrCritical", err)
	}
}

func readExample(t *testing.T, path string) rfcExample {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var example rfcExample
	if err := json.Unmarshal(data, &example); err != nil {
		t.Fatal(err)
	}
	return example
}

func keyOfJWK(t *testing.T, data []byte) *Key {
	t.Helper()
	var jwk jose.JSONWebKey
	if err := jwk.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	if secret, ok := jwk.Key.([]byte); ok {
		return mustKey(t, Secret(secret))
	}
	return mustKey(t, jwk.Key)
}
