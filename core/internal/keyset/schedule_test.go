package keyset

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// world is an issuer that rotates, fails and recovers at random, a Store and a Hook that may hang, and what must hold of a
// source in it, whatever happens in whichever order.
type world struct {
	*testing.T
	random  *rand.Rand // of the one goroutine that steers
	issuer  *issuer
	source  *remote
	release chan struct{}

	newest int // kid of the only key
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{T: t, random: rand.New(rand.NewPCG(seed, seed)), release: make(chan struct{})}
	w.issuer = newIssuer(nil)
	o := w.issuer.options()
	if w.random.IntN(2) == 0 {
		o.Store = &stuckStore{hangGet: w.random.IntN(2) == 0, hangPut: w.random.IntN(2) == 0, release: w.release}
	}
	if w.random.IntN(4) == 0 {
		o.Hooks.Fetched = func(Fetched) { <-w.release }
	}
	w.source = JWKS(keysURL, o).(*remote)
	w.turn()
	return w
}

// turn lets something happen to the issuer.
func (w *world) turn() {
	w.newest++
	latency := time.Duration(w.random.IntN(2000)) * time.Millisecond
	up := after(latency, ok(kids(fmt.Sprint(w.newest%16))))
	down := []func(*http.Request) (*http.Response, error){
		hang, broken, after(latency, status(500, "")), status(503, "", "Retry-After", "20"), ok("{}"),
		func(*http.Request) (*http.Response, error) { panic("x") },
		func(*http.Request) (*http.Response, error) { runtime.Goexit(); return nil, nil },
	}
	if w.random.IntN(3) > 0 {
		w.issuer.now(up)
	} else {
		w.issuer.now(down[w.random.IntN(len(down))])
	}
}

// ask is one caller with one kid.
func (w *world) ask(kid string, patience time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	before, start := w.source.state.Load(), time.Now()
	key, answered, err := w.source.Key(ctx, kid, true, jws.ES256)
	got, waited := verdict(key, err), time.Since(start)
	if !answered.Equal(time.Now()) {
		w.Errorf("got an answer as of %s at %s", answered, time.Now())
	}
	if waited > patience {
		w.Errorf("got an answer after %s, want it within %s", waited, patience)
	}
	if p := before.phase(start); p.serves() && got != found {
		if known, _ := before.set.Key(kid, true, jws.ES256); known != nil && waited == 0 && w.source.state.Load() == before {
			w.Errorf("got %s for a known kid in phase %s", got, p)
		}
	}
	after := w.source.state.Load()
	if got == unknown && after == before && after.failures > 0 {
		w.Error("got unknown while the last fetch failed")
	}
	if got == found && !key.Equal(newKey(w, keyOf(kid))) {
		w.Error("got the key of another kid")
	}
}

func TestRandomSchedules(t *testing.T) {
	for seed := range uint64(50) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, seed)
			var callers sync.WaitGroup
			for range 400 {
				if w.random.IntN(20) == 0 {
					w.turn()
				}
				kid, patience := fmt.Sprint(w.random.IntN(20)), time.Duration(1+w.random.IntN(8000))*time.Millisecond
				for range 1 + w.random.IntN(4) {
					callers.Go(func() { w.ask(kid, patience) })
				}
				pauses := []time.Duration{0, 0, time.Millisecond, time.Second, 20 * time.Second, 3 * time.Minute}
				time.Sleep(pauses[w.random.IntN(len(pauses))])
			}
			callers.Wait()
			w.settle()
		})
	}
}

// settle ends with an issuer that is up for longer than any backoff: its key is found then, and nothing else is left.
func (w *world) settle() {
	w.issuer.now(ok(kids("last")))
	time.Sleep(2 * time.Minute)
	for range 2 { // the first may only start the fetch in the background
		_, _, err := w.source.Key(w.Context(), "last", true, jws.ES256)
		if _, down := errors.AsType[*UnavailableError](err); err != nil && !down {
			w.Errorf("got %v, want the key or none yet", err)
		}
		synctest.Wait()
	}
	wantAnswer(w.T, w.source, "last", found, 0)
	close(w.release)
	synctest.Wait()
	if got := errandGoroutines(); got != 0 {
		w.Errorf("got %d goroutines, want none", got)
	}
}
