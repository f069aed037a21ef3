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
	member := func(name string, value any) []byte {
		var d map[string]any
		_ = json.Unmarshal(good, &d)
		k := d["keys"].([]any)[0].(map[string]any)
		if other, ok := value.(string); ok && k[other] != nil {
			value = k[other]
		}
		k[name] = value
		text, _ := json.Marshal(d)
		return seal(string(text))
	}
	for _, tt := range []struct {
		name     string
		document []byte
		want     string // in the error
	}{
		{"empty", []byte{}, "open the sealed document"},
		{"not sealed", good, "open the sealed document"},
		{"another seal", func() []byte { s, _ := issue.SealWith(make([]byte, 32)).Seal(t.Context(), good); return s }(), "open the sealed document"},
		{"cut", sealed[:len(sealed)-5], "open the sealed document"},
		{"one bit", func() []byte { s := bytes.Clone(sealed); s[40] ^= 1; return s }(), "open the sealed document"},
		{"no JSON", seal("hello"), "no JSON"},
		{"empty object", seal("{}"), "version 0"},
		{"no keys", seal(`{"version":1,"keys":[]}`), "no key"},
		{"another version", change(`"version":1`, `"version":2`), "version 2"},
		{"an unknown member", change(`"version":1`, `"version":1,"x":1`), "expected members"},
		{"another kid", change(`"kid":"`, `"kid":"x`), "key 1: got kid"},
		{"another algorithm", change(`"ES256"`, `"ES384"`), `key 1: got algorithm "ES384"`},
		{"an unknown algorithm", change(`"ES256"`, `"XX256"`), `key 1: got algorithm "XX256"`},
		{"no key in it", member("pkcs8", "AAAA"), "key 1: got octets that are no PKCS#8"},
		{"trailing text", seal(string(good) + "{}"), "no JSON"},
		{"ends at its start", member("until", "from"), "key 1: got from"},
		{"no start", member("from", "0001-01-01T00:00:00Z"), "key 1: got from"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := &memory{document: tt.document}
			i := newIssuer(t, ring(store))
			_, err := i.Sign(t.Context(), alice())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want an error with %q", err, tt.want)
			}
			for _, f := range []func(context.Context) error{i.Rotate, i.Replace} {
				if err := f(t.Context()); err == nil {
					t.Error("got no error, want one")
				}
			}
			if !bytes.Equal(store.document, tt.document) {
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
