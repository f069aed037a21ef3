package revoke

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

const someIssuer = "https://issuer.test"

func revokesID(x *index, id string, now time.Time) bool {
	return x.revokes(&core.Claims{Issuer: someIssuer, ID: id}, now)
}

func entriesOf(n int, until time.Time) []Entry {
	entries := make([]Entry, n)
	for i := range entries {
		entries[i] = Entry{Issuer: someIssuer, ID: fmt.Sprint(i), Until: until}
	}
	return entries
}

// Enough entries that their places collide: each is found, and nothing else.
func TestIndexFindsEach(t *testing.T) {
	const n = 50_000
	now := time.Now()
	x := newIndex()
	for part := range 5 {
		x = x.with(entriesOf(n, now.Add(time.Hour))[part*n/5:(part+1)*n/5], now)
	}
	if x.size() != n {
		t.Errorf("got size %d, want %d", x.size(), n)
	}
	for i := range n {
		if id := fmt.Sprint(i); !revokesID(x, id, now) {
			t.Fatalf("got entry %s not found", id)
		}
		if id := fmt.Sprint(n + i); revokesID(x, id, now) {
			t.Fatalf("got %s found, which nobody added", id)
		}
	}
}

// An index does not change: who reads it holds no lock.
func TestIndexDoesNotChange(t *testing.T) {
	now := time.Now()
	before := newIndex().with(entriesOf(5000, now.Add(time.Minute)), now)
	more := []Entry{{Issuer: someIssuer, ID: "more", Until: now.Add(time.Hour)}, {Issuer: someIssuer, Subject: "more", Until: now.Add(time.Hour)}}
	after := before.with(more, now)
	if revokesID(before, "more", now) || before.size() != 5000 {
		t.Errorf("got size %d, want the old index as it was", before.size())
	}
	if !revokesID(after, "more", now) || !revokesID(after, "0", now) || after.size() != 5002 {
		t.Errorf("got size %d, want both kinds in the next index", after.size())
	}
	now = now.Add(time.Minute)
	swept := after.swept(now)
	if after.size() != 5002 || swept.size() != 2 || !revokesID(swept, "more", now) {
		t.Errorf("got size %d, and %d when what ended is swept, want 5002 and 2", after.size(), swept.size())
	}
	swept = swept.swept(now.Add(time.Hour))
	if swept.size() != 0 || swept.tables != [kinds]*table{} {
		t.Errorf("got size %d and tables %v, want an empty index", swept.size(), swept.tables)
	}
}

// What has ended takes no room, and counts no more from that instant on.
func TestIndexTakesNothingThatHasEnded(t *testing.T) {
	now := time.Now()
	x := newIndex().with([]Entry{
		{Issuer: someIssuer, ID: "ended", Until: now.Add(-1)}, {Issuer: someIssuer, ID: "now", Until: now}, {Issuer: someIssuer, ID: "live", Until: now.Add(1)},
	}, now)
	if x.size() != 1 || !revokesID(x, "live", now) || revokesID(x, "live", now.Add(1)) {
		t.Errorf("got size %d, want the one that is live, for a nanosecond", x.size())
	}
}

// Instants that a count of nanoseconds cannot hold are before or after all others.
func TestNanoseconds(t *testing.T) {
	for _, test := range []struct {
		at   time.Time
		want int64
	}{
		{time.Time{}, math.MinInt64},
		{time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC), math.MinInt64},
		{time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC), -8520336000e9},
		{time.Unix(0, 1), 1},
		{time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC), 9214646400e9},
		{time.Date(2263, 1, 1, 0, 0, 0, 0, time.UTC), math.MaxInt64},
		{time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), math.MaxInt64},
	} {
		if got := nanoseconds(test.at); got != test.want {
			t.Errorf("%v: got %d, want %d", test.at, got, test.want)
		}
	}
}

// Spans of one name stay beside each other where none covers the other.
func TestShardKeepsWhatIsNotCovered(t *testing.T) {
	s, f := (*shard)(nil).copied(new(batch), 0), fingerprint{1, 1}
	for _, step := range []struct {
		name  string
		added span
		size  int
	}{
		{"first", span{10, 10}, 1},
		{"the same", span{10, 10}, 1},
		{"beside it", span{5, 20}, 2},
		{"the first again", span{10, 10}, 2},
		{"covered by the first alone", span{9, 9}, 2},
		{"covered by the second alone", span{4, 19}, 2},
		{"a third", span{1, 30}, 3},
		{"it covers the second and the third", span{5, 30}, 2},
		{"it covers all", span{10, 30}, 1},
		{"covered by all", span{1, 1}, 1},
	} {
		s.add(f, step.added)
		if copied := s.copied(new(batch), 0); copied.size != step.size || len(copied.more[f]) != len(s.more[f]) {
			t.Errorf("%s: got a copy of size %d, want %d", step.name, copied.size, step.size)
		}
		held := len(s.more[f])
		if one := s.find(f); one != nil {
			held++
		}
		if s.size != step.size || held != step.size || step.size == 1 && len(s.more) > 0 {
			t.Errorf("%s: got size %d, %d spans and %d names with several, want %d", step.name, s.size, held, len(s.more), step.size)
		}
	}
}

// A span ends by itself, whichever of its name it is.
func TestShardForgetsWhatHasEnded(t *testing.T) {
	f, short, long := fingerprint{1, 1}, span{10, 10}, span{5, 20}
	for name, order := range map[string][]span{"the first": {short, long}, "the second": {long, short}} {
		s := (*shard)(nil).copied(new(batch), 0)
		for _, one := range order {
			s.add(f, one)
		}
		for now, want := range map[int64]int{9: 2, 10: 1, 19: 1, 20: 0} {
			if ended := s.hasEnded(now); ended != (want < 2) {
				t.Errorf("%s at %d: got one ended: %t, want %t", name, now, ended, want < 2)
			}
			if got := s.copied(new(batch), now).size; got != want {
				t.Errorf("%s at %d: got %d in a copy, want %d", name, now, got, want)
			}
		}
	}
}

// Several spans of one name take nothing from another name's.
func TestShardOfTwoNames(t *testing.T) {
	s := (*shard)(nil).copied(new(batch), 0)
	for _, f := range []fingerprint{{1, 1}, {2, 1}} {
		s.add(f, span{10, 10})
		s.add(f, span{5, 20})
	}
	if s.size != 4 || len(s.more) != 2 {
		t.Errorf("got size %d and %d names with several spans, want 4 and 2", s.size, len(s.more))
	}
}
