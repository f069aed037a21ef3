package core

import (
	"context"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/keyset"
)

// Trace is told what a Verifier does, in the manner of package
// net/http/httptrace: for metrics, audits and alarms. It is set as Config.Trace;
// package oteltrace makes one of OpenTelemetry. Any of its functions may be nil.
//
// All of them are called synchronously and must be safe for concurrent use.
// TokenVerified and Refused run in the request that they tell of, which waits
// for them, and a panic in them is the request's. The other three run after a
// refresh of an issuer's keys, one at a time for each issuer, in the order
// StateChanged if the clock had changed the state, KeysFetched, KeysChanged,
// StateChanged if the refresh did. Neither a request nor the next refresh waits
// for them. A call that takes longer than 5 s is abandoned, and while it still
// hangs, that function is not called again. A panic in them is logged and goes no
// further.
//
// Keys in hand, those of JWKSDocument, PEM and Secret, are never fetched and never
// change, so nothing is told of them.
type Trace struct {
	// TokenVerified is called for each token that Verify or Check lets pass, whether
	// it was remembered or not. issuer is Config.Issuer. The claims are those
	// that the caller gets and must not be changed.
	TokenVerified func(ctx context.Context, issuer string, claims *Claims)

	// Refused is called for each refusal by Verify, Check and Require, as the caller
	// gets it; it must not be changed. issuer is Config.Issuer, or "" if the
	// refusal came before an issuer was known: no token, a malformed one, one of
	// an issuer that is not trusted. Such a refusal is told to the first Config's
	// Trace. A Guard without a Verifier, and Require without a Check before it,
	// have nobody to tell.
	Refused func(ctx context.Context, issuer string, refusal *Refusal)

	// KeysFetched is called for each refresh that asked the issuer, or read a
	// JWKSFile, well or not.
	KeysFetched func(KeyFetch)

	// KeysChanged is called for each key set document that took the place of
	// another, or of none. One that comes out of Fetch.Store counts too.
	KeysChanged func(KeyChange)

	// StateChanged is called when IssuerStats.State is another, once. The state moves
	// with the clock and nobody watches it: a change is noticed where a refresh
	// begins or ends. What came and went between two refreshes is not told, and
	// From is the To of the call before, or "empty" in the first.
	StateChanged func(StateChange)
}

// KeyFetch is what one refresh of an issuer's keys came to.
type KeyFetch struct {
	Issuer   string         // Config.Issuer
	Duration time.Duration  // of the whole refresh: metadata, keys, and Fetch.Store where it was asked first
	Err      error          // why it failed; nil if keys came or were found unchanged
	Keys     int            // usable keys held now, which after a failure are those from before
	Skipped  map[string]int // keys of the set in force that cannot be used, by cause
}

// KeyChange says how an issuer's key set differs from the one before. A key is
// the same if its kid and its material are; both counts are zero where the
// documents differ in other ways.
type KeyChange struct {
	Issuer  string // Config.Issuer
	Keys    int    // usable keys held now
	Added   int    // keys that were not held before
	Removed int    // keys that are held no longer
}

// StateChange says how the state of an issuer's keys changed.
type StateChange struct {
	Issuer   string // Config.Issuer
	From, To KeyState
}

// KeyState says how an issuer's keys serve. Values are never renamed.
type KeyState string

// The states of IssuerStats.State and StateChange.
const (
	KeysFresh   KeyState = keyset.StateFresh   // "fresh": younger than 80 % of MaxAge
	KeysAhead   KeyState = keyset.StateAhead   // "refresh_ahead": younger than MaxAge, a refresh is due; keys from a Store begin here
	KeysStale   KeyState = keyset.StateStale   // "stale": as old as MaxAge or older, because fetching fails or nobody asked
	KeysExpired KeyState = keyset.StateExpired // "expired": as old as MaxAge and MaxStale together or older, for either reason
	KeysEmpty   KeyState = keyset.StateEmpty   // "empty": never loaded
	KeysStatic  KeyState = keyset.StateStatic  // "static": keys in hand
)

func (t *Trace) verified(ctx context.Context, issuer string, c *Claims) {
	if t != nil && t.TokenVerified != nil {
		t.TokenVerified(ctx, issuer, c)
	}
}

func (t *Trace) refused(ctx context.Context, issuer string, r *Refusal) {
	if t != nil && t.Refused != nil {
		t.Refused(ctx, issuer, r)
	}
}

// hooks calls t for what happens to the issuer's keys.
func (t *Trace) hooks(issuer string) (h keyset.Hooks) {
	if t == nil {
		return h
	}
	if t.KeysFetched != nil {
		h.Fetched = func(f keyset.Fetched) { t.KeysFetched(KeyFetch{issuer, f.Took, f.Err, f.Keys, f.Skipped}) }
	}
	if t.KeysChanged != nil {
		h.Changed = func(c keyset.Changed) { t.KeysChanged(KeyChange{issuer, c.Keys, c.Added, c.Removed}) }
	}
	if t.StateChanged != nil {
		h.State = func(from, to string) { t.StateChanged(StateChange{issuer, KeyState(from), KeyState(to)}) }
	}
	return h
}

// copied keeps a Trace as it is now. nil stays nil.
func (t *Trace) copied() *Trace {
	if t == nil {
		return nil
	}
	kept := *t
	return &kept
}
