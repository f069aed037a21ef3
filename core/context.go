package core

import (
	"context"

	"github.com/jwtmw/jwtmw/core/internal/proof"
)

// ContextKey is the name under which adapters put the *Claims into their
// framework's own store, such as gin's c.Set or fiber's c.Locals. The value is
// an untyped nil if no token was needed and none was sent.
const ContextKey = "github.com/jwtmw/jwtmw.Claims"

// Expose puts what Check left in ctx into a framework's own store by calling
// set, for frameworks whose contexts do not look into the request's. The claims
// go under ContextKey, so that FromContext and Require understand the
// framework's context too.
func Expose(ctx context.Context, set func(key string, value any)) {
	who, ok := ctx.Value(identityKey{}).(*identity)
	if !ok {
		return
	}
	set(exposedKey, who)
	if who.claims == nil {
		set(ContextKey, nil) // an outer guard may have set others; a typed nil would not equal nil
		return
	}
	set(ContextKey, who.claims)
}

// NewContext returns a context that carries c. Guard.Check does it for
// requests; NewContext is for tests and for callers of Verify.
//
// Claims made by hand hold their fields alone: Decode errs, Lookup finds nothing,
// and Role, Permission, ClaimIn, MaxAuthAge and ACR refuse. A test that needs more
// calls Context of package jwttest, or Claims.UnmarshalJSON.
func NewContext(ctx context.Context, c *Claims) context.Context { return withClaims(ctx, c) }

// FromContext returns the claims that ctx carries. It understands the contexts
// that a Guard's Check returns and those of the frameworks themselves. ok is
// false if there are no claims: no token was needed and none was sent, or no
// guard stands before the handler.
func FromContext(ctx context.Context) (c *Claims, ok bool) {
	who, _ := identityOf(ctx)
	return who.claims, who.claims != nil
}

// DecodeClaims reads the claims that ctx carries into a T, as Decode does. The
// error is ErrNoToken, as a *Refusal, if ctx carries no claims.
func DecodeClaims[T any](ctx context.Context) (T, error) {
	var v T
	c, ok := FromContext(ctx)
	if !ok {
		return v, refuse(ReasonNoToken, nil)
	}
	err := c.Decode(&v)
	return v, err
}

// SetHeaders calls set for every header that the answer to a request owes its
// client although the request passed, such as the next DPoP-Nonce (RFC 9449
// section 8.2). Adapters call it with the context that Check returned.
func SetHeaders(ctx context.Context, set func(name, value string)) {
	if who, ok := ctx.Value(identityKey{}).(*identity); ok {
		for _, header := range who.owed {
			set(header.name, header.value)
		}
	}
}

// identity is what a guard leaves in the context: who is there, nil for nobody,
// how further refusals are worded, and who is told of them.
type identity struct {
	claims  *Claims
	wording wording
	hearer  hearer
	owed    []param    // headers for the answer of a request that passed
	used    *usedProof // by the request; nil: it needed none
}

// usedProof lets a second guard on one request's way know the proof that the first
// has used up.
type usedProof struct {
	by *Verifier // who remembers it
	id proof.ID
}

// owe puts a nonce into the answer, if there is one to put.
func (who *identity) owe(nonce string) {
	if nonce != "" {
		setNonce(func(name, value string) { who.owed = append(who.owed, param{name, value}) }, nonce)
	}
}

type identityKey struct{}

// exposedKey stands in for identityKey in a framework's own store.
const exposedKey = ContextKey + ".identity"

// identified is a context with an identity; one allocation carries both.
type identified struct {
	context.Context
	identity
}

func newContext(ctx context.Context, who identity) context.Context {
	return &identified{ctx, who}
}

func (c *identified) Value(key any) any {
	switch key {
	case identityKey{}:
		return &c.identity
	case claimsKey{}:
		return c.claims
	}
	return c.Context.Value(key)
}

// identityOf falls back to the frameworks' own stores, which find no typed
// keys: a *gin.Context looks up strings alone.
func identityOf(ctx context.Context) (who identity, ok bool) {
	if ctx == nil {
		return identity{}, false
	}
	found, ok := ctx.Value(identityKey{}).(*identity)
	if !ok {
		found, ok = ctx.Value(exposedKey).(*identity)
	}
	if ok {
		who = *found
	}
	// Who asks further in counts: claims that NewContext put inside of a guard.
	if claims, inside := ctx.Value(claimsKey{}).(*Claims); inside {
		who.claims = claims
		return who, ok || claims != nil
	}
	if !ok {
		who.claims, _ = ctx.Value(ContextKey).(*Claims)
	}
	return who, ok || who.claims != nil
}
