package core

import (
	"context"
	"log/slog"
)

// warnings returns the Logger of a Config that names none. A service that
// cannot get its keys must not be silent about it, and one that works must not
// be loud: WARN and ERROR go to slog's default, the rest nowhere.
func warnings() *slog.Logger { return slog.New(warningHandler{}) }

// warningHandler asks for slog's default at each line, because a program may set
// another one long after New.
type warningHandler struct {
	with func() slog.Handler // slog's default and what With added to it; nil: nothing was added
}

func (h warningHandler) target() slog.Handler {
	if h.with == nil {
		return slog.Default().Handler()
	}
	return h.with()
}

func (h warningHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && slog.Default().Enabled(ctx, level)
}

func (h warningHandler) Handle(ctx context.Context, r slog.Record) error {
	return h.target().Handle(ctx, r)
}

func (h warningHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warningHandler{func() slog.Handler { return h.target().WithAttrs(attrs) }}
}

func (h warningHandler) WithGroup(name string) slog.Handler {
	return warningHandler{func() slog.Handler { return h.target().WithGroup(name) }}
}
