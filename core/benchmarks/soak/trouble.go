package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// settle is how long every verifier needs to follow its issuer: a key set is at most
// 66 s old, and after failures a verifier asks again within 60 s.
const settle = 140 * time.Second

// wait returns false where ctx ended first.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// between is a duration by chance, and an eighth of a short run at most.
func (w *world) between(rng *rand.Rand, least, most time.Duration) time.Duration {
	return min(least+time.Duration(rng.Int64N(int64(most-least))), w.options.length/8)
}

// troubleStore freezes and kills the store until ctx ends: mostly for seconds, which
// the list of revocations must hide, now and then for longer. The store answers when
// it returns.
func (w *world) troubleStore(ctx context.Context) error {
	rng := rand.New(rand.NewPCG(w.options.seed, 1<<32))
	for n := 0; wait(ctx, w.between(rng, 15*time.Second, time.Minute)); n++ {
		least, most := 500*time.Millisecond, 5*time.Second
		if n%4 >= 2 {
			least, most = 15*time.Second, 40*time.Second
		}
		d := w.between(rng, least, most)
		if n%2 == 0 {
			w.outages.begin("killed")
			w.server.kill()
			wait(ctx, d)
			if err := w.server.start(context.WithoutCancel(ctx)); err != nil {
				return err
			}
		} else {
			w.outages.begin("frozen")
			if err := w.server.freeze(); err != nil {
				return err
			}
			wait(ctx, d)
			if err := w.server.thaw(); err != nil {
				return err
			}
		}
		w.outages.end()
		w.tally.note("store killed or frozen")
	}
	return nil
}

// faults are what the turning issuer's documents do wrong.
func faults() map[string]jwttest.Fault {
	return map[string]jwttest.Fault{
		"500":       jwttest.Fail(500),
		"503":       jwttest.Fail(503),
		"hang":      jwttest.Hang(),
		"drop":      jwttest.Drop(),
		"truncate":  jwttest.Truncate(),
		"html":      jwttest.HTML(),
		"empty":     jwttest.Empty(),
		"drip":      jwttest.Drip(100 * time.Millisecond),
		"endless":   jwttest.Endless(),
		"bomb":      jwttest.GzipBomb(64 << 20),
		"no object": jwttest.Answer(200, "application/json", []byte(`[]`)),
		"redirect":  jwttest.Redirect("http://127.0.0.1:9/"),
		"slow":      jwttest.Delay(3 * time.Second),
	}
}

var faultNames = []string{"500", "hang", "empty", "truncate", "drop", "html", "drip", "503", "bomb", "endless", "no object", "redirect", "slow"}

// troubleIssuer lets documents fail and keys turn until ctx ends, in an order in which
// a good token always has a key that every verifier could fetch.
func (w *world) troubleIssuer(ctx context.Context) {
	rng := rand.New(rand.NewPCG(w.options.seed, 1<<33))
	all, next := faults(), rng.IntN(len(faultNames))
	fail := func() bool {
		name := faultNames[next%len(faultNames)]
		next++
		documents := [][]jwttest.Document{{jwttest.JWKS}, {jwttest.Metadata}, nil}[rng.IntN(3)]
		w.events.add(fmt.Sprintf("%s of %q begins", name, documents))
		w.turning.issuer.Misbehave(all[name], documents...)
		ok := wait(ctx, w.between(rng, 5*time.Second, 45*time.Second))
		w.turning.issuer.Recover()
		w.events.add("all is well")
		w.tally.note("documents failed")
		return ok
	}
	step := func(what string, do func()) bool {
		do()
		w.events.add(what)
		w.tally.note(what)
		return true
	}
	for {
		ok := wait(ctx, w.between(rng, 10*time.Second, 30*time.Second)) && fail() &&
			step("keys rotated", w.turning.rotate) && wait(ctx, w.between(rng, 5*time.Second, 30*time.Second)) && fail() && wait(ctx, settle) &&
			step("old keys retired", w.turning.promote) && wait(ctx, w.between(rng, 5*time.Second, 30*time.Second)) && fail() && wait(ctx, settle) &&
			step("retired keys known to all", w.turning.forget)
		if !ok {
			return
		}
	}
}
