package core

import (
	"context"
	"log/slog"
)

// hearer is who is told of what concerns one issuer: first a line to the
// Logger, then a call of the Trace. The zero hearer tells nobody.
type hearer struct {
	logger *slog.Logger
	trace  *Trace
	issuer string // "" while none is known
}

// tokenRefused tells of a token that Verify or Check refuses. The line never
// holds the token, and what it holds of the token's text is cut, and quoted
// where it could not be printed as it stands.
func (h hearer) tokenRefused(ctx context.Context, t *attempt, r *Refusal) {
	if h.logger.Enabled(ctx, slog.LevelInfo) {
		h.logger.LogAttrs(ctx, slog.LevelInfo, "token refused",
			slog.String("reason", string(r.Reason)), slog.String("issuer", h.issuer),
			slog.String("kid", plain(t.header.KeyID)), slog.Any("cause", r.cause))
	}
	h.trace.refused(ctx, h.issuer, r)
}

// requestRefused tells of a request that Check or Require refuses, whose token,
// if it has one, is not at fault.
func (h hearer) requestRefused(ctx context.Context, r *Refusal) {
	level, logger := slog.LevelInfo, h.logger
	switch r.Reason {
	case ReasonNoToken:
		level = slog.LevelDebug // clients ask first and come back with a token
	case ReasonMisconfigured:
		level = slog.LevelError
		// A mistake of the program is told also where no Logger would show it.
		if logger == nil || !logger.Enabled(ctx, level) {
			logger = slog.Default()
		}
	}
	if logger != nil && logger.Enabled(ctx, level) {
		logger.LogAttrs(ctx, level, "request refused",
			slog.String("reason", string(r.Reason)), slog.String("issuer", h.issuer), slog.Any("cause", r.cause))
	}
	h.trace.refused(ctx, h.issuer, r)
}
