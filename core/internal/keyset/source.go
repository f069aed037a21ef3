package keyset

import (
	"context"
	"fmt"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// Source answers for the keys of one issuer. It is safe for concurrent use. It needs no Close: its goroutines end with the
// refresh, and with the calls of the log, the Hooks and the Store that follow on it.
type Source interface {
	// Key returns the key that may verify a token of this kid and algorithm, and the instant of its answer, read from the
	// clock after all waiting, whether or not there is an error. Ask only for a token that is good in all other ways,
	// because an unknown kid may cost a fetch. The errors are ErrUnknownKey, ErrAmbiguousKey, ErrWrongKey, and
	// *UnavailableError if the question cannot be answered now; it wraps ctx's error if that ended first.
	Key(ctx context.Context, kid string, hasKid bool, alg jws.Algorithm) (key *jws.Key, answered time.Time, err error)
	// Ready loads keys if none are held that serve. Nil says that a known key would be answered.
	Ready(ctx context.Context) error
	// Stats reports the state of the keys. It fetches nothing.
	Stats() Stats
}

// Stats is the state of a Source at one moment.
type Stats struct {
	// State is "fresh", "refresh_ahead", "stale" (older than MaxAge, within MaxStale), "expired", "empty" or "static".
	State    string
	Keys     int            // usable keys held
	Skipped  map[string]int // keys of the last good document that cannot be used, by cause: see cause.go
	Age      time.Duration  // since the issuer last confirmed the keys
	MaxAge   time.Duration  // how long they are fresh
	MaxStale time.Duration  // how much longer they serve while the issuer is down

	LastSuccess, LastFailure time.Time // zero: never
	LastError                string    // of the last failure; "" once a fetch succeeds
	Fetches, Failures        int       // refreshes that asked the issuer, and those of them that failed
}

// The values of Stats.State.
const (
	StateFresh   = "fresh"
	StateAhead   = "refresh_ahead"
	StateStale   = "stale"
	StateExpired = "expired"
	StateEmpty   = "empty"
	StateStatic  = "static"
)

// UnavailableError says that the keys are not available now. It is not a verdict on the token.
type UnavailableError struct {
	RetryAfter time.Duration // when to ask again; at least a second
	Err        error         // why: the last failure, or the context's error
}

// Error tells the cause. It is for the log and not for clients.
func (e *UnavailableError) Error() string {
	return fmt.Sprintf("keys unavailable: %v", e.Err)
}

// Unwrap returns the cause.
func (e *UnavailableError) Unwrap() error {
	return e.Err
}

// cut shortens foreign input for an error or a log line.
func cut(s string) string {
	const longest = 64
	if len(s) > longest {
		return s[:longest]
	}
	return s
}
