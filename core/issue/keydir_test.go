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
	write(t, filepath.Join(dir, ".2000-01-02.pem"), []byte("left alone"))
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
		if got := get(t, i, jwksPath).Header().Get("Cache-Control"); got != "public, max-age=600" {
			t.Errorf("nothing is to change: got Cache-Control %q, want 10 minutes", got)
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
	synctest.Test(t, func(t *testing.T) {
		logger, text := logged()
		i := newIssuer(t, issue.KeyDir(dir), func(c *issue.Config) { c.Logger = logger })
		for _, step := range []struct {
			mode os.FileMode
			want int // lines until then
		}{{0o644, 1}, {0o644, 1}, {0o640, 1}, {0o644, 2}, {0o600, 2}, {0o604, 3}} {
			if err := os.Chmod(path, step.mode); err != nil {
				t.Fatal(err)
			}
			sign(t, i)
			if got := strings.Count(text(), "key file may be read by others"); got != step.want || !strings.Contains(text(), path) {
				t.Errorf("mode %v: got %d lines, want %d that name the file:\n%s", step.mode, got, step.want, text())
			}
			time.Sleep(time.Minute)
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
