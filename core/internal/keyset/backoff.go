package keyset

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	minBackoff = time.Second
	maxBackoff = time.Minute
)

// backoff returns how long to leave the issuer alone after so many failures in a row: a second, doubled each time, up to a
// minute. Jitter adds up to a half, and takes up to a quarter at the cap, so that many verifiers do not come back in step.
func backoff(failures int) time.Duration {
	d := maxBackoff
	if doublings := max(failures-1, 0); doublings < 6 {
		d = minBackoff << doublings
	}
	// At the cap there is no room above, and without jitter every verifier of an outage would come back at once.
	if d == maxBackoff {
		return d - rand.N(d/4)
	}
	return min(d+rand.N(d/2+1), maxBackoff)
}

// retryAfter reads the field of RFC 9110 section 10.2.3, kept within the bounds of the backoff. Zero: none.
func retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if text == "" {
		return 0
	}
	// Whatever an issuer asks for, a rotation must not go unnoticed for longer than our own backoff would allow.
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return min(max(time.Duration(seconds)*time.Second, minBackoff), maxBackoff)
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(time.Until(date), minBackoff), maxBackoff)
}
