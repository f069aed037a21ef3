package issue

import (
	"log/slog"
	"slices"
	"time"
)

// addition is a key that is to come into the document.
type addition struct {
	keep    []ringKey // beside it
	from    time.Time
	level   slog.Level
	message string // for the log, once the store has it
}

// due returns the key that is to be added at now, or nil. It is the schedule.
func (r *ring) due(keys []ringKey, now time.Time) *addition {
	table := r.timetable(keys)
	keep := slices.DeleteFunc(slices.Clone(keys), func(k ringKey) bool { return !table.has(k.ID, now) })
	signing := table.signing(now)
	if signing == nil {
		// Valid from the past, for replicas whose clocks are behind. Nothing that ran
		// could have published it ahead, unless it is the very first.
		a := &addition{keep: keep, from: now.Add(-clockSkew), level: slog.LevelWarn, message: "key made that signs at once: nobody asked in time for one to be published ahead"}
		for _, s := range table.slots {
			if !now.Before(s.until) && s.until.After(a.from) {
				a.from = s.until
			}
		}
		if len(keys) == 0 {
			a.level, a.message = slog.LevelInfo, "first key made"
		}
		return a
	}
	follows := func(s slot) bool { return s.from.Equal(signing.until) }
	if now.Before(signing.until.Add(-r.Ahead)) || slices.ContainsFunc(table.slots, follows) {
		return nil
	}
	return &addition{keep: keep, from: signing.until, message: "next key made"}
}

// timetable is what the document means.
func (r *ring) timetable(keys []ringKey) timetable {
	slots := make([]slot, len(keys))
	for i, k := range keys {
		slots[i] = slot{key: k.key, from: k.From, until: k.Until}
	}
	table := newTimetable(slots, r.lifetime)
	table.maxAge = r.MaxAge
	if n := len(table.slots); n > 0 {
		table.grows = table.slots[n-1].until.Add(-r.Ahead)
	}
	return table
}
