package revoke

import "slices"

// shard holds the spans of one part of a table: an array with open addressing,
// which one lookup reads at one place, and where nothing is ever removed. It does
// not change once its index is published.
type shard struct {
	slots []slot // a power of two; at most three in four are taken
	taken int
	more  map[fingerprint][]span // where several entries of one name cover each other in neither way
	size  int                    // entries: those in slots, and those in more
	made  *batch                 // the batch that made it, and may still change it
}

// slot is free where its fingerprint is zero.
type slot struct {
	fingerprint
	span
}

// find returns the span of a fingerprint, or nil.
func (s *shard) find(f fingerprint) *span {
	if at := s.place(f); s.slots[at].fingerprint == f {
		return &s.slots[at].span
	}
	return nil
}

// place is where a fingerprint stands, or would.
func (s *shard) place(f fingerprint) int {
	mask := len(s.slots) - 1
	at := int(f[0]>>32) & mask // the lower bits have chosen the shard
	for s.slots[at].fingerprint != f && s.slots[at].fingerprint != (fingerprint{}) {
		at = (at + 1) & mask
	}
	return at
}

// put keeps a span for a fingerprint, in place of what was there.
func (s *shard) put(f fingerprint, one span) {
	if 4*(s.taken+1) > 3*len(s.slots) {
		old := s.slots
		s.slots = make([]slot, 2*len(old))
		for _, kept := range old {
			if kept.fingerprint != (fingerprint{}) {
				s.slots[s.place(kept.fingerprint)] = kept
			}
		}
	}
	at := s.place(f)
	if s.slots[at].fingerprint == (fingerprint{}) {
		s.taken++
	}
	s.slots[at] = slot{f, one}
}

func (s *shard) length() int {
	if s == nil {
		return 0
	}
	return s.size
}

func (s *shard) hasEnded(now int64) bool {
	for _, at := range s.slots {
		if at.fingerprint == (fingerprint{}) {
			continue
		}
		if at.until <= now || slices.ContainsFunc(s.more[at.fingerprint], func(more span) bool { return more.until <= now }) {
			return true
		}
	}
	return false
}

// copied returns a shard that a batch may change, without what has ended.
func (s *shard) copied(made *batch, now int64) *shard {
	next := &shard{slots: make([]slot, 2), made: made}
	if s == nil {
		return next
	}
	if !s.hasEnded(now) && len(s.more) == 0 {
		next.slots, next.taken, next.size = slices.Clone(s.slots), s.taken, s.size
		return next
	}
	for _, at := range s.slots {
		if at.fingerprint == (fingerprint{}) {
			continue
		}
		for _, one := range append([]span{at.span}, s.more[at.fingerprint]...) {
			if one.until > now {
				next.add(at.fingerprint, one)
			}
		}
	}
	return next
}

// add keeps a span beside those of the same name that it does not cover, so that
// each entry ends at its own Until and no other's.
func (s *shard) add(f fingerprint, added span) {
	one := s.find(f)
	switch {
	case one == nil:
		s.put(f, added)
		s.size++
		return
	case one.covers(added) || slices.ContainsFunc(s.more[f], func(more span) bool { return more.covers(added) }):
		return
	}
	kept := slices.DeleteFunc(append([]span{*one}, s.more[f]...), added.covers)
	s.size += len(kept) - len(s.more[f])
	*one = added
	if len(kept) == 0 {
		delete(s.more, f)
		return
	}
	if s.more == nil {
		s.more = make(map[fingerprint][]span)
	}
	s.more[f] = kept
}
