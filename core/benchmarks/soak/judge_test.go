package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// A wrong verdict is counted and told, a right one is neither.
func TestJudge(t *testing.T) {
	for _, test := range []struct {
		name    string
		request request
		answer  answer
		want    string // part of what is told; "" for a right verdict
	}{
		{"a good token passes", request{subject: "a", allowed: only(passes)}, answer{status: 200, subject: "a"}, ""},
		{"a good token is refused", request{subject: "a", allowed: only(passes)}, answer{status: 401, reason: "unknown_key", challenge: true}, "got 401 unknown_key"},
		{"a good token is somebody else's", request{subject: "a", allowed: only(passes)}, answer{status: 200, subject: "b"}, `got subject "b", want "a"`},
		{"a bad token is refused", request{allowed: only(badSignature)}, answer{status: 401, reason: "bad_signature", challenge: true}, ""},
		{"a bad token is refused otherwise", request{allowed: only(badSignature)}, answer{status: 401, reason: "expired", challenge: true}, "got 401 expired"},
		{"a bad token without a challenge", request{allowed: only(badSignature)}, answer{status: 401, reason: "bad_signature"}, "without WWW-Authenticate"},
		{"a bad token passes", request{allowed: only(badSignature)}, answer{status: 200, subject: "a"}, "got 200"},
		{"the service fails", request{allowed: only(badSignature)}, answer{status: 500, reason: "internal_error"}, "got 500 internal_error"},
		{"no answer", request{allowed: only(passes)}, answer{err: errors.New("EOF")}, "got no answer"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			w := &world{logs: new(lastLines), tally: tally{out: &out}}
			told := false
			test.request.after = func(answer) { told = true }
			w.judge(test.request, &replica{name: "r", verifier: new(core.Verifier)}, test.answer)
			_, wrongs := w.tally.counts()
			if (wrongs == 1) != (test.want != "") || !strings.Contains(out.String(), test.want) || told == (test.want != "") {
				t.Errorf("got %d wrong verdicts and %q, want %q", wrongs, out.String(), test.want)
			}
		})
	}
}

// What the store's outages excuse, and what they do not.
func TestExcuses(t *testing.T) {
	now := time.Now()
	w := &world{outages: outages{list: []outage{{"frozen", now.Add(-time.Minute), now.Add(-30 * time.Second)}}}}
	at := func(d time.Duration) answer { return answer{sent: now.Add(d), done: now.Add(d + time.Millisecond)} }
	for _, test := range []struct {
		name           string
		at             time.Duration
		listed, claims bool // whether their 503 is excused
	}{
		{"before", -70 * time.Second, false, false},
		{"in its first seconds the list serves", -55 * time.Second, false, true},
		{"the list has become too old", -45 * time.Second, true, true},
		{"the clients find their way back", -25 * time.Second, true, true},
		{"after", -5 * time.Second, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := slices.Contains(w.listed(passes)(at(test.at)), noList); got != test.listed {
				t.Errorf("list: got %t, want %t", got, test.listed)
			}
			if got := slices.Contains(w.claimed(passes)(at(test.at)), noProof); got != test.claims {
				t.Errorf("proofs: got %t, want %t", got, test.claims)
			}
		})
	}
}

func TestWeights(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range kinds() {
		if seen[k.name] || k.weight < 1 {
			t.Errorf("%s: got it twice, or with weight %d", k.name, k.weight)
		}
		seen[k.name] = true
	}
	if got := len(deckOf(kinds())); got != 100 {
		t.Errorf("got weights of %d in all, want 100", got)
	}
}

func TestGrown(t *testing.T) {
	first := sample{heap: 1 << 20, goroutines: 50, descriptors: 30}
	for _, test := range []struct {
		name string
		last sample
		want []string
	}{
		{"the same", first, nil},
		{"less", sample{}, nil},
		{"as much as may be", sample{heap: first.heap + moreHeap, goroutines: 50 + moreGoroutines, descriptors: 30 + moreDescriptors}, nil},
		{"heap", sample{heap: first.heap + moreHeap + 1}, []string{"heap"}},
		{"goroutines and descriptors", sample{goroutines: 51 + moreGoroutines, descriptors: 31 + moreDescriptors}, []string{"goroutines", "descriptors"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := grown([]sample{first, test.last})
			if len(got) != len(test.want) {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			for n, want := range test.want {
				if !strings.HasPrefix(got[n], want) {
					t.Errorf("got %q, want %q", got[n], want)
				}
			}
		})
	}
}

func TestOptions(t *testing.T) {
	for _, test := range []struct {
		name    string
		options options
		ok      bool
	}{
		{"an hour", options{time.Hour, 60, 0}, true},
		{"no time", options{0, 60, 0}, false},
		{"silent replicas", options{time.Hour, 1, 0}, false},
		{"a flood", options{time.Hour, 1_000_000, 0}, false},
	} {
		if err := test.options.validate(); (err == nil) != test.ok {
			t.Errorf("%s: got %v, want ok %t", test.name, err, test.ok)
		}
	}
}
