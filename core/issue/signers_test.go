package issue_test

import (
	"context"
	"crypto"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
)

// kms is a key elsewhere: not of the standard library's types.
type kms struct {
	crypto.Signer
	sign func(crypto.Signer, io.Reader, []byte, crypto.SignerOpts) ([]byte, error)
}

func (k kms) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if k.sign == nil {
		return k.Signer.Sign(random, digest, opts)
	}
	return k.sign(k.Signer, random, digest, opts)
}

func TestSignersSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := time.Now().Add(48 * time.Hour)
		i := newIssuer(t, issue.Signers{
			{ID: "second", Key: kms{Signer: ecKey(t)}, From: next},
			{ID: "first", Key: kms{Signer: ecKey(t)}},
			{ID: "third", Key: kms{Signer: ecKey(t)}, From: next.Add(48 * time.Hour)},
		})
		for _, step := range []struct {
			after     time.Duration
			kid, kids string
			states    string
		}{
			{0, "first", "first", "signing"},
			{24 * time.Hour, "first", "first second", "signing next"},
			{48 * time.Hour, "second", "first second", "retired signing"},
			{48*time.Hour + 20*time.Minute, "second", "second", "signing"},
			{100 * time.Hour, "third", "third", "signing"},
		} {
			time.Sleep(time.Until(next.Add(step.after - 48*time.Hour)))
			token := sign(t, i)
			if got := strings.Join(kids(t, i), " "); got != step.kids || kidOf(t, token) != step.kid || states(i) != step.states {
				t.Errorf("after %v: got %s of %q, %q, want %s of %q, %q", step.after, kidOf(t, token), got, states(i), step.kid, step.kids, step.states)
			}
			if _, err := verify(t, i, token); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestSignersBeforeTheFirst(t *testing.T) {
	i := newIssuer(t, issue.Signers{{Key: ecKey(t), From: time.Now().Add(time.Hour)}})
	if err := i.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "the first key signs from") {
		t.Errorf("got %v, want when it signs", err)
	}
	if got := len(kids(t, i)); got != 1 {
		t.Errorf("got %d keys, want the next one published", got)
	}
}

// Every algorithm through a handle that only is a crypto.Signer, PSS with its salt included.
func TestForeignSigners(t *testing.T) {
	rsaKey := rsaKey(t)
	for algorithm, key := range map[core.Algorithm]crypto.Signer{
		core.ES256: ecKey(t), core.RS256: rsaKey, core.PS256: rsaKey, core.PS384: rsaKey, core.PS512: rsaKey, core.EdDSA: ed25519Key(t), core.Ed25519: ed25519Key(t),
	} {
		for name, signer := range map[string]crypto.Signer{"in hand": key, "elsewhere": kms{Signer: key}} {
			t.Run(string(algorithm)+" "+name, func(t *testing.T) {
				i := newIssuer(t, issue.Signers{{Key: signer, Algorithm: algorithm}})
				if _, err := verify(t, i, sign(t, i), algorithm); err != nil {
					t.Errorf("got %v, want claims", core.RefusalOf(err).Unwrap())
				}
			})
		}
	}
}

func TestFailingSigners(t *testing.T) {
	other := ecKey(t)
	failed := errors.New("quota exceeded")
	for _, tt := range []struct {
		name string
		sign func(crypto.Signer, io.Reader, []byte, crypto.SignerOpts) ([]byte, error)
		want string
	}{
		{"an error", func(crypto.Signer, io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, failed }, "quota exceeded"},
		{"a panic", func(crypto.Signer, io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { panic("boom") }, "panic"},
		{"another key", func(_ crypto.Signer, r io.Reader, d []byte, o crypto.SignerOpts) ([]byte, error) {
			return other.Sign(r, d, o)
		}, "another key"},
		{"nothing", func(crypto.Signer, io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, nil }, "key"},
		{"another format", func(crypto.Signer, io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
			return make([]byte, 64), nil
		}, "key"},
		{"numbers that are too long", func(crypto.Signer, io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
			return append([]byte{0x30, 0x46, 0x02, 0x41, 1}, make([]byte, 67)...), nil
		}, "key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i := newIssuer(t, issue.Signers{{ID: "it", Key: kms{ecKey(t), tt.sign}}})
			token, err := i.Sign(t.Context(), alice())
			if err == nil || token != "" || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), `key "it"`) {
				t.Errorf("got %q and %v, want an error with %q", token, err, tt.want)
			}
		})
	}
}

func TestHangingSigner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var mu sync.Mutex
		calls := 0
		i := newIssuer(t, issue.Signers{{Key: kms{ecKey(t), func(crypto.Signer, io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
			mu.Lock()
			calls++
			mu.Unlock()
			<-release
			return nil, errors.New("too late")
		}}}})
		start := time.Now()
		if _, err := i.Sign(t.Context(), alice()); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 10*time.Second {
			t.Errorf("got %v after %v, want an error after 10s", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		if _, err := i.Sign(ctx, alice()); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v, want an error with the context", err, time.Since(start))
		}
		var group sync.WaitGroup
		for range 500 {
			group.Go(func() {
				if _, err := i.Sign(t.Context(), alice()); err == nil {
					t.Error("got a token, want an error")
				}
			})
		}
		group.Wait()
		if calls != 64 {
			t.Errorf("got %d calls that hang, want 64 at most", calls)
		}
		close(release) // the bubble fails where one of them stays
	})
}

func TestConcurrentSigners(t *testing.T) {
	i := newIssuer(t, issue.Signers{{Key: kms{Signer: ecKey(t)}}})
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			if token, err := i.Sign(t.Context(), alice()); err != nil || token == "" {
				t.Error(err)
			}
		})
	}
	group.Wait()
}
