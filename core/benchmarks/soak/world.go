package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// workers send requests at a time. It bounds the connections of each client too.
const workers = 24

// world is everything that runs: the store, two issuers, seven services and those who
// call them.
type world struct {
	options  options
	server   *server
	turning  *turning
	ringed   *ringed
	replicas []*replica
	evil     *jwttest.Issuer // signs as the turning issuer, with keys of its own
	thief    prover

	outages outages
	events  events
	logs    *lastLines
	proven  proven
	ended   ended
	tally   tally
	gate    sync.RWMutex // held for reading by each request, and for writing while it is measured
}

func newWorld(ctx context.Context, o options) (*world, error) {
	w := &world{options: o, logs: new(lastLines), thief: newThief()}
	logger := slog.New(slog.NewTextHandler(w.logs, nil))
	var err error
	if w.server, err = startServer(ctx); err != nil {
		return w, err
	}
	if w.turning, err = newTurning(); err != nil {
		return w, err
	}
	w.evil = jwttest.NewIssuer(w.turning.issuer.URL())
	if w.ringed, err = newRinged(w.server, logger); err != nil {
		return w, err
	}
	for _, f := range frameworks() {
		r, err := newReplica(ctx, f, w.server, w.turning, w.ringed, logger)
		w.replicas = append(w.replicas, r)
		if err != nil {
			return w, err
		}
	}
	return w, nil
}

func (w *world) close() {
	for _, r := range w.replicas {
		r.close()
	}
	if w.ringed != nil {
		w.ringed.stop()
	}
	if w.turning != nil {
		w.turning.issuer.Close()
	}
	if w.server != nil {
		w.server.close()
	}
}

// load sends requests at the rate until ctx ends, and returns when all are answered.
func (w *world) load(ctx context.Context) {
	tickets := make(chan struct{})
	var group sync.WaitGroup
	for n := range workers {
		rng := rand.New(rand.NewPCG(w.options.seed, uint64(n)))
		group.Go(func() {
			deck := deckOf(kinds())
			for range tickets {
				w.one(rng, deck)
			}
		})
	}
	tick := time.NewTicker(time.Second / time.Duration(w.options.rate))
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			tickets <- struct{}{} // waits where all are busy: the rate falls then
		}
	}
	close(tickets)
	group.Wait()
}

// deckOf has each kind as often as it weighs.
func deckOf(kinds []kind) (deck []kind) {
	for _, k := range kinds {
		deck = append(deck, slices.Repeat([]kind{k}, k.weight)...)
	}
	return deck
}

// one makes a request, sends it and judges the answer.
func (w *world) one(rng *rand.Rand, deck []kind) {
	w.gate.RLock()
	defer w.gate.RUnlock()
	to := w.replicas[rng.IntN(len(w.replicas))]
	r := w.draw(rng, deck, to)
	if r.twin == nil {
		w.judge(r, to, to.client.send(context.Background(), r))
		return
	}
	var other answer
	done := make(chan struct{})
	go func() { other = r.twin.client.send(context.Background(), r); close(done) }()
	first := to.client.send(context.Background(), r)
	<-done
	w.judge(r, to, first)
	w.judge(r, r.twin, other)
	passed := 0
	for _, a := range []answer{first, other} {
		if a.String() == passes {
			passed++
		}
	}
	if passed == 2 || passed == 0 && !w.outages.touch(first.sent, maxTime(first.done, other.done), 0) {
		got := fmt.Sprintf("%s from %s and %s from %s", first, to.name, other, r.twin.name)
		w.tally.wrong(fmt.Sprintf("%s: got %s, want one of them to pass\n%s", r.kind, got, w.circumstances(r, to, first)))
	}
}

// draw makes a request of a kind by chance, of which there is one to send.
func (w *world) draw(rng *rand.Rand, deck []kind, to *replica) request {
	for {
		k := deck[rng.IntN(len(deck))]
		if r, ok := k.make(w, rng, to); ok {
			r.kind = k.name
			return r
		}
	}
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// judge holds an answer against what may be.
func (w *world) judge(r request, to *replica, a answer) {
	got, allowed := a.String(), r.allowed(a)
	w.tally.count(r.kind, got, a.done.Sub(a.sent))
	fault := ""
	switch {
	case !slices.Contains(allowed, got):
		fault = fmt.Sprintf("got %s, want one of %q", got, allowed)
	case a.status == 200 && a.subject != r.subject:
		fault = fmt.Sprintf("got subject %q, want %q", a.subject, r.subject)
	case a.status == 401 && !a.challenge:
		fault = fmt.Sprintf("got %s without WWW-Authenticate", got)
	}
	if fault != "" {
		w.tally.wrong(fmt.Sprintf("%s, %s: %s\n%s", to.name, r.kind, fault, w.circumstances(r, to, a)))
		return
	}
	if r.after != nil {
		r.after(a)
	}
}

// circumstances is what somebody needs who wants to know why.
func (w *world) circumstances(r request, to *replica, a answer) string {
	text := fmt.Sprintf("  sent %s, answered %s, error %v, subject %q, note %q\n  token %s\n  store: %s\n  issuer: %s\n",
		a.sent.Format(clock), a.done.Format(clock), a.err, a.subject, r.note, r.token, &w.outages, &w.events)
	for _, s := range to.verifier.Stats() {
		text += fmt.Sprintf("  keys: %+v\n", s)
	}
	return text + "  log:\n" + w.logs.String()
}
