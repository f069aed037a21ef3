package jwttest_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// A bubble fails the test if a goroutine is left in the end, so these show that none outlives its request.
func TestHangEnds(t *testing.T) {
	tests := []struct {
		name string
		end  func(issuer *jwttest.Issuer, cancel context.CancelFunc)
		err  error
	}{
		{"recover", func(issuer *jwttest.Issuer, _ context.CancelFunc) { issuer.Recover() }, nil},
		{"another fault", func(issuer *jwttest.Issuer, _ context.CancelFunc) { issuer.Misbehave(jwttest.Drop()) }, nil},
		{"close", func(issuer *jwttest.Issuer, _ context.CancelFunc) { issuer.Close() }, nil},
		{"cancel", func(_ *jwttest.Issuer, cancel context.CancelFunc) { cancel() }, context.Canceled},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer := jwttest.NewIssuer("")
				issuer.Misbehave(jwttest.Hang())
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				ended := false
				go func() {
					defer func() { ended = true }()
					_, body, err := tryGet(ctx, issuer, issuer.JWKSURL())
					if !errors.Is(err, test.err) {
						t.Errorf("got error %v, want %v", err, test.err)
					}
					if test.err == nil && body != string(issuer.JWKS()) {
						t.Errorf("got %.60q, want the key set", body)
					}
				}()
				time.Sleep(24 * time.Hour)
				synctest.Wait()
				if ended || issuer.Fetches() != 1 {
					t.Fatalf("got ended %t and %d fetches, want a request that waits", ended, issuer.Fetches())
				}
				test.end(issuer, cancel)
				synctest.Wait()
				if !ended {
					t.Error("got a request that still waits, want it ended")
				}
			})
		})
	}
}

func TestClientTimeout(t *testing.T) {
	for name, fault := range map[string]jwttest.Fault{
		"hang": jwttest.Hang(), "delay": jwttest.Delay(time.Minute), "drip": jwttest.Drip(time.Second),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer := jwttest.NewIssuer("")
				issuer.Misbehave(fault)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				start := time.Now()
				if _, _, err := tryGet(ctx, issuer, issuer.JWKSURL()); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got error %v, want a deadline exceeded", err)
				}
				if got := time.Since(start); got != 5*time.Second {
					t.Errorf("got an end after %v, want 5s", got)
				}

				client := issuer.Client()
				client.Timeout = 5 * time.Second
				response, err := client.Get(issuer.JWKSURL())
				if err == nil {
					_, err = io.ReadAll(response.Body)
					response.Body.Close()
				}
				var timeout interface{ Timeout() bool }
				if !errors.As(err, &timeout) || !timeout.Timeout() {
					t.Errorf("got error %v, want a timeout", err)
				}
			})
		})
	}
}

func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		issuer.Misbehave(jwttest.Delay(3 * time.Second))
		start := time.Now()
		_, body := get(t, issuer, issuer.JWKSURL())
		if got := time.Since(start); got != 3*time.Second || body != string(issuer.JWKS()) {
			t.Errorf("got %.60q after %v, want the key set after 3s", body, got)
		}
	})
}

func TestDrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		issuer.Misbehave(jwttest.Drip(time.Second))
		response, err := issuer.Client().Get(issuer.JWKSURL())
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		head := make([]byte, len(`{"keys":[`)+60)
		if _, err := io.ReadFull(response.Body, head); err != nil {
			t.Fatal(err)
		}
		if got := time.Since(start); got != time.Minute {
			t.Errorf("got 60 bytes after %v, want 1m", got)
		}
		issuer.Recover()
		if _, err := io.ReadAll(response.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got error %v after Recover, want an unexpected EOF", err)
		}
		response.Body.Close()
	})
}

func TestEndless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		issuer.Misbehave(jwttest.Endless())
		response, err := issuer.Client().Get(issuer.JWKSURL())
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.CopyN(io.Discard, response.Body, 5<<20); err != nil {
			t.Errorf("got %d bytes and %v, want 5 MiB", n, err)
		}
		response.Body.Close()
		if _, err := response.Body.Read(make([]byte, 1)); err == nil {
			t.Error("got a byte from a closed body, want an error")
		}
	})
}
