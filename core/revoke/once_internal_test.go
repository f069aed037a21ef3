package revoke

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// A full memory takes no id until one has ended, and none twice at any time.
func TestOnceIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOnce(time.Minute)
		claim := func(id int, want bool) {
			t.Helper()
			if got := o.claim("", strconv.Itoa(id)); got != want {
				t.Errorf("id %d of %d: got %t, want %t", id, maxOnce, got, want)
			}
		}
		for id := range maxOnce {
			claim(id, true)
		}
		claim(maxOnce, false)
		o.release("", "0")
		claim(maxOnce, true)
		claim(maxOnce+1, false)
		time.Sleep(time.Minute - 1)
		claim(1, false)
		claim(maxOnce+1, false)
		time.Sleep(time.Nanosecond)
		claim(maxOnce+1, true)
		if got := len(o.seen); got != 1 {
			t.Errorf("got %d ids when all but one have ended, want 1", got)
		}
	})
}
