package main

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// provenFor is how long a used proof is sent again: well within the time in which it
// would pass if it were new, which is a minute and the leeway.
const provenFor = 50 * time.Second

// proven are proofs that have passed, a bounded number.
type proven struct {
	mu   sync.Mutex // guards list
	list []provenOnce
}

type provenOnce struct {
	fields []field
	token  string
	url    string // of the proof: no other service takes it
	at     time.Time
}

func (p *proven) put(once provenOnce) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.list) == poolTokens {
		p.list = p.list[1:]
	}
	p.list = append(p.list, once)
}

// pick returns a proof for that URL, or false.
func (p *proven) pick(rng *rand.Rand, url string) (provenOnce, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var fit []provenOnce
	for _, each := range p.list {
		if each.url == url && time.Since(each.at) < provenFor {
			fit = append(fit, each)
		}
	}
	if len(fit) == 0 {
		return provenOnce{}, false
	}
	return fit[rng.IntN(len(fit))], true
}

func proofFields(t *token, proof string) []field {
	return []field{{"Authorization", "DPoP " + t.text}, {"DPoP", proof}}
}

// proofKinds are requests with a DPoP proof. A proof passes once in the whole fleet,
// also where the store was frozen or killed between the two uses.
func proofKinds() []kind {
	return []kind{
		{"good, with a proof", 10, func(w *world, rng *rand.Rand, to *replica) (request, bool) {
			r, ok := w.prove(rng, to)
			_, url := to.client.target()
			r.after = func(a answer) {
				if a.String() == passes {
					w.proven.put(provenOnce{r.fields, r.token, url, time.Now()})
				}
			}
			return r, ok
		}},
		{"a proof that was used", 6, func(w *world, rng *rand.Rand, to *replica) (request, bool) {
			_, url := to.client.target()
			once, ok := w.proven.pick(rng, url)
			return request{fields: once.fields, token: once.token, allowed: w.claimed(replayed)}, ok
		}},
		{"one proof to two at once", 3, func(w *world, rng *rand.Rand, to *replica) (request, bool) {
			twin := w.another(rng, to)
			if twin == nil {
				return request{}, false // only one replica has such URLs
			}
			r, ok := w.prove(rng, to)
			r.twin, r.allowed = twin, w.claimed(passes, replayed)
			return r, ok
		}},
		{"another's proof", 2, func(w *world, rng *rand.Rand, to *replica) (request, bool) {
			t, ok := w.ringToken(rng, true)
			if !ok {
				return request{}, false
			}
			method, url := to.client.target()
			return request{fields: proofFields(t, w.thief.Proof(method, url, t.text)), token: t.text, allowed: only(constrained)}, true
		}},
		{"a proof for another path", 2, func(w *world, rng *rand.Rand, to *replica) (request, bool) {
			t, ok := w.ringToken(rng, true)
			if !ok {
				return request{}, false
			}
			method, url := to.client.target()
			return request{fields: proofFields(t, t.prover.Proof(method, url+"/7", t.text)), token: t.text, allowed: only(badProof)}, true
		}},
	}
}

// prove makes a request with a proof of its own.
func (w *world) prove(rng *rand.Rand, to *replica) (request, bool) {
	t, ok := w.ringToken(rng, true)
	if !ok {
		return request{}, false
	}
	method, url := to.client.target()
	return request{fields: proofFields(t, t.prover.Proof(method, url, t.text)), token: t.text, subject: t.subject, allowed: w.claimed(passes)}, true
}

// another returns a replica that takes the same proofs, or nil.
func (w *world) another(rng *rand.Rand, than *replica) *replica {
	method, url := than.client.target()
	for _, n := range rng.Perm(len(w.replicas)) {
		r := w.replicas[n]
		if m, u := r.client.target(); r != than && m == method && u == url {
			return r
		}
	}
	return nil
}

func newThief() prover { return dpopClient{jwttest.NewProver("ES256")} }
