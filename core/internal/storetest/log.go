// Package storetest holds what every store of a fleet must pass, in memory, in a
// file and on a server.
package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core/revoke"
)

const issuer = "https://issuer.test"

// Log holds a revoke.Log against its contract. open returns the same log each
// time, as another process sees it.
func Log(t *testing.T, open func() revoke.Log) {
	until := time.Now().Add(time.Hour).Truncate(time.Microsecond)
	entry := func(id string) revoke.Entry { return revoke.Entry{Issuer: issuer, ID: id, Until: until} }
	log, other := open(), open()
	all := []revoke.Entry{
		entry("a"),
		{Issuer: issuer, Session: `s "quoted" <&>`, Until: until},
		{Issuer: "ümlaut", Subject: "line\nbreak\x00", Before: until.Add(-time.Minute), Until: until},
		{Issuer: issuer, Before: until.Add(-time.Minute), Until: until},
	}
	since := func(l revoke.Log, cursor string) ([]revoke.Entry, string) {
		t.Helper()
		var all []revoke.Entry
		for {
			entries, next, err := l.Since(t.Context(), cursor)
			if err != nil {
				t.Fatal(err)
			}
			if all = append(all, entries...); len(entries) < 10_000 || next == cursor {
				return all, next
			}
			cursor = next
		}
	}
	got, empty := since(log, "")
	if len(got) != 0 {
		t.Fatalf("an empty log: got %d entries, want none", len(got))
	}
	if err := log.Add(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
	for _, cursor := range []string{"", "unknown", "unknown.1", ".", "-1", empty} {
		if got, _ := since(other, cursor); !same(got, all) {
			t.Errorf("since %q: got %v, want %v", cursor, got, all)
		}
	}
	_, end := since(log, "")
	if got, _ := since(other, end); len(got) != 0 {
		t.Errorf("since the end: got %v, want nothing", got)
	}
	if err := other.Add(t.Context(), entry("b")); err != nil {
		t.Fatal(err)
	}
	if got, _ := since(log, end); !same(got, []revoke.Entry{entry("b")}) {
		t.Errorf("since the end before another's Add: got %v, want that entry", got)
	}
	logOfManyWriters(t, open, since)
}

// logOfManyWriters adds from several processes, while a reader follows with its
// cursor and must miss none.
func logOfManyWriters(t *testing.T, open func() revoke.Log, since func(revoke.Log, string) ([]revoke.Entry, string)) {
	const writers, each = 4, 50
	until := time.Now().Add(time.Hour)
	_, cursor := since(open(), "")
	var group sync.WaitGroup
	for w := range writers {
		log := open()
		group.Go(func() {
			for n := range each {
				if err := log.Add(t.Context(), revoke.Entry{Issuer: issuer, ID: fmt.Sprint(w, "-", n), Until: until}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	seen, reader := make(map[string]bool), open()
	for last := false; !last; {
		select {
		case <-done:
			last = true
		default:
		}
		var entries []revoke.Entry
		entries, cursor = since(reader, cursor)
		for _, e := range entries {
			seen[e.ID] = true
		}
	}
	if len(seen) != writers*each {
		t.Errorf("got %d entries of %d writers, want %d", len(seen), writers, writers*each)
	}
}

// same compares without regard to order and time zone.
func same(got, want []revoke.Entry) bool {
	text := func(entries []revoke.Entry) (lines []string) {
		for _, e := range entries {
			lines = append(lines, fmt.Sprintf("%q %q %q %q %d %d", e.Issuer, e.ID, e.Session, e.Subject, e.Before.UnixMicro(), e.Until.UnixMicro()))
		}
		slices.Sort(lines)
		return lines
	}
	return slices.Equal(text(got), text(want))
}
