package main

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// outage is a time in which the store did not answer.
type outage struct {
	how        string
	from, till time.Time // till is zero while it lasts
}

// after is how long after an outage its traces may still show: the breaker of
// redisstore waits an eighth of the outage at most, and no less than 1.25 s, a probe
// hangs for 2 s, and go-redis asks a dead server once a second.
func (o outage) after() time.Duration { return 6*time.Second + o.till.Sub(o.from)/8 }

// outages remembers when the store was away, so that each answer is held against
// what was true while it was made.
type outages struct {
	mu   sync.Mutex // guards list
	list []outage
}

// begin is called before the store goes away.
func (o *outages) begin(how string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	// Older ones than every token that is still sent matter to nobody.
	for len(o.list) > 0 && time.Since(o.list[0].from) > 2*tokenLifetime {
		o.list = o.list[1:]
	}
	o.list = append(o.list, outage{how: how, from: time.Now()})
}

// end is called after the store has answered again.
func (o *outages) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list[len(o.list)-1].till = time.Now()
}

// touch says whether the store was away, or had been so shortly before, at some
// instant from one time to another. grace is how long an outage must have lasted to
// count.
func (o *outages) touch(from, till time.Time, grace time.Duration) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, each := range o.list {
		begins := each.from.Add(grace)
		if begins.Before(till) && (each.till.IsZero() || begins.Before(each.till) && from.Before(each.till.Add(each.after()))) {
			return true
		}
	}
	return false
}

// quiet says whether between two instants there was a time of that length in which
// nothing was wrong with the store.
func (o *outages) quiet(from, till time.Time, length time.Duration) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, each := range o.list {
		if each.from.Sub(from) >= length && till.Sub(from) >= length {
			return true
		}
		if each.till.IsZero() {
			return false
		}
		if end := each.till.Add(each.after()); end.After(from) {
			from = end
		}
	}
	return till.Sub(from) >= length
}

// String lists the last outages, for the report of a wrong verdict.
func (o *outages) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var lines []string
	for _, each := range o.list[max(0, len(o.list)-3):] {
		till := "now"
		if !each.till.IsZero() {
			till = each.till.Format(clock)
		}
		lines = append(lines, fmt.Sprintf("%s %s..%s", each.how, each.from.Format(clock), till))
	}
	return strings.Join(lines, ", ")
}

// clock is how instants are written.
const clock = "15:04:05.000"
