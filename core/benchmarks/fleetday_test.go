package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/benchmarks/progress"
)

var (
	fleetVerifiers = flag.Int("verifiers", 50, "of the fleet whose day is simulated")
	fleetSeed      = flag.Uint64("seed", 1, "of the instants at which the fleet's verifiers are asked")
	fleetWrite     = flag.Bool("write", false, "write what the fleet's day came to into results, and draw it")
)

// phase is a part of the day that has a row of its own.
type phase struct {
	name       string
	from, till time.Duration
}

func phases() []phase {
	return []phase{
		{"the first start, within ten minutes", 0, rampFor},
		{"steady state", rampFor, deployAt},
		{"a deploy restarts all at once: the first second", deployAt, deployAt + time.Second},
		{"the twenty minutes after it", deployAt + time.Second, deployAt + busyFor},
		{"a key is published half an hour ahead", aheadAt, aheadAt + time.Hour},
		{"a key signs at once", atOnceAt, atOnceAt + 10*time.Minute},
		{"the issuer is down for an hour", outageAt, outageAt + outageFor},
		{"the ten minutes after it", outageAt + outageFor, outageAt + outageFor + 10*time.Minute},
		{"ten minutes of invented kids, one a second at each", floodAt, floodAt + floodFor},
		{"the whole day", 0, day},
	}
}

// TestFleetDay is the table "A fleet's day" in README.md. What must hold for any
// number of verifiers is held here, with a few.
func TestFleetDay(t *testing.T) {
	n := *fleetVerifiers
	work := progress.Start(os.Stderr, "fleet's day", int64(2*n*24*60), time.Minute)
	defer work.End()
	days := map[string]*fleet{}
	for _, name := range []string{alone, shared} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fleet{issuer: newDayIssuer(), work: work, tokens: map[string]string{}}
				if name == shared {
					f.store = newMemoryRedis().Documents("keys:")
				}
				f.run(t, n, *fleetSeed)
				days[name] = f
				f.hold(t, n)
			})
		})
	}
	if t.Failed() || len(days) != 2 { // a run of one of them has no table
		return
	}
	result := fleetResult(n, *fleetSeed, days[alone], days[shared])
	t.Logf("\n%s", result.markdown())
	if *fleetWrite {
		if err := result.save(); err != nil {
			t.Error(err)
		}
	}
}

const alone, shared = "each by itself", "with a shared Store"

// hold says what no fleet may do, whatever its size.
func (f *fleet) hold(t *testing.T, n int) {
	if got, want := f.good.Load(), int64(n*23*60); got < want {
		t.Errorf("got %d good tokens judged, want %d or more", got, want)
	}
	if got := f.refused.Load(); got != 0 {
		t.Errorf("got %d good tokens refused, want none: %s", got, f.reasonList())
	}
	if got := f.passed.Load(); got != 0 {
		t.Errorf("got %d invented kids that passed, want none", got)
	}
	// A refresh is two requests, metadata and keys.
	for _, bound := range []struct {
		what       string
		from, till time.Duration
		most       int
	}{
		// From 80 % of an age that is shortened by a tenth at most.
		{"steady state", rampFor, deployAt, n * 2 * int((deployAt-rampFor)/(fleetMaxAge*72/100)+1)},
		{"the second of the deploy", deployAt, deployAt + time.Second, 2 * n},
		// Backoff reaches 60 s within two minutes, and jitters downwards from there.
		{"the outage", outageAt, outageAt + outageFor, n * 2 * 130},
		// A burst of two, and one more each ten seconds.
		{"the flood", floodAt, floodAt + floodFor, n * 2 * (2 + int(floodFor/(10*time.Second)) + 2)},
	} {
		if total, _ := f.issuer.asked(bound.from, bound.till); total > bound.most {
			t.Errorf("%s: got %d requests to the issuer, want at most %d", bound.what, total, bound.most)
		}
	}
	if got, most := time.Duration(f.learnt[0].Load()), fleetMaxAge*11/10+time.Minute; got <= 0 || got > most {
		t.Errorf("a key published ahead: got %v until the last verifier has it, want more than 0 and at most %v", got, most)
	}
	if got := time.Duration(f.learnt[1].Load()); got <= 0 || got > time.Minute+time.Second {
		t.Errorf("a key that signs at once: got %v until the last verifier has it, want it with its first token, within a minute", got)
	}
}

func (f *fleet) reasonList() string {
	var reasons []string
	f.reasons.Range(func(reason, _ any) bool {
		reasons = append(reasons, string(reason.(core.Reason)))
		return true
	})
	slices.Sort(reasons)
	return strings.Join(reasons, ", ")
}

func fleetCommand(n int, seed uint64) string {
	return fmt.Sprintf("go test -run TestFleetDay -v -timeout 0 -verifiers %d -seed %d -write", n, seed)
}
