package revoke_test

import (
	"bytes"
	"context"
	"log/slog"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/revoke"
)

// toDefault makes slog's default write into a text for the rest of the test.
func toDefault(t *testing.T) *bytes.Buffer {
	text, before := new(bytes.Buffer), slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(text, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(before) })
	return text
}

func TestL7Log(t *testing.T) {
	text := new(bytes.Buffer)
	logger := slog.New(slog.NewTextHandler(text, nil))
	outage := func(t *testing.T, logger *slog.Logger) {
		log := newFaulty()
		l, c := mustList(t, revoke.Config{Log: log, Logger: logger}), token(t, nil)
		for range 3 {
			log.now(broken)
			for range 10 {
				verdict(l, c)
				time.Sleep(6 * time.Second)
			}
			log.now(nil)
			verdict(l, c)
			synctest.Wait()
			time.Sleep(6 * time.Second)
		}
	}
	full := func(t *testing.T, logger *slog.Logger) {
		l := mustList(t, revoke.Config{Log: &parted{last: 3, until: time.Now().Add(time.Hour)}, Logger: logger, Max: 2})
		verdict(l, token(t, nil))
		synctest.Wait()
	}
	for _, test := range []struct {
		name   string
		run    func(*testing.T, *slog.Logger)
		logger *slog.Logger
		line   string
		want   int
	}{
		{"an outage", outage, logger, `level=WARN msg="revocation list cannot be read" error="connection refused"`, 3},
		{"its end", outage, logger, `level=INFO msg="revocation list can be read again" failures=10`, 3},
		{"its end, once", outage, logger, `read again`, 3},
		{"full", full, logger, `level=ERROR msg="revocation list is full"`, 1},
		{"full is no outage", full, logger, `cannot be read`, 0},
		{"no Logger, trouble", outage, nil, `level=WARN msg="revocation list cannot be read"`, 3},
		{"no Logger, no trouble", outage, nil, `level=INFO`, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			text.Reset()
			written := text
			if test.logger == nil {
				written = toDefault(t)
			}
			synctest.Test(t, func(t *testing.T) { test.run(t, test.logger) })
			if got := len(regexp.MustCompile(test.line).FindAllString(written.String(), -1)); got != test.want {
				t.Errorf("got %d lines %q, want %d, in\n%s", got, test.line, test.want, written)
			}
		})
	}
}

// handler is one of the user's that does what it likes.
type handler struct {
	slog.Handler
	handle func()
}

func (h handler) Handle(context.Context, slog.Record) error { h.handle(); return nil }

// No handler of the user's holds a request or crashes the process, and one that
// hangs holds one goroutine.
func TestL15Handlers(t *testing.T) {
	var calls atomic.Int64
	release := make(chan struct{})
	for name, test := range map[string]struct {
		handle func()
		most   int64
	}{
		"panics": {func() { panic("handler") }, 5},
		"hangs":  {func() { <-release }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls.Store(0)
				release = make(chan struct{})
				logger := slog.New(handler{slog.NewTextHandler(new(strings.Builder), nil), func() { calls.Add(1); test.handle() }})
				log := newFaulty()
				l, c := mustList(t, revoke.Config{Log: log, MaxStale: time.Second, Logger: logger}), token(t, nil)
				for n := range 5 {
					log.now([]func(context.Context) error{broken, nil}[n%2])
					time.Sleep(10 * time.Second)
					wantVerdict(t, l, c, []string{unknown, passes}[n%2], 0)
					synctest.Wait()
				}
				if got := calls.Load(); got != test.most {
					t.Errorf("got %d lines, want %d", got, test.most)
				}
				close(release)
			})
		})
	}
}
