package core

import (
	"context"
	"errors"
)

// Guard decides requests: it finds the token, has it verified, and words the
// refusal. It is a plain value and safe for concurrent use; the zero Guard
// refuses every request with status 500, and says so to slog's default.
type Guard struct {
	// Verifier decides about tokens. Required.
	Verifier *Verifier

	// Tokens says where a request may carry its token. A request with tokens
	// in two places is refused. Default: FromBearer() alone.
	Tokens []TokenSource

	// Optional lets a request without a token pass, without claims. A bad
	// token never passes. Default: false.
	Optional bool

	// Realm is named in every challenge (RFC 9110 section 11.5). Default: none.
	Realm string

	// ResourceMetadata is the URL of this service's metadata document, named
	// in every challenge so that clients discover the authorization server
	// (RFC 9728 section 5.1). Default: none.
	ResourceMetadata string
}

// Check decides a request. The context that it returns carries the claims, for
// FromContext, and how this guard answers, for Require. With an error, which is
// a *Refusal, it returns ctx as it was.
func (g Guard) Check(ctx context.Context, r Request) (context.Context, error) {
	if g.Verifier == nil || g.Verifier.logger == nil || r == nil {
		refusal := refuse(ReasonMisconfigured, errors.New("the Guard has no Verifier made by New, or was given no Request"))
		g.requestRefused(ctx, nil, refusal)
		return ctx, refusal
	}
	token, refusal := g.token(r)
	if refusal != nil {
		g.requestRefused(ctx, nil, refusal.by(g))
		return ctx, refusal
	}
	if token == "" {
		return newContext(ctx, identity{guard: g}), nil
	}
	claims, refusal := g.Verifier.verify(ctx, token, g)
	if refusal != nil {
		return ctx, refusal
	}
	return newContext(ctx, identity{claims: claims, guard: g}), nil
}

// MustGuard is the Guard of one trusted issuer with every default. It panics on
// a bad Config, at start-up, with New's error.
func MustGuard(config Config) Guard {
	v, err := New(config)
	if err != nil {
		panic(err)
	}
	return Guard{Verifier: v}
}

// token finds the request's only token. It is empty if there is none and none
// is needed.
func (g Guard) token(r Request) (string, *Refusal) {
	sources := g.Tokens
	if len(sources) == 0 {
		sources = []TokenSource{FromBearer()}
	}
	token := ""
	for _, source := range sources {
		if source == nil {
			return "", refuse(ReasonMisconfigured, errors.New("Guard.Tokens holds a nil TokenSource"))
		}
		found, refusal := source.find(r)
		switch {
		case refusal != nil:
			return "", refusal
		case found != "" && token != "":
			return "", refuse(ReasonMultipleTokens, errors.New("tokens in two of the configured places"))
		case found != "":
			token = found
		}
	}
	if token == "" && !g.Optional {
		return "", refuse(ReasonNoToken, nil)
	}
	return token, nil
}
