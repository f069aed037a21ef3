package issue_test

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
)

func pemOf(t *testing.T, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// In a bubble it is the first of January 2000, midnight UTC.
func TestKeyDirSchedule(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "1999-12-01.pem"), pemOf(t, ecKey(t)))
	write(t, filepath.Join(dir, "2000-01-03.pem"), pemOf(t, ed25519Key(t)))
	write(t, filepath.Join(dir, "README"), []byte("left alone"))
	synctest.Test(t, func(t *testing.T) {
		midnight := time.Date(2000, 1, 3, 0, 0, 0, 0, time.UTC)
		i, other := newIssuer(t, issue.KeyDir(dir)), newIssuer(t, issue.KeyDir(dir))
		for _, step := range []struct {
			at     time.Time
			states string
			alg    core.Algorithm
		}{
			{midnight.Add(-24*time.Hour - time.Second), "signing", core.ES256},
			{midnight.Add(-24 * time.Hour), "signing next", core.ES256},
			{midnight.Add(-time.Nanosecond), "signing next", core.ES256},
			{midnight, "retired signing", core.EdDSA},
			{midnight.Add(20*time.Minute - time.Nanosecond), "retired signing", core.EdDSA},
			{midnight.Add(20 * time.Minute), "signing", core.EdDSA},
		} {
			time.Sleep(time.Until(step.at))
			token := sign(t, i)
			if got := segment(t, token, 0)["alg"]; got != string(step.alg) || states(i) != step.states {
				t.Errorf("%v: got %v and %q, want %s and %q", step.at, got, states(i), step.alg, step.states)
			}
			if _, err := verify(t, i, token, core.ES256, core.EdDSA); err != nil {
				t.Errorf("%v: %v", step.at, err)
			}
			if a, b := kidOf(t, token), kidOf(t, sign(t, other)); a != b {
				t.Errorf("%v: got kids %s and %s, want the replicas to agree", step.at, a, b)
			}
		}
	})
}

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
	const command = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "
	for _, tt := range []struct {
		name, file string
		text       []byte
		want       []string
	}{
		{"another name", "key.pem", good, []string{"key.pem", "2026-12-01.pem"}},
		{"no such day", "2026-02-30.pem", good, []string{"2026-02-30.pem"}},
		{"SEC 1", "2000-01-01.pem", pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), []string{"2000-01-01.pem", "pkcs8 -topk8", command}},
		{"public", "2000-01-01.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), []string{"2000-01-01.pem", command}},
		{"encrypted", "2000-01-01.pem", pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der}), []string{"2000-01-01.pem", command}},
		{"no PEM", "2000-01-01.pem", []byte("hello"), []string{"2000-01-01.pem", command}},
		{"empty", "2000-01-01.pem", nil, []string{"2000-01-01.pem", command}},
		{"damaged", "2000-01-01.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der[5:]}), []string{"2000-01-01.pem", command}},
		{"two keys", "2000-01-01.pem", append(good, good...), []string{"2000-01-01.pem", "beside"}},
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

// A mounted secret is a chain of links, and changes by one rename.
func TestKeyDirOfKubernetes(t *testing.T) {
	mount := t.TempDir()
	publish := func(version string, names ...string) {
		t.Helper()
		data := filepath.Join(mount, version)
		if err := os.Mkdir(data, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			write(t, filepath.Join(data, name), pemOf(t, ecKey(t)))
			_ = os.Remove(filepath.Join(mount, name)) // of the version before
			if err := os.Symlink(filepath.Join("..data", name), filepath.Join(mount, name)); err != nil {
				t.Fatal(err)
			}
		}
		temporary := filepath.Join(mount, "..data_tmp")
		if err := errors.Join(os.Symlink(version, temporary), os.Rename(temporary, filepath.Join(mount, "..data"))); err != nil {
			t.Fatal(err)
		}
	}
	publish("..2026_11_26_10_00_00.1", "1999-12-01.pem")
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(t, issue.KeyDir(mount))
		before := kidOf(t, sign(t, i))
		publish("..2026_11_27_10_00_00.2", "1999-12-01.pem", "2000-01-02.pem")
		if got := kidOf(t, sign(t, i)); got != before {
			t.Error("got another key at once, want the directory read once a minute")
		}
		time.Sleep(time.Minute)
		if got := kidOf(t, sign(t, i)); got == before || states(i) != "signing next" {
			t.Errorf("after a minute: got kid %s and %q, want the new files", got, states(i))
		}
	})
}

// A broken edit stops nobody, and is told once.
func TestKeyDirBrokenLater(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "1999-12-01.pem"), pemOf(t, ecKey(t)))
	synctest.Test(t, func(t *testing.T) {
		logger, text := logged()
		i := newIssuer(t, issue.KeyDir(dir), func(c *issue.Config) { c.Logger = logger })
		before := kidOf(t, sign(t, i))
		write(t, filepath.Join(dir, "2000-01-02.pem"), []byte("x"))
		for range 60 {
			time.Sleep(time.Minute)
			if got := kidOf(t, sign(t, i)); got != before {
				t.Fatalf("got kid %s, want %s", got, before)
			}
		}
		if got := strings.Count(text(), "2000-01-02.pem"); got == 0 || strings.Count(text(), "keys cannot be read") != 1 {
			t.Errorf("got log %s, want one line that names the file", text())
		}
		if err := os.Remove(filepath.Join(dir, "2000-01-02.pem")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		sign(t, i)
		if !strings.Contains(text(), "keys can be read again") {
			t.Errorf("got log %s, want a line about the recovery", text())
		}
	})
}

func TestKeyFileThatOthersMayRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "1999-12-01.pem")
	write(t, path, pemOf(t, ecKey(t)))
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		logger, text := logged()
		i := newIssuer(t, issue.KeyDir(dir), func(c *issue.Config) { c.Logger = logger })
		for range 5 {
			sign(t, i)
			time.Sleep(time.Minute)
		}
		if got := strings.Count(text(), "key file may be read by others"); got != 1 || !strings.Contains(text(), path) {
			t.Errorf("got %d lines, want 1 that names the file:\n%s", got, text())
		}
	})
}

// The commands of the package comment make files that work.
func TestOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("no openssl here: ", err)
	}
	for algorithm, args := range map[core.Algorithm][]string{
		core.ES256: {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"},
		core.ES384: {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"},
		core.EdDSA: {"-algorithm", "ed25519"},
		core.RS256: {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"},
	} {
		t.Run(string(algorithm), func(t *testing.T) {
			dir := t.TempDir()
			args := append([]string{"genpkey", "-out", filepath.Join(dir, "2020-01-01.pem")}, args...)
			if out, err := exec.Command(openssl, args...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			i := newIssuer(t, issue.KeyDir(dir))
			token := sign(t, i)
			if got := segment(t, token, 0)["alg"]; got != string(algorithm) {
				t.Errorf("got alg %v, want %s", got, algorithm)
			}
			if _, err := verify(t, i, token, algorithm); err != nil {
				t.Error(err)
			}
		})
	}
}
