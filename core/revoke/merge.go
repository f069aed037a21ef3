package revoke

import (
	"math"
	"time"
)

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
