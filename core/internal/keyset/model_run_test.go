package keyset_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var (
	schedules = flag.Int("schedules", 0, "how many random schedules the model of the key cache meets; 0: 3000, or 300 with -short")
	oneSeed   = flag.Uint64("seed", 0, "the seed of the only schedule to run; 0: as many others as -schedules says")
)

// The cache in a world where anything may happen, held against the contract.
func TestModel(t *testing.T) {
	pool()
	documents()
	if *oneSeed != 0 {
		meet(t, newSchedule(*oneSeed))
		return
	}
	many := int64(*schedules)
	switch {
	case many == 0 && testing.Short():
		many = 300
	case many == 0:
		many = 3000
	}
	first := rand.Uint64()>>20 + 1
	var next atomic.Int64
	for worker := range runtime.GOMAXPROCS(0) {
		t.Run(fmt.Sprint("worker ", worker+1), func(t *testing.T) {
			t.Parallel()
			for n := next.Add(1); n <= many; n = next.Add(1) {
				if !meet(t, newSchedule(first+uint64(n))) {
					next.Store(many) // the others need not go on
				}
			}
		})
	}
}

// meet runs a schedule, and says whether the contract held.
func meet(t *testing.T, s schedule) bool {
	t.Helper()
	broken, seen := s.inBubble(t)
	if len(broken) == 0 {
		return true
	}
	t.Errorf("%s\n\nrepeat it with -run TestModel -seed %d:\n%s\n%s", strings.Join(broken, "\n"), s.seed, s, seen)
	if less := s.shrunk(t); len(less.events) < len(s.events) {
		broken, seen = less.inBubble(t)
		t.Errorf("the same in fewer events:\n%s\n\n%s\n%s", strings.Join(broken, "\n"), less, seen)
	}
	return false
}

// inBubble runs a schedule in a bubble of its own, which must end without a goroutine that is left.
func (s schedule) inBubble(t *testing.T) (broken []string, seen string) {
	stuck := time.AfterFunc(time.Minute, func() { panic(fmt.Sprintf("a schedule takes a minute: %s", s)) })
	defer stuck.Stop()
	defer func() {
		if p := recover(); p != nil { // synctest's, of goroutines that nothing can wake
			broken = append(broken, fmt.Sprint("a goroutine is left: ", p))
		}
	}()
	synctest.Test(t, func(*testing.T) { broken, seen = s.run() })
	return broken, seen
}

// shrunk leaves out what the schedule breaks the contract without.
func (s schedule) shrunk(t *testing.T) schedule {
	for n := len(s.events) - 1; n >= 2; n-- {
		less := s
		less.events = slices.Delete(slices.Clone(s.events), n, n+1)
		if n < len(less.events) {
			less.events[n].after += s.events[n].after // the others stay where they are
		}
		for range 3 { // what is left to chance may turn out well
			if broken, _ := less.inBubble(t); len(broken) > 0 {
				s = less
				break
			}
		}
	}
	return s
}
