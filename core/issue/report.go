package issue

import (
	"context"
	"log/slog"
)

// reporter writes the lines of one issuer.
type reporter struct {
	logger *slog.Logger // nil: trouble goes to slog's default
	issuer string
}

// report never lets a panic of the user's handler out: most lines are written on
// a goroutine where nobody could recover it.
func (r reporter) report(level slog.Level, message string, attrs ...slog.Attr) {
	defer func() { _ = recover() }()
	logger := r.logger
	if logger == nil {
		if level < slog.LevelWarn {
			return
		}
		logger = slog.Default()
	}
	logger.LogAttrs(context.Background(), level, message, append([]slog.Attr{slog.String("issuer", r.issuer)}, attrs...)...)
}
