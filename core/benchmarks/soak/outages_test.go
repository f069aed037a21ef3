package main

import (
	"testing"
	"time"
)

func TestOutages(t *testing.T) {
	start := time.Unix(1_800_000_000, 0)
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	const s = time.Second
	ended := outages{list: []outage{{"frozen", at(100), at(108)}}} // its traces end at 115
	lasting := outages{list: []outage{{how: "killed", from: at(100)}}}
	for _, test := range []struct {
		name         string
		of           *outages
		from, till   int
		grace        time.Duration
		touch, quiet bool // quiet for 5 s
	}{
		{"none at all", &outages{}, 0, 10, 0, false, true},
		{"before it", &ended, 90, 99, 0, false, true},
		{"begun before it, answered in it", &ended, 99, 101, 0, true, false},
		{"in it", &ended, 101, 107, 0, true, false},
		{"in its traces", &ended, 110, 114, 0, true, false},
		{"after its traces", &ended, 116, 130, 0, false, true},
		{"across it", &ended, 90, 130, 0, true, true},
		{"short of the grace", &ended, 101, 107, 9 * s, false, false},
		{"short of the grace, in its traces", &ended, 109, 113, 9 * s, false, false},
		{"longer than the grace", &ended, 106, 107, 5 * s, true, false},
		{"before the grace is over", &ended, 101, 104, 5 * s, false, false},
		{"while it lasts", &lasting, 500, 501, 9 * s, true, false},
		{"quiet before one that lasts", &lasting, 90, 501, 0, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.of.touch(at(test.from), at(test.till), test.grace); got != test.touch {
				t.Errorf("touch: got %t, want %t", got, test.touch)
			}
			if got := test.of.quiet(at(test.from), at(test.till), 5*s); got != test.quiet {
				t.Errorf("quiet: got %t, want %t", got, test.quiet)
			}
		})
	}
}
