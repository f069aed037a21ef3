package revoke

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
)

// reporter writes lines so that no handler of the user's can hold or crash what
// a request waits for.
type reporter struct {
	logger *slog.Logger // nil: trouble goes to slog's default
	busy   *atomic.Bool // a line is being written
}

// report says what a read changed: an outage of an hour is two lines, whatever
// its errors say.
func (l *List) report(before, after *state) {
	switch {
	case after.err == nil && before.err != nil:
		l.reporter.write(slog.LevelInfo, "revocation list can be read again", slog.Int("failures", before.failures))
	case after.err == nil || before.err != nil:
	case errors.Is(after.err, errFull):
		l.reporter.write(slog.LevelError, "revocation list is full", slog.String("error", after.err.Error()))
	default:
		l.reporter.write(slog.LevelWarn, "revocation list cannot be read", slog.String("error", after.err.Error()))
	}
}

func (r reporter) write(level slog.Level, message string, attrs ...slog.Attr) {
	logger := r.logger
	if logger == nil {
		if level < slog.LevelWarn {
			return
		}
		logger = slog.Default()
	}
	// A handler that hangs holds one goroutine, and costs the lines that follow.
	if !r.busy.CompareAndSwap(false, true) {
		return
	}
	go func() {
		defer r.busy.Store(false)
		defer func() { _ = recover() }()
		logger.LogAttrs(context.Background(), level, message, attrs...)
	}()
}
