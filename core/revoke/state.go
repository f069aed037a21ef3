package revoke

import (
	"fmt"
	"time"
)

// state is what is known of the Log. It does not change: a flight and Add
// publish another one. Its instants keep their monotonic reading, so that a
// clock that is set moves none of them.
type state struct {
	index  *index
	cursor string
	loaded time.Time // when the read began that last reached the Log's end; zero: never
	flight int       // how many reads have ended

	failures int       // of reads, in a row
	err      error     // of the last one; nil after a good one
	retryAt  time.Time // no read before
	full     error     // not nil: the Log holds more than fits
	fullAt   time.Time // when that was last found
}

// retryPause is the time between a read that failed and the next. It is short,
// because past MaxAge every second counts, and a store that is down answers at
// once where a breaker stands before it.
const retryPause = time.Second

// age is the longest Duration there is for a state that was never loaded.
func (s *state) age(now time.Time) time.Duration { return now.Sub(s.loaded) }

// usable says whether what the index does not know may pass.
func (s *state) usable(now time.Time, end time.Duration) error {
	switch {
	case s.full != nil:
		return s.full
	case s.age(now) < end:
		return nil
	case s.err != nil:
		return fmt.Errorf("jwtmw: revocation list is not available: %w", s.err)
	}
	return fmt.Errorf("jwtmw: revocation list is not available: got no answer from its log in time")
}
