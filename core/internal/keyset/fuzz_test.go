package keyset

import (
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// FuzzParse: no document makes the reader panic, and what it takes is a key that the rules allow and that go-jose reads
// as the same key.
func FuzzParse(f *testing.F) {
	for _, document := range badDocuments() {
		if len(document) < 1<<14 {
			f.Add(document)
		}
	}
	for _, odd := range oddities(f) {
		if len(odd.jwk) < 1<<14 {
			f.Add(setText(odd.jwk, jwkText(ecMembers("neighbour"))))
		}
	}
	f.Add(setText(jwkText(rsaMembers("r")), jwkText(rsaMembers("r"), "alg", "PS256"), jwkText(okpMembers("ed"))))
	f.Fuzz(func(t *testing.T, document string) {
		set, err := Parse([]byte(document), Limits{})
		if err != nil {
			return
		}
		if set.Len() == 0 {
			t.Fatal("got a set without a key and no error")
		}
		for kid, e := range set.byKid {
			if kid == "" || kid != e.kid {
				t.Fatalf("got kid %q under %q", e.kid, kid)
			}
			wantAllowed(t, e)
		}
		for _, e := range set.kidless {
			wantAllowed(t, e)
		}
		_ = eachJWK([]byte(document), func(text string) error {
			if _, cause := parseJWK(text); cause == "" {
				wantHarmless(t, text)
				wantSameAsGoJose(t, text)
			}
			return nil
		})
	})
}

func wantAllowed(t *testing.T, e entry) {
	t.Helper()
	if len(e.algorithms) == 0 {
		t.Fatal("got a key without an algorithm")
	}
	for _, alg := range e.algorithms {
		if !alg.Known() || alg.Symmetric() || !e.key.Fits(alg) {
			t.Fatalf("got a key for %q", alg)
		}
	}
}

// wantHarmless reads the JWK once more, its own way.
func wantHarmless(t *testing.T, text string) {
	t.Helper()
	err := jws.ReadObject(text, func(name string, value jws.Value) error {
		switch name {
		case "d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv":
			t.Fatalf("got a key with %q", name)
		case "use":
			if use, ok := value.Text(); !ok || use != "sig" {
				t.Fatalf("got a key with use %s", value)
			}
		case "kty":
			if kty, _ := value.Text(); kty != "RSA" && kty != "EC" && kty != "OKP" && !(kty == "AKP" && jws.MLDSA44.Known()) {
				t.Fatalf("got a key of type %s", value)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("got a key from %v", err)
	}
}

// FuzzParsePEM: no text makes the reader panic, it takes no file without a key, and each key stands between two boundaries.
func FuzzParsePEM(f *testing.F) {
	rsaPEM, ecPEM := pkixPEM(f, rsaPair().Public()), pkixPEM(f, keyOf("a"))
	f.Add(rsaPEM + ecPEM)
	f.Add("Bag Attributes\r\n" + rsaPEM + "\nsubject=a -- b\n" + ecPEM + "END")
	f.Add(rsaPEM[1:] + ecPEM)
	f.Add(pemOf("CERTIFICATE", certificateOf(f, rsaPair())) + pemOf("PRIVATE KEY", []byte("x")))
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := ParsePEM([]byte(text))
		if (err == nil) != (len(keys) > 0) {
			t.Fatalf("got %d keys and %v", len(keys), err)
		}
		if begins, ends := strings.Count(text, "-----BEGIN "), strings.Count(text, "-----END "); err == nil && (begins != len(keys) || ends != len(keys)) {
			t.Fatalf("got %d keys of %d first lines and %d last ones", len(keys), begins, ends)
		}
	})
}
