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
