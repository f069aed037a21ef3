package keyset_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
	"github.com/jwtmw/jwtmw/core/internal/keyset"
)

// world is where a schedule happens, within one bubble.
type world struct {
	schedule
	zero    time.Time
	callers sync.WaitGroup
	lives   []*life
	fresh   int // kids that a flood has used up

	mu       sync.Mutex // guards what follows
	truth    []publication
	turn     turn
	get, put string
	hooks    string
	release  chan struct{} // what hangs ends when it is closed
	entry    entry
}

// life is one Source, from its start to the schedule's end.
type life struct {
	*history
	world  *world
	source keyset.Source
	looks  []look
}

// run lets the schedule happen and returns how it broke the contract.
func (s schedule) run() (broken []string, seen string) {
	w := &world{schedule: s, zero: time.Now(), get: gracious, put: gracious, hooks: gracious, release: make(chan struct{})}
	w.revive()
	for _, e := range s.events {
		time.Sleep(e.after)
		synctest.Wait()
		w.step(e)
	}
	w.settle()
	var text strings.Builder
	for n, l := range w.lives {
		wrong := judged(l.history, w.truth, l.looks)
		for _, complaint := range wrong {
			broken = append(broken, fmt.Sprintf("source %d: %s", n+1, complaint))
		}
		if len(wrong) > 0 {
			fmt.Fprintf(&text, "seen of source %d:\n%s", n+1, l.history)
		}
	}
	return broken, text.String()
}

// revive begins another life.
func (w *world) revive() {
	l := &life{world: w, history: &history{config: w.config, zero: w.zero, inside: make(map[string]int), state: keyset.StateEmpty, patient: true}}
	o := keyset.Options{
		Client: &http.Client{Transport: l}, MaxAge: w.maxAge, MaxStale: w.maxStale, Cooldown: w.cooldown, Timeout: w.timeout,
		MaxBytes: maxOctets, MaxKeys: maxElements, Hooks: l.hooksOf(), Logger: l.logger(w.logs),
	}
	if w.maxStale == 0 {
		o.MaxStale = -1
	}
	switch {
	case w.fleet:
		o.Store = fleetStore{store{l}}
	case w.store:
		o.Store = store{l}
	}
	if w.hooks != gracious || w.put != gracious {
		l.patient = false
	}
	l.source = keyset.JWKS(issuerURL+"/jwks", o)
	if w.discovery {
		l.source = keyset.Discovery(issuerURL, issuerURL+"/metadata", o)
	}
	w.lives = append(w.lives, l)
}

func (w *world) life() *life { return w.lives[len(w.lives)-1] }

// step lets one event happen, while all is quiet.
func (w *world) step(e event) {
	l := w.life()
	switch e.kind {
	case ask:
		for range e.n {
			w.call(l, e.query, e)
		}
	case crowd:
		for n := range e.n {
			w.call(l, query{hasKid: true, kid: n}, e)
		}
	case flood:
		for range e.n {
			w.fresh++
			w.call(l, query{hasKid: true, kid: 1000 + w.fresh}, e)
			time.Sleep(e.every)
			synctest.Wait()
		}
	case stats:
		l.looks = append(l.looks, look{l.length(), l.now(), l.source.Stats()})
	case restart:
		w.revive()
	case tamper:
		w.tamper(e)
	default:
		w.change(e)
	}
}

func (w *world) change(e event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e.kind {
	case rotate:
		w.truth = append(w.truth, publication{time.Since(w.zero), e.keys})
	case turnTo:
		w.turn = e.turn
	case stores:
		w.get, w.put = e.get, e.put
		w.stayPatient(e.put == gracious || e.put == failing)
	case hooking:
		w.hooks = e.hooks
		w.stayPatient(e.hooks == gracious)
	}
}

// stayPatient takes note of code that takes its time: each Source may meet it, also one that is not asked any more.
func (w *world) stayPatient(returns bool) {
	for _, l := range w.lives {
		l.patient = l.patient && returns
	}
}

// settle ends with an issuer that answers, and a Store and Hooks that return: the newest key must serve, and nothing be left.
func (w *world) settle() {
	// Not at the instant of the last event: whether a call of the Store hangs must be beyond doubt when a flight begins.
	time.Sleep(time.Nanosecond)
	synctest.Wait()
	w.mu.Lock()
	close(w.release)
	w.turn, w.get, w.put, w.hooks = turn{hostile: -1, latency: time.Millisecond}, gracious, gracious, gracious
	newest := w.truth[len(w.truth)-1].keys
	w.mu.Unlock()
	for range 2 {
		time.Sleep(150 * time.Second) // longer than any backoff, and any bucket is full
		synctest.Wait()
		for kid := range poolSize {
			if newest&(1<<kid) != 0 {
				w.call(w.life(), query{hasKid: true, kid: kid}, event{n: 1, patience: time.Minute})
			}
		}
	}
	w.callers.Wait()
	time.Sleep(time.Hour) // errands that hung one after the other
	synctest.Wait()
}

// call is one caller. It must come while all is quiet, or together with others of its event.
func (w *world) call(l *life, q query, e event) {
	c := &call{query: q, seen: l.length(), patience: e.patience, gone: e.gone}
	w.callers.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), c.patience)
		if e.n%2 == 0 { // and some are cancelled
			ctx, cancel = context.WithCancel(context.Background())
			defer time.AfterFunc(c.patience, cancel).Stop()
		}
		defer cancel()
		if c.gone {
			cancel()
		}
		c.start = l.now()
		wrong := c.ask(ctx, l.source)
		c.end = l.now()
		l.mu.Lock()
		defer l.mu.Unlock()
		c.done = len(l.facts)
		l.calls = append(l.calls, c)
		if wrong != "" {
			l.wrong = append(l.wrong, fmt.Sprintf("%s: %s", c, wrong))
		}
	})
}

// ask puts the question and notes the answer. It returns what is wrong with the answer whatever was seen before.
func (c *call) ask(ctx context.Context, s keyset.Source) string {
	var key *jws.Key
	var err error
	var answered time.Time
	if c.ready {
		err = s.Ready(ctx)
		answered = time.Now()
	} else {
		kid, alg := kidName(c.kid), jws.ES256
		if c.rsa {
			alg = jws.RS256
		}
		if !c.hasKid {
			kid = ""
		}
		key, answered, err = s.Key(ctx, kid, c.hasKid, alg)
	}
	down, unavailable := errors.AsType[*keyset.UnavailableError](err)
	switch {
	case err == nil:
		c.verdict = verdictKey
	case unavailable:
		c.verdict, c.retryAfter = verdictUnavailable, down.RetryAfter
	default:
		c.verdict = map[error]string{keyset.ErrUnknownKey: verdictUnknown, keyset.ErrAmbiguousKey: verdictAmbiguous, keyset.ErrWrongKey: verdictWrong}[err]
	}
	switch {
	case !answered.Equal(time.Now()):
		return fmt.Sprintf("got an answer as of %s at %s", answered, time.Now())
	case (key != nil) != (err == nil && !c.ready):
		return fmt.Sprintf("got key %v and error %v", key, err)
	case key != nil && c.hasKid && (c.kid >= poolSize || !key.Equal(pool().keys[c.kid])):
		return "got the key of another kid"
	}
	return ""
}
