package keyset

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A kept answer counts up to its limits, and not a nanosecond beyond.
func TestReviveBounds(t *testing.T) {
	const longest = maxMaxAge + maxMaxAge/10
	tests := []struct {
		name   string
		age    time.Duration // since it was fetched
		maxAge time.Duration
		known  time.Duration // since this Source's own last success; 0: none
		kept   bool
		refuse string // part of the error; "": none
	}{
		{"just fetched", 0, time.Minute, 0, true, ""},
		{"as old as MaxAge and MaxStale allow", time.Minute + DefaultMaxStale - 1, time.Minute, 0, true, ""},
		{"older", time.Minute + DefaultMaxStale, time.Minute, 0, false, ""},
		{"younger than one's own", time.Second - 1, time.Minute, time.Second, true, ""},
		{"as young", time.Second, time.Minute, time.Second, false, ""},
		{"of the future, within two clocks' difference", -time.Minute, time.Minute, 0, true, ""},
		{"further ahead", -time.Minute - 1, time.Minute, 0, false, "of the future"},
		{"the longest age", 0, longest, 0, true, ""},
		{"longer", 0, longest + 1, 0, false, "max_age"},
		{"the shortest age", 0, 1, 0, true, ""},
		{"no age", 0, 0, 0, false, "max_age"},
		{"a negative age", 0, -1, 0, false, "max_age"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := restarted(newIssuer(broken), newMemory())
				seen := newState()
				if tt.known > 0 {
					seen.lastSuccess = time.Now().Add(-tt.known)
				}
				data, err := json.Marshal(keptAnswer{
					Source: s.origin.identity(), URL: keysURL, FetchedAt: time.Now().Add(-tt.age), MaxAge: tt.maxAge.String(), Document: []byte(kids("a")),
				})
				if err != nil {
					t.Fatal(err)
				}
				got, err := s.revive(data, seen)
				if (got != nil) != tt.kept {
					t.Errorf("got %+v, want kept %t", got, tt.kept)
				}
				if (err != nil) != (tt.refuse != "") || err != nil && !strings.Contains(err.Error(), tt.refuse) {
					t.Errorf("got error %v, want one of %q", err, tt.refuse)
				}
				if got != nil && (!got.loaded.Equal(time.Now().Add(-max(tt.age, 0))) || !got.refreshAt.Equal(got.loaded)) {
					t.Errorf("got loaded %s, refresh %s, want both %s ago", got.loaded, got.refreshAt, max(tt.age, 0))
				}
			})
		})
	}
}

// The same document at the same address is the same Set, so that nobody is told of a change.
func TestReviveOfTheSameDocument(t *testing.T) {
	const other = "https://issuer.test/other"
	for name, tt := range map[string]struct {
		document, url string // that the Source has
		same          bool
	}{
		"the same":        {kids("a"), keysURL, true},
		"another":         {kids("a", "b"), keysURL, false},
		"another address": {kids("a"), other, false},
	} {
		s := restarted(newIssuer(broken), newMemory())
		seen := newState()
		set := mustParse(t, tt.document)
		seen.content = content{set: set, document: []byte(tt.document), located: location{address: tt.url}, page: page{etag: "1"}}
		data, err := json.Marshal(keptAnswer{
			Source: s.origin.identity(), URL: keysURL, FetchedAt: time.Now(), MaxAge: "1m0s", Document: []byte(kids("a")),
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.revive(data, seen)
		if err != nil || got == nil {
			t.Fatalf("%s: got %v, %v, want it kept", name, got, err)
		}
		if (got.set == set) != tt.same || (got.page.etag == "1") != tt.same || got.set.Len() == 0 {
			t.Errorf("%s: got set %v, page %+v, want the one that was there: %t", name, got.set, got.page, tt.same)
		}
		// It is no start: whoever has keys takes newer ones for what they are.
		if !got.refreshAt.After(got.loaded) {
			t.Errorf("%s: got a refresh due %s after the keys were fetched, want it at 80 %% of their age", name, got.refreshAt.Sub(got.loaded))
		}
	}
}

// lying is a Store whose Get returns what it likes.
type lying struct {
	data []byte
	err  error
}

func (l lying) Get(context.Context, string) ([]byte, error) { return l.data, l.err }
func (lying) Put(context.Context, string, []byte) error     { return nil }
func (lying) Shared() bool                                  { return false }

// A miss is no damage, what comes with an error does not count, and a Store that is not shared is one of a process.
func TestRestoreOfOddAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(broken)
		entry, err := json.Marshal(keptAnswer{
			Source: i.source().origin.identity(), URL: keysURL, FetchedAt: time.Now(), MaxAge: "1m0s", Document: []byte(kids("a")),
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, tt := range map[string]struct {
			store           Store
			want            string
			damaged, unread int
		}{
			"a miss":            {lying{nil, nil}, unavailable, 0, 0},
			"nothing":           {lying{[]byte{}, nil}, unavailable, 1, 0},
			"data and an error": {lying{entry, errors.New("timeout")}, unavailable, 0, 1},
			"an entry":          {lying{entry, nil}, found, 0, 0},
		} {
			var j journal
			o := i.options()
			o.Store, o.Logger = tt.store, j.logger()
			before := i.requests()
			wantAnswer(t, JWKS(keysURL, o), "a", tt.want, 0)
			synctest.Wait()
			if damaged, unread := j.count("kept keys are damaged"), j.count("key store cannot be read"); damaged != tt.damaged || unread != tt.unread {
				t.Errorf("%s: got %d and %d lines, want %d of damage and %d of trouble", name, damaged, unread, tt.damaged, tt.unread)
			}
			wantRequests(t, i, before+1)
		}
	})
}
