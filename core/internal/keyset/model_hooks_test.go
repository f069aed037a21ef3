package keyset_test

import (
	"context"
	"log/slog"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/keyset"
)

// hooked stands in the place of a Hook or the Logger.
func (l *life) hooked(kind string) {
	defer l.enter(kind, nil, 0)()
	l.world.mu.Lock()
	behaviour := l.world.hooks
	l.world.mu.Unlock()
	_ = l.world.behave(behaviour, nil, time.Second)
}

func (l *life) hooksOf() keyset.Hooks {
	return keyset.Hooks{
		Fetched: func(f keyset.Fetched) {
			l.mu.Lock()
			l.told = append(l.told, f.Err == nil)
			l.mu.Unlock()
			l.hooked("Hooks.Fetched")
		},
		Changed: func(keyset.Changed) { l.hooked("Hooks.Changed") },
		State: func(from, to string) {
			l.mu.Lock()
			before := l.state
			l.state = to
			l.mu.Unlock()
			if before != from || from == to {
				l.complain("Hooks.State: got %s to %s after %s", from, to, before)
			}
			l.hooked("Hooks.State")
		},
	}
}

// logger is one that behaves as the Hooks do, or nil.
func (l *life) logger(logs bool) *slog.Logger {
	if !logs {
		return nil
	}
	return slog.New(handler{l})
}

type handler struct{ *life }

func (handler) Enabled(context.Context, slog.Level) bool    { return true }
func (h handler) Handle(context.Context, slog.Record) error { h.hooked("Logger"); return nil }
func (h handler) WithAttrs([]slog.Attr) slog.Handler        { return h }
func (h handler) WithGroup(string) slog.Handler             { return h }
