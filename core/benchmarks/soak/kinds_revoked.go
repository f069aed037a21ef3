package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jwtmw/jwtmw/core/revoke"
)

// ended are tokens that were revoked, a bounded number.
type ended struct {
	mu   sync.Mutex // guards list
	list []endedToken
}

type endedToken struct {
	*token
	by   *replica
	from time.Time // the revocation was stored by then
}

func (e *ended) put(t endedToken) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.list) == poolTokens {
		e.list = e.list[1:]
	}
	e.list = append(e.list, t)
}

func (e *ended) pick(rng *rand.Rand) (endedToken, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(e.list) > 0 && time.Until(e.list[0].expires) < spare {
		e.list = e.list[1:]
	}
	if len(e.list) == 0 {
		return endedToken{}, false
	}
	return e.list[rng.IntN(len(e.list))], true
}

func revocationKinds() []kind {
	return []kind{
		// The replica that is told refuses at once, whatever becomes of the store.
		{"revoked just here", 1, func(w *world, rng *rand.Rand, to *replica) (request, bool) {
			t, ok := w.revoke(rng, to)
			return request{fields: bearer(textOf(t)), token: textOf(t), allowed: only(revoked)}, ok
		}},
		{"revoked", 6, func(w *world, rng *rand.Rand, to *replica) (request, bool) {
			t, ok := w.ended.pick(rng)
			if !ok {
				return request{}, false
			}
			allowed := func(a answer) []string {
				// A list is a look behind, and a look may take as long as the store may.
				if to == t.by || w.outages.quiet(t.from, a.sent, listAge+3*time.Second) {
					return []string{revoked}
				}
				return w.listed(passes, revoked)(a)
			}
			note := fmt.Sprintf("revoked by %s at %s", t.by.name, t.from.Format(clock))
			return request{fields: bearer(t.text), token: t.text, subject: t.subject, note: note, allowed: allowed}, true
		}},
	}
}

// revoke ends a new token on one replica: by its ID, or by its subject, which no other
// token has.
func (w *world) revoke(rng *rand.Rand, by *replica) (*token, bool) {
	t, err := w.ringed.mint(context.Background(), nil)
	if err != nil {
		w.tally.wrong(fmt.Sprintf("the ring did not sign: %v; %s", err, &w.outages))
		return nil, false
	}
	e := revoke.Entry{Issuer: w.ringed.url, ID: t.subject, Until: t.expires.Add(time.Minute)}
	if rng.IntN(2) == 0 {
		e.ID, e.Subject, e.Before = "", t.subject, time.Now()
	}
	began := time.Now()
	if err := by.list.Add(context.Background(), e); err != nil {
		if !w.outages.touch(began, time.Now(), 0) {
			w.tally.wrong(fmt.Sprintf("%s: a revocation was not stored: %v; %s", by.name, err, &w.outages))
		}
		return nil, false // it may be stored or not: nothing is right or wrong
	}
	w.ended.put(endedToken{t, by, time.Now()})
	return t, true
}

func textOf(t *token) string {
	if t == nil {
		return ""
	}
	return t.text
}
