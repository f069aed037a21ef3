package issue_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/issue"
)

func TestDamagedDocument(t *testing.T) {
	good := func() []byte {
		store := &memory{}
		sign(t, newIssuer(t, ring(store)))
		plain, err := sealer().Open(t.Context(), store.document)
		if err != nil {
			t.Fatal(err)
		}
		return plain
	}()
	seal := func(text string) []byte {
		sealed, err := sealer().Seal(t.Context(), []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	change := func(old, new string) []byte { return seal(strings.Replace(string(good), old, new, 1)) }
	sealed := seal(string(good))
	for name, document := range map[string][]byte{
		"empty":             {},
		"not sealed":        good,
		"another seal":      func() []byte { s, _ := issue.SealWith(make([]byte, 32)).Seal(t.Context(), good); return s }(),
		"cut":               sealed[:len(sealed)-5],
		"one bit":           func() []byte { s := bytes.Clone(sealed); s[40] ^= 1; return s }(),
		"no JSON":           seal("hello"),
		"empty object":      seal("{}"),
		"no keys":           seal(`{"version":1,"keys":[]}`),
		"another version":   change(`"version":1`, `"version":2`),
		"an unknown member": change(`"version":1`, `"version":1,"x":1`),
		"another kid":       change(`"kid":"`, `"kid":"x`),
		"another algorithm": change(`"ES256"`, `"ES384"`),
		"trailing text":     seal(string(good) + "{}"),
		"ends at its start": func() []byte {
			var d map[string]any
			_ = json.Unmarshal(good, &d)
			k := d["keys"].([]any)[0].(map[string]any)
			k["until"] = k["from"]
			text, _ := json.Marshal(d)
			return seal(string(text))
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			store := &memory{document: document}
			i := newIssuer(t, ring(store))
			_, err := i.Sign(t.Context(), alice())
			if err == nil {
				t.Fatal("got a token, want an error")
			}
			for _, f := range []func(context.Context) error{i.Rotate, i.Replace} {
				if err := f(t.Context()); err == nil {
					t.Error("got no error, want one")
				}
			}
			if !bytes.Equal(store.document, document) {
				t.Error("the document was replaced, want it as it was")
			}
			if strings.Contains(err.Error(), "pkcs8") {
				t.Errorf("got %v, want no text of the document", err)
			}
			if got := get(t, i, jwksPath).Code; got != 503 {
				t.Errorf("key set: got %d, want 503", got)
			}
		})
	}
}

// Damage while keys are in hand stops nobody.
func TestDamageLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		i := newIssuer(t, ring(store))
		before := kidOf(t, sign(t, i))
		store.set(func(m *memory) { m.document = []byte("x") })
		time.Sleep(time.Hour)
		if got := kidOf(t, sign(t, i)); got != before {
			t.Errorf("got kid %s, want %s", got, before)
		}
	})
}

func TestSealedDocumentHidesKeys(t *testing.T) {
	store := &memory{}
	i := newIssuer(t, ring(store))
	sign(t, i)
	plain, err := sealer().Open(t.Context(), store.document)
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Keys []struct{ PKCS8 []byte }
	}
	if err := json.Unmarshal(plain, &document); err != nil || len(document.Keys) != 1 {
		t.Fatalf("got %v and %d keys, want one", err, len(document.Keys))
	}
	der := document.Keys[0].PKCS8
	if _, err := x509.ParsePKCS8PrivateKey(der); err != nil {
		t.Fatal(err)
	}
	for _, window := range [][]byte{der[40:56], []byte(base64.StdEncoding.EncodeToString(der)[40:60]), []byte("pkcs8"), []byte(i.Stats()[0].ID), fmt.Appendf(nil, "%x", der[40:50])} {
		if bytes.Contains(store.document, window) {
			t.Errorf("got %q in the sealed document, want nothing of the plain one", window)
		}
	}
}
