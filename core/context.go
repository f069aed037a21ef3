package core

import "context"

// ContextKey is the name under which adapters put the *Claims into their
// framework's own store, such as gin's c.Set or fiber's c.Locals. It is nil if
// no token was needed and none was sent.
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
	set(ContextKey, who.claims) // nil as well: an outer guard may have set others
}

// NewContext returns a context that carries c. Guard.Check does it for
// requests; NewContext is for tests and for callers of Verify.
//
// Claims made by hand hold their fields alone: Decode errs, Lookup finds nothing,
// and Role, Permission, ClaimIn, MaxAuthAge and ACR refuse. A test that needs more
// verifies a token of package jwttest.
func NewContext(ctx context.Context, c *Claims) context.Context {
	who, _ := identityOf(ctx)
	return newContext(ctx, identity{claims: c, guard: who.guard})
}

// FromContext returns the claims that ctx carries. It understands the contexts
// that a Guard's Check returns and those of the frameworks themselves. ok is
// false if there are no claims: no token was needed and none was sent, or no
// guard stands before the handler.
func FromContext(ctx context.Context) (c *Claims, ok bool) {
	who, _ := identityOf(ctx)
	return who.claims, who.claims != nil
}

// identity is what a guard leaves in the context: who is there, nil for nobody,
// and how further refusals are to be worded.
type identity struct {
	claims *Claims
	guard  Guard
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
	if key == (identityKey{}) {
		return &c.identity
	}
	return c.Context.Value(key)
}

// identityOf falls back to the frameworks' own stores, which find no typed
// keys: a *gin.Context looks up strings alone.
func identityOf(ctx context.Context) (who identity, ok bool) {
	if ctx == nil {
		return identity{}, false
	}
	if found, ok := ctx.Value(identityKey{}).(*identity); ok {
		return *found, true
	}
	if found, ok := ctx.Value(exposedKey).(*identity); ok {
		return *found, true
	}
	claims, _ := ctx.Value(ContextKey).(*Claims)
	return identity{claims: claims}, claims != nil
}
