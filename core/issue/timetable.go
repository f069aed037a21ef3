package issue

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// timetable is a set of keys and when each does what: all that an Issuer knows.
// It does not change, and what it means at an instant depends on nothing else,
// so that replicas with the same keys and Config agree without a word. The zero
// timetable has no key.
type timetable struct {
	slots  []slot        // by from
	maxAge time.Duration // of the key set, at most
	grows  time.Time     // when the next key is due to be made; zero: it is there, or the user makes it
}

// slot is a key and its times. An instant that is zero never comes, but published
// and from have then always been.
type slot struct {
	*key
	published time.Time // in the key set from here on
	from      time.Time // signs from here on
	until     time.Time // and before this
	gone      time.Time // in the key set before this
}

// newTimetable orders keys by when they begin. A key signs until the next one
// begins, or until its own end if that is earlier.
func newTimetable(slots []slot, lifetime time.Duration) timetable {
	slots = slices.Clone(slots)
	slices.SortStableFunc(slots, func(a, b slot) int { return a.from.Compare(b.from) })
	for i := range slots {
		s := &slots[i]
		if i+1 < len(slots) && (s.until.IsZero() || slots[i+1].from.Before(s.until)) {
			s.until = slots[i+1].from
		}
		if !s.until.IsZero() {
			s.gone = s.until.Add(lifetime + clockSkew)
		}
	}
	return timetable{slots: slots}
}

// signing returns the slot of the one key that signs at now, or nil.
func (t *timetable) signing(now time.Time) *slot {
	for i := range slices.Backward(t.slots) {
		s := &t.slots[i]
		if now.Before(s.from) {
			continue
		}
		if s.until.IsZero() || now.Before(s.until) {
			return s
		}
		return nil // those before it ended no later than it began
	}
	return nil
}

// present says whether the key is in the key set at now.
func (s *slot) present(now time.Time) bool {
	return !now.Before(s.published) && (s.gone.IsZero() || now.Before(s.gone))
}

// published returns the public keys in the key set at now.
func (t *timetable) published(now time.Time) []*key {
	var keys []*key
	for i := range t.slots {
		if s := &t.slots[i]; s.jwk != nil && s.present(now) {
			keys = append(keys, s.key)
		}
	}
	return keys
}

// has says whether the key set at now has a key of that id.
func (t *timetable) has(id string, now time.Time) bool {
	return slices.ContainsFunc(t.slots, func(s slot) bool { return s.id == id && s.present(now) })
}

// freshFor returns how long the key set stays as it is at now, at most maxAge.
func (t *timetable) freshFor(now time.Time) time.Duration {
	d := t.maxAge
	for _, s := range t.slots {
		for _, change := range []time.Time{s.published, s.gone, t.grows} {
			if now.Before(change) {
				d = min(d, change.Sub(now))
			}
		}
	}
	if !t.grows.IsZero() && !now.Before(t.grows) {
		d = min(d, lookEvery) // the key is overdue, and comes with any look
	}
	return d
}

// silence says why no key signs at now.
func (t *timetable) silence(now time.Time) error {
	for _, s := range t.slots {
		if now.Before(s.from) {
			return fmt.Errorf("the first key signs from %s on, and it is %s", s.from.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
		}
	}
	return errors.New("there is none, or the last one has ended")
}
