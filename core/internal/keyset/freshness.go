package keyset

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pquerna/cachecontrol/cacheobject"
)

// What an issuer says about the age of its keys counts within these bounds: a shorter age would make us a burden, a longer
// one would keep a removed key alive.
const (
	minMaxAge = time.Minute
	maxMaxAge = 24 * time.Hour
)

// freshness returns how long an answer's keys are fresh (RFC 9111 section 4.2), clamped, and whether its header says so.
func freshness(h http.Header) (d time.Duration, said bool) {
	d, said = lifetime(h)
	// The difference of two far dates less an Age can overflow to a positive one, and an answer long past would be fresh.
	return min(max(max(d, 0)-age(h), minMaxAge), maxMaxAge), said
}

// jittered returns d give or take a tenth, so that many verifiers do not come back in step.
func jittered(d time.Duration) time.Duration {
	tenth := d / 10
	return d - tenth + rand.N(2*tenth+1)
}

func lifetime(h http.Header) (d time.Duration, said bool) {
	control, err := cacheobject.ParseResponseCacheControl(strings.Join(h.Values("Cache-Control"), ", "))
	switch {
	case err != nil: // a field that cannot be read counts as absent
	case control.NoStore, control.NoCachePresent:
		return 0, true // we must store keys to verify anything; as briefly as the bounds allow
	case control.MaxAge >= 0:
		return time.Duration(control.MaxAge) * time.Second, true
	}
	text := h.Get("Expires")
	if text == "" {
		return 0, false
	}
	expires, err := http.ParseTime(text)
	if err != nil {
		return 0, true // RFC 9111 section 5.3: an invalid date, above all "0", is in the past
	}
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		date = time.Now() // some servers send none
	}
	return expires.Sub(date), true
}

// age is how long caches held the answer on its way (RFC 9111 section 5.1).
func age(h http.Header) time.Duration {
	seconds, err := strconv.ParseUint(h.Get("Age"), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
