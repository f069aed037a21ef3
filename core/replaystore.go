package core

import (
	"context"
	"time"
)

// ReplayStore remembers the proofs that were used, for a fleet. It must be safe for
// concurrent use. A gateway and the service behind it need two, or two prefixes: the
// first would use up what the second asks for.
type ReplayStore interface {
	// Claim takes key for ttl and reports whether it was free. It is atomic: of any
	// number of calls within ttl, one is the first. A key has 22 characters of
	// base64url, a ttl is of whole seconds. ctx ends after 2 seconds at most and must
	// be heeded; an error, a panic and silence until then refuse with 503.
	Claim(ctx context.Context, key string, ttl time.Duration) (first bool, err error)
}
