package revoke

import (
	"math"
	"slices"
	"time"
)

// shard holds the spans of one part of a table. It does not change once its
// index is published.
type shard struct {
	spans map[fingerprint]span
	more  map[fingerprint][]span // where several entries of one name cover each other in neither way
	size  int
	made  *batch // the batch that made it, and may still change it
}

// batch is one change of an index.
type batch struct{ _ byte }

// with returns the index with entries as well, and without those that have
// ended in the shards that it has to copy.
func (x *index) with(entries []Entry, now time.Time) *index {
	next, made, instant := &index{seeds: x.seeds, tables: x.tables}, new(batch), nanoseconds(now)
	for _, e := range entries {
		s := span{math.MaxInt64, nanoseconds(e.Until)}
		if !e.Before.IsZero() {
			s.before = nanoseconds(e.Before)
		}
		if s.until <= instant {
			continue
		}
		k, name := e.kind()
		f := next.fingerprint(k, next.issuer(e.Issuer), name)
		next.writable(k, x.tables[k]).add(f, s, made, instant)
	}
	return next
}

// swept returns the index without the entries that have ended.
func (x *index) swept(now time.Time) *index {
	next, made, instant := &index{seeds: x.seeds, tables: x.tables}, new(batch), nanoseconds(now)
	for k, table := range x.tables {
		if table == nil {
			continue
		}
		for i, shard := range table.shards {
			if shard == nil || !shard.hasEnded(instant) {
				continue
			}
			left := shard.copied(made, instant)
			if left.size == 0 {
				left = nil
			}
			next.writable(kind(k), table).replace(i, left)
		}
		if next.tables[k].size == 0 {
			next.tables[k] = nil // nothing of that kind costs a lookup any more
		}
	}
	return next
}

// writable returns the table of a kind that x may change: a copy of the old one.
func (x *index) writable(k kind, old *table) *table {
	switch t := x.tables[k]; {
	case t == nil:
		x.tables[k] = new(table)
	case t == old:
		shared := *t
		x.tables[k] = &shared
	}
	return x.tables[k]
}

func (t *table) add(f fingerprint, s span, made *batch, now int64) {
	i := f.shard()
	part := t.shards[i]
	if part == nil || part.made != made {
		part = part.copied(made, now)
		t.replace(i, part)
	}
	before := part.size
	part.add(f, s)
	t.size += part.size - before
}

func (t *table) replace(i int, next *shard) {
	t.size += next.length() - t.shards[i].length()
	t.shards[i] = next
}

func (s *shard) length() int {
	if s == nil {
		return 0
	}
	return s.size
}

func (s *shard) hasEnded(now int64) bool {
	for f, one := range s.spans {
		if one.until <= now || slices.ContainsFunc(s.more[f], func(more span) bool { return more.until <= now }) {
			return true
		}
	}
	return false
}

// copied returns a shard that owner may change, without what has ended.
func (s *shard) copied(made *batch, now int64) *shard {
	next := &shard{made: made}
	if s == nil {
		next.spans = make(map[fingerprint]span)
		return next
	}
	next.spans = make(map[fingerprint]span, len(s.spans)+1)
	for f, one := range s.spans {
		for _, one := range append([]span{one}, s.more[f]...) {
			if one.until > now {
				next.add(f, one)
			}
		}
	}
	return next
}

// add keeps s beside the spans of the same name that it does not cover, so that
// each entry ends at its own Until and no other's.
func (s *shard) add(f fingerprint, added span) {
	one, ok := s.spans[f]
	switch {
	case !ok:
		s.spans[f] = added
		s.size++
		return
	case one.covers(added) || slices.ContainsFunc(s.more[f], func(more span) bool { return more.covers(added) }):
		return
	}
	kept := slices.DeleteFunc(append([]span{one}, s.more[f]...), added.covers)
	s.size += len(kept) - len(s.more[f])
	s.spans[f] = added
	if len(kept) == 0 {
		delete(s.more, f)
		return
	}
	if s.more == nil {
		s.more = make(map[fingerprint][]span)
	}
	s.more[f] = kept
}
