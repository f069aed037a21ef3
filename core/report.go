package core

import (
	"context"
	"log/slog"
)

// Whatever a Verifier tells of its requests it tells here: first a line to the
// Logger, then a call of the Trace.

// tokenRefused tells of a token that Verify or Check refuses. The line never
// holds the token, and what it holds of the token's text is quoted and cut.
func (v *Verifier) tokenRefused(ctx context.Context, t *attempt, r *Refusal) {
	logger, trace, issuer := v.hearer(t.issuer)
	if logger.Enabled(ctx, slog.LevelInfo) {
		logger.LogAttrs(ctx, slog.LevelInfo, "token refused",
			slog.String("reason", string(r.Reason)), slog.String("issuer", issuer),
			slog.String("kid", quote(t.header.KeyID)), slog.Any("cause", r.cause))
	}
	trace.refused(ctx, issuer, r)
}

// requestRefused tells of a request that Check or Require refuses, whose token,
// if it has one, is not at fault. c is nil while nobody is known. A mistake of
// the program is always told: by slog's default where no Logger would.
func (g Guard) requestRefused(ctx context.Context, c *Claims, r *Refusal) {
	logger, trace, issuer := g.Verifier.hearer(g.Verifier.issuerBehind(c))
	level := slog.LevelInfo
	switch r.Reason {
	case ReasonNoToken:
		level = slog.LevelDebug // clients ask first and come back with a token
	case ReasonMisconfigured:
		level = slog.LevelError
		if !logger.Enabled(ctx, level) {
			logger = slog.Default()
		}
	}
	if logger.Enabled(ctx, level) {
		logger.LogAttrs(ctx, level, "request refused",
			slog.String("reason", string(r.Reason)), slog.String("issuer", issuer), slog.Any("cause", r.cause))
	}
	trace.refused(ctx, issuer, r)
}

// hearer is who hears of what concerns iss, and under which name; nil stands
// for no issuer. Of a Verifier that New did not make nobody hears.
func (v *Verifier) hearer(iss *issuer) (*slog.Logger, *Trace, string) {
	switch {
	case v == nil || v.logger == nil:
		return slog.New(slog.DiscardHandler), nil, ""
	case iss == nil:
		return v.logger, v.trace, ""
	}
	return iss.Logger, iss.Trace, iss.Issuer
}

// issuerBehind returns whose claims c are, nil if v does not know.
func (v *Verifier) issuerBehind(c *Claims) *issuer {
	if v == nil || c == nil {
		return nil
	}
	if iss := v.issuers[c.Issuer]; iss != nil {
		return iss
	}
	if v.tenants == nil {
		return nil
	}
	iss, _ := v.tenants.held.Peek(c.Issuer)
	return iss
}
