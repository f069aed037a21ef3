package revoke_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/revoke"
)

// parted is a log that comes in parts of 10 000 entries.
type parted struct {
	until time.Time
	last  int           // how many entries there are
	takes time.Duration // each part
	stuck bool          // the cursor does not move
	fails int           // the part, from 1, that is an error
	calls int
}

func (*parted) Add(context.Context, ...revoke.Entry) error { return nil }

func (p *parted) Since(_ context.Context, cursor string) (entries []revoke.Entry, next string, err error) {
	from := 0
	_, _ = fmt.Sscan(cursor, &from)
	time.Sleep(p.takes)
	if p.calls++; p.calls == p.fails {
		return nil, "", errors.New("connection refused")
	}
	for n := from; n < min(from+10_000, p.last); n++ {
		entries = append(entries, revoke.Entry{Issuer: issuer, ID: fmt.Sprint(n), Until: p.until})
	}
	if p.stuck {
		return entries, "0", nil
	}
	return entries, fmt.Sprint(from + len(entries)), nil
}

// A long log comes in parts.
func TestL9Parts(t *testing.T) {
	for _, test := range []struct {
		name       string
		log        parted
		max, calls int
		first, end string // the verdict on the first part's tokens, and on one that nobody revoked
	}{
		{"35 000 entries", parted{last: 35_000}, 0, 4, revoked, passes},
		{"full parts alone", parted{last: 20_000}, 0, 3, revoked, passes},
		{"a cursor that stays", parted{last: 20_000, stuck: true}, 0, 2, revoked, passes},
		{"the second part fails", parted{last: 20_000, fails: 2}, 0, 2, revoked, unknown},
		{"more than fits", parted{last: 20_000}, 5000, 1, unknown, unknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.log.until = time.Now().Add(time.Hour)
				l := mustList(t, revoke.Config{Log: &test.log, Max: test.max})
				wantVerdict(t, l, token(t, map[string]any{"jti": "9999"}), test.first, 0)
				wantVerdict(t, l, token(t, map[string]any{"jti": fmt.Sprint(test.log.last)}), test.end, 0)
				if test.log.calls != test.calls {
					t.Errorf("got %d reads, want %d", test.log.calls, test.calls)
				}
			})
		})
	}
}

// A read of many parts that has no end in a minute is a failure; one that ends meanwhile is none.
func TestL10NoEnd(t *testing.T) {
	for _, test := range []struct {
		name  string
		takes time.Duration
		last  int
		calls int
		want  string
		line  string
	}{{"endless", time.Second, 5_000_000, 61, unknown, "got no end after 1m0s"}, {"ends past the minute", 1500 * time.Millisecond, 405_000, 41, passes, ""}} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				text, log := new(strings.Builder), &parted{takes: test.takes, last: test.last, until: time.Now().Add(-time.Hour)}
				l := mustList(t, revoke.Config{Log: log, MaxAge: time.Hour, Logger: slog.New(slog.NewTextHandler(text, nil))})
				wantVerdict(t, l, token(t, nil), unknown, 2*time.Second)
				time.Sleep(61 * time.Second)
				synctest.Wait()
				calls := log.calls
				if !strings.Contains(text.String(), test.line) || test.line == "" && text.Len() > 0 {
					t.Errorf("got lines %q, want %q", text, test.line)
				}
				if got := verdict(l, token(t, nil)); calls != test.calls || got != test.want {
					t.Errorf("got %d reads and %s, want %d and %s", calls, got, test.calls, test.want)
				}
				time.Sleep(2 * time.Minute) // the bubble waits for the read
			})
		})
	}
}

// A read that ended well does not put off the next.
func TestL11ReadsGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := revoke.Memory()
		l, c := mustList(t, revoke.Config{Log: log, MaxAge: time.Second}), token(t, nil)
		wantVerdict(t, l, c, passes, 0)
		mustAdd(t, log, entry())
		time.Sleep(time.Second)
		wantVerdict(t, l, c, revoked, 0)
	})
}

// A call that hangs and heeds no context costs one wait, and the next caller none.
func TestL12Hanging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release, log := make(chan struct{}), newFaulty()
		log.now(func(context.Context) error { <-release; return nil })
		l, c := mustList(t, revoke.Config{Log: log}), token(t, nil)
		wantVerdict(t, l, c, unknown, 2*time.Second)
		for range 5 {
			time.Sleep(2 * time.Second)
			wantVerdict(t, l, c, unknown, 0)
		}
		if got := log.calls(); got != 1 {
			t.Errorf("got %d calls while one hangs, want 1", got)
		}
		close(release)
	})
}

// One Add that hangs holds up no other, but 64 do.
func TestL13AddsBesideOneThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hangs atomic.Bool
		log := newFaulty()
		log.add = func(context.Context) error {
			if hangs.Load() {
				time.Sleep(time.Hour)
			}
			return nil
		}
		l := mustList(t, revoke.Config{Log: log})
		hangs.Store(true)
		for range 63 {
			go func() { _ = l.Add(context.Background(), entry()) }()
		}
		synctest.Wait()
		hangs.Store(false)
		mustAdd(t, l, entry())
		hangs.Store(true)
		go func() { _ = l.Add(context.Background(), entry()) }()
		synctest.Wait()
		start := time.Now()
		if err := l.Add(context.Background(), entry()); err == nil || !strings.Contains(err.Error(), "got no answer to the call before") || time.Since(start) != 2*time.Second {
			t.Errorf("got %v after %v, want an error after 2s: there is no room for another", err, time.Since(start))
		}
		time.Sleep(time.Hour)
	})
}

// What has ended makes room: for what a read brings, and for an Add.
func TestL14Room(t *testing.T) {
	for name, add := range map[string]func(*revoke.List, revoke.Log) error{
		"read": func(_ *revoke.List, log revoke.Log) error { return log.Add(context.Background(), entry()) },
		"Add":  func(l *revoke.List, _ revoke.Log) error { return l.Add(context.Background(), entry()) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := revoke.Memory()
				l := mustList(t, revoke.Config{Log: log, Max: 2, MaxAge: time.Second})
				mustAdd(t, log, revoke.Entry{Issuer: issuer, ID: "a", Until: time.Now().Add(time.Second)}, revoke.Entry{Issuer: issuer, ID: "b", Until: time.Now().Add(time.Hour)})
				wantVerdict(t, l, token(t, nil), passes, 0)
				time.Sleep(time.Second)
				if err := add(l, log); err != nil {
					t.Fatal(err)
				}
				wantVerdict(t, l, token(t, nil), revoked, 0)
				wantVerdict(t, l, token(t, map[string]any{"jti": "c"}), passes, 0)
			})
		})
	}
}
