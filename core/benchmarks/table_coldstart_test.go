package main

import (
	"slices"
	"testing"
)

// While the issuer answers, everybody starts; while it is down, only who has a Store.
func TestColdStarts(t *testing.T) {
	f := newFixture("RS256")
	issuers, err := coldIssuers(f, t.TempDir())
	for _, c := range issuers {
		t.Cleanup(c.close)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(issuers), 4; got != want {
		t.Fatalf("got %d issuers, want %d", got, want)
	}
	for i, c := range issuers {
		var passed []string
		want := []string{}
		for _, s := range c.starters {
			if _, err := c.start(f, s); err == nil {
				passed = append(passed, s.name)
			}
			if i < 3 || s.name == "jwtmw, warm DirStore" {
				want = append(want, s.name)
			}
		}
		if !slices.Equal(passed, want) {
			t.Errorf("%s: got %q to start, want %q", c.name, passed, want)
		}
	}
	for _, c := range issuers[:3] {
		for _, b := range unacceptable(f) {
			sent := *f
			sent.token = b.token
			for _, s := range c.starters {
				if _, err := c.start(&sent, s); err == nil {
					t.Errorf("%s: %s, %s: got no error, want a refusal", c.name, s.name, b.name)
				}
			}
		}
	}
}
