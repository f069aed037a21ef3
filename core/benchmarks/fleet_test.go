package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/benchmarks/progress"
)

// The day. Every verifier is asked once a minute, at an instant of its own, with a
// token that is another every quarter of an hour; once a second in the twenty minutes
// after the deploy, every five seconds while the issuer is down, and once a second in
// the flood.
const (
	rampFor   = 10 * time.Minute // the verifiers start one after the other
	deployAt  = 6 * time.Hour
	busyFor   = 20 * time.Minute
	aheadAt   = 9 * time.Hour  // a key is published, which signs half an hour later
	atOnceAt  = 12 * time.Hour // a key is published that signs at once
	outageAt  = 14 * time.Hour
	outageFor = time.Hour
	floodAt   = 18 * time.Hour
	floodFor  = 10 * time.Minute
	tokenLife = 15 * time.Minute
)

// fleet is one day of many verifiers.
type fleet struct {
	issuer *dayIssuer
	store  core.Store // nil: each asks by itself
	work   *progress.Work

	mu     sync.Mutex // guards tokens
	tokens map[string]string

	good, refused, invented, passed atomic.Int64
	reasons                         sync.Map        // core.Reason to true
	learnt                          [2]atomic.Int64 // the last verifier's knowledge of the two keys, after their publication
}

// member is one verifier and its clock.
type member struct {
	*fleet
	verifier *core.Verifier
	offset   time.Duration // of its minute
	forged   int
}

// run lives through the day. Each verifier has a goroutine, as a process would.
func (f *fleet) run(t *testing.T, verifiers int, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 0))
	var group sync.WaitGroup
	for n := range verifiers {
		m := &member{fleet: f, offset: time.Duration(rng.Int64N(int64(time.Minute)))}
		starts := time.Duration(rng.Int64N(int64(rampFor)))
		group.Go(func() { m.live(t, n, starts) })
	}
	group.Wait()
	time.Sleep(time.Minute) // a refresh that the day's last request began ends by itself
}

func (m *member) live(t *testing.T, n int, starts time.Duration) {
	time.Sleep(starts)
	m.start(t)
	deployed := false
	for now := starts.Truncate(time.Minute) + m.offset; now < day; now += time.Minute {
		if !deployed && now >= deployAt {
			m.until(deployAt) // all at the same instant
			m.start(t)
			m.ask()
			deployed = true
		}
		if now < starts {
			continue
		}
		m.until(now)
		m.ask()
		switch {
		case now >= floodAt && now < floodAt+floodFor:
			for range 59 {
				time.Sleep(time.Second)
				m.flood(n)
			}
		case now >= outageAt && now < outageAt+outageFor:
			m.askOften(11, 5*time.Second) // so that the backoff decides when the issuer is asked, and not the traffic
		case now >= deployAt && now < deployAt+busyFor:
			m.askOften(59, time.Second) // so that the age of the keys decides
		}
		m.work.Add(1, "")
	}
}

func (m *member) askOften(times int, apart time.Duration) {
	for range times {
		time.Sleep(apart)
		m.ask()
	}
}

func (m *member) until(at time.Duration) { time.Sleep(at - m.issuer.now()) }

// start makes a verifier that knows nothing, as a new process does.
func (m *member) start(t *testing.T) {
	v, err := core.New(core.Config{
		Issuer: fleetIssuer, Audiences: []string{audience}, TokenCache: 2,
		Keys:   core.Discovery{Fetch: core.Fetch{Client: &http.Client{Transport: m.issuer}, Store: m.store}},
		Trace:  &core.Trace{KeysChanged: m.changed},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Error(err)
		return
	}
	m.verifier = v
}

// changed notes when a verifier has a key that it had not.
func (f *fleet) changed(c core.KeyChange) {
	for n, published := range [2]time.Duration{aheadAt, atOnceAt} {
		if took := f.issuer.now() - published; c.Added == 1 && c.Keys == 2 && took >= 0 && took < time.Hour {
			for last := f.learnt[n].Load(); int64(took) > last && !f.learnt[n].CompareAndSwap(last, int64(took)); {
				last = f.learnt[n].Load()
			}
		}
	}
}

// ask sends the good token of this quarter of an hour, and of the key that signs.
func (m *member) ask() {
	m.good.Add(1)
	if _, err := m.verifier.Verify(context.Background(), m.token()); err != nil {
		m.refused.Add(1)
		if r, ok := errors.AsType[*core.Refusal](err); ok {
			m.reasons.Store(r.Reason, true)
		}
	}
}

// flood sends a token under a kid that nobody has.
func (m *member) flood(n int) {
	m.forged++
	m.invented.Add(1)
	text := m.issuer.invent(fmt.Sprintf("invented-%d-%d", n, m.forged))
	if _, err := m.verifier.Verify(context.Background(), text); err == nil {
		m.passed.Add(1)
	}
}

// token is the same for all, so that each verifier checks one signature of it.
func (f *fleet) token() string {
	signing := f.issuer.signing()
	name := fmt.Sprintf("%d of key %d", f.issuer.now()/tokenLife, signing)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tokens[name] == "" {
		f.tokens[name] = f.issuer.sign(signing, keyName(signing))
	}
	return f.tokens[name]
}
