package issue_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core/issue"
)

func TestKeyDirMistakes(t *testing.T) {
	good := pemOf(t, ecKey(t))
	der, err := x509.MarshalECPrivateKey(ecKey(t))
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(ecKey(t).Public())
	if err != nil {
		t.Fatal(err)
	}
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	agreeing, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	x25519, err := x509.MarshalPKCS8PrivateKey(agreeing)
	if err != nil {
		t.Fatal(err)
	}
	const command = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "
	for _, tt := range []struct {
		name, file string
		text       []byte
		want       []string
	}{
		{"another name", "key.pem", good, []string{"key.pem", "2026-12-01.pem"}},
		{"no such day", "2026-02-30.pem", good, []string{"2026-02-30.pem"}},
		{"SEC 1", "2000-01-01.pem", pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), []string{"2000-01-01.pem", "pkcs8 -topk8", command}},
		{"PKCS#1", "2000-01-01.pem", pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: der}), []string{"2000-01-01.pem", "pkcs8 -topk8", command}},
		{"parameters", "2000-01-01.pem", pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: der}), []string{"2000-01-01.pem", "pkcs8 -topk8", command}},
		{"public", "2000-01-01.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), []string{"2000-01-01.pem", `of type "PUBLIC KEY"`, command}},
		{"encrypted", "2000-01-01.pem", pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der}), []string{"2000-01-01.pem", `of type "ENCRYPTED PRIVATE KEY"`, command}},
		{"no PEM", "2000-01-01.pem", []byte("hello"), []string{"2000-01-01.pem", "no PEM block", command}},
		{"empty", "2000-01-01.pem", nil, []string{"2000-01-01.pem", "no PEM block", command}},
		{"damaged", "2000-01-01.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der[5:]}), []string{"2000-01-01.pem", "no PKCS#8", command}},
		{"two keys", "2000-01-01.pem", slices.Concat(good, good), []string{"2000-01-01.pem", "beside"}},
		{"text before", "2000-01-01.pem", append([]byte("Bag Attributes\n"), good...), []string{"2000-01-01.pem", "beside"}},
		{"another curve", "2000-01-01.pem", pemOf(t, p224), []string{"2000-01-01.pem", "the curve P-224", command}},
		{"a key that does not sign", "2000-01-01.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: x25519}), []string{"2000-01-01.pem", "*ecdh.PrivateKey"}},
		{"too large", "2000-01-01.pem", make([]byte, 65<<10), []string{"2000-01-01.pem", "65536"}},
		{"weak", "2000-01-01.pem", pemOf(t, weak(t)), []string{"2000-01-01.pem", "rsa_size", command}},
		{"the same key again", "2001-01-01.pem", good, []string{"2001-01-01.pem", "the key of 1999-01-01.pem again"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "1999-01-01.pem"), good)
			write(t, filepath.Join(dir, tt.file), tt.text)
			i := newIssuer(t, issue.KeyDir(dir))
			err := i.Ready(t.Context())
			if err == nil {
				t.Fatal("got no error, want one")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
			if _, err := i.Sign(t.Context(), alice()); err == nil {
				t.Error("Sign: got a token, want an error")
			}
		})
	}
	t.Run("empty directory", func(t *testing.T) {
		if err := newIssuer(t, issue.KeyDir(t.TempDir())).Ready(t.Context()); err == nil || !strings.Contains(err.Error(), command) {
			t.Errorf("got %v, want the command in it", err)
		}
	})
	t.Run("one bad file", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "2000-01-01.pem"), nil)
		if err := newIssuer(t, issue.KeyDir(dir)).Ready(t.Context()); err == nil || strings.Contains(err.Error(), "got no file") {
			t.Errorf("got %v, want an error that does not miss the file", err)
		}
	})
	t.Run("the largest file", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "2000-01-01.pem"), append(good, bytes.Repeat([]byte("\n"), 64<<10-len(good))...))
		if err := newIssuer(t, issue.KeyDir(dir)).Ready(t.Context()); err != nil {
			t.Errorf("got %v, want none", err)
		}
	})
	t.Run("no directory", func(t *testing.T) {
		if err := newIssuer(t, issue.KeyDir("/nowhere")).Ready(t.Context()); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v, want os.ErrNotExist", err)
		}
	})
	t.Run("none has begun", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "2999-01-01.pem"), good)
		if err := newIssuer(t, issue.KeyDir(dir)).Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "2999-01-01") {
			t.Errorf("got %v, want the day on which the first one signs", err)
		}
	})
}
