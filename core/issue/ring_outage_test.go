package issue_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/issue"
)

func TestStoreDownFor200Hours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logger, text := logged()
		store := &memory{}
		i := newIssuer(t, ring(store), func(c *issue.Config) { c.Logger = logger })
		sign(t, i)
		store.set(func(m *memory) { m.fail = errDown })
		for range 200 * 60 {
			time.Sleep(time.Minute)
			sign(t, i)
		}
		if err := i.Ready(t.Context()); err != nil {
			t.Errorf("Ready: got %v, want nil while a key signs", err)
		}
		if got := strings.Count(text(), "keys cannot be read"); got != 1 {
			t.Errorf("got %d lines, want 1 for one outage:\n%s", got, text())
		}
		// It ends with the key, and not before.
		time.Sleep(time.Until(i.Stats()[0].Until.Add(-time.Second)))
		sign(t, i)
		time.Sleep(time.Second)
		if _, err := i.Sign(t.Context(), alice()); !errors.Is(err, errDown) {
			t.Errorf("got %v, want the store's error", err)
		}
		if err := i.Ready(t.Context()); !errors.Is(err, errDown) {
			t.Errorf("Ready: got %v, want the store's error", err)
		}
		if got := strings.Count(text(), "keys can be read again"); got != 0 {
			t.Errorf("got %d lines about a recovery during the outage, want none:\n%s", got, text())
		}
		store.set(func(m *memory) { m.fail = nil })
		time.Sleep(time.Second)
		for range 10 {
			sign(t, i)
			time.Sleep(time.Minute)
		}
		if got := strings.Count(text(), "keys can be read again"); got != 1 {
			t.Errorf("got %d lines about the recovery, want 1:\n%s", got, text())
		}
	})
}

// The next key is in the store when that goes down: both are used up.
func TestStoreDownWithNextKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		r := ring(store)
		r.Every = 7 * day
		i := newIssuer(t, r)
		sign(t, i)
		time.Sleep(6 * day)
		sign(t, i)
		if states(i) != "signing next" {
			t.Fatalf("got %q, want a next key", states(i))
		}
		store.set(func(m *memory) { m.fail = errDown })
		down := time.Now()
		for {
			time.Sleep(time.Minute)
			if _, err := i.Sign(t.Context(), alice()); err != nil {
				break
			}
		}
		if got := time.Since(down); got < 191*time.Hour || got > 193*time.Hour {
			t.Errorf("got signatures for %v, want them for 192 h", got)
		}
	})
}

// While no key signs a store is asked once a second, however many ask.
func TestStoreDownAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{fail: errDown}
		i := newIssuer(t, ring(store))
		for second := range 5 {
			for range 100 {
				if err := i.Ready(t.Context()); !errors.Is(err, errDown) {
					t.Fatalf("got %v, want the store's error", err)
				}
			}
			if store.loads != second+1 {
				t.Errorf("after %d s: got %d loads, want %d", second, store.loads, second+1)
			}
			time.Sleep(time.Second)
		}
	})
}

func TestHangingStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		i := newIssuer(t, ring(store))
		sign(t, i)
		store.set(func(m *memory) { m.load = func(ctx context.Context) { <-ctx.Done() } })
		time.Sleep(time.Minute)
		start := time.Now()
		sign(t, i)
		if got := time.Since(start); got != time.Second {
			t.Errorf("the first caller: got a wait of %v, want 1s", got)
		}
		sign(t, i)
		if got := time.Since(start); got != time.Second {
			t.Errorf("the others: got a wait of %v, want none", got-time.Second)
		}
		fresh := newIssuer(t, ring(store))
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if _, err := fresh.Sign(ctx, alice()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("without a key: got %v, want the caller's deadline", err)
		}
		start = time.Now()
		if err := fresh.Ready(t.Context()); err == nil || time.Since(start) > 6*time.Second {
			t.Errorf("without a key: got %v after %v, want an error after 5 s at most", err, time.Since(start))
		}
	})
}

func TestPanicInStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{load: func(context.Context) { panic("boom") }}
		i := newIssuer(t, ring(store))
		if err := i.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "boom") {
			t.Errorf("Ready: got %v, want the panic as an error", err)
		}
		if err := i.Replace(t.Context()); err == nil || !strings.Contains(err.Error(), "boom") {
			t.Errorf("Replace: got %v, want the panic as an error", err)
		}
	})
}
