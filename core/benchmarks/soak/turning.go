package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// Where clients reach the service, as tokens and proofs name it.
const (
	audience  = jwttest.Audience
	publicURL = "https://api.soak.test"
)

// turning is the issuer whose documents fail and whose keys turn. Its tokens are
// asked of no store, so that what happens to Redis must not show in their verdicts.
//
// A key is published before it signs what must pass, as every issuer should do: the
// pool fresh holds what is signed too early, and old what a retired key signed.
type turning struct {
	issuer *jwttest.Issuer
	serial atomic.Int64
	certs  [2]certificate

	mu       sync.Mutex // guards what follows
	good     *pool      // by the key that every verifier has
	fresh    *pool      // by a key that some verifiers may not have yet
	old      *pool      // by a key that is no longer published
	oldSince time.Time  // every verifier knows from then on
	minting  bool       // the issuer's key is the one of good
}

func newTurning() (*turning, error) {
	issuer, err := jwttest.Listen()
	if err != nil {
		return nil, err
	}
	issuer.SetHeader("Cache-Control", "max-age=60") // the shortest age that verifiers heed
	t := &turning{issuer: issuer, good: new(pool), fresh: new(pool), old: new(pool), minting: true}
	for n := range t.certs {
		if t.certs[n], err = newCertificate(); err != nil {
			issuer.Close()
			return nil, err
		}
	}
	t.fill(t.good)
	return t, nil
}

// signs are the algorithms of the tokens. The keys exist from the start.
var signs = []core.Algorithm{core.RS256, core.ES256, core.Ed25519, core.PS256}

func (t *turning) fill(p *pool) {
	r := rand.New(rand.NewPCG(0, 0)) // the pool is not full: nothing is left to chance
	for n := range poolTokens {
		p.put(r, t.mint(signs[n%len(signs)], nil))
	}
}

// mint signs with the present key of alg. Each token has a subject of its own, so
// that an answer with another's shows.
func (t *turning) mint(alg core.Algorithm, claims map[string]any) *token {
	subject := fmt.Sprintf("turning-%d", t.serial.Add(1))
	all := map[string]any{"sub": subject, "exp": time.Now().Add(tokenLifetime).Unix()}
	for name, value := range claims {
		all[name] = value
	}
	return &token{text: t.issuer.Token(all, jwttest.Algorithm(string(alg))), subject: subject, expires: time.Now().Add(tokenLifetime)}
}

// pickGood returns a token that must pass. Some are new.
func (t *turning) pickGood(r *rand.Rand) *token {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.minting && r.IntN(20) == 0 {
		t.good.put(r, t.mint(signs[r.IntN(len(signs))], nil))
	}
	return t.good.pick(r)
}

// pickBound returns a token that is bound to one of two certificates, and the other
// certificate's header; nil while the issuer's key is not known to all.
func (t *turning) pickBound(r *rand.Rand) (bound *token, other string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.minting {
		return nil, ""
	}
	n := r.IntN(2)
	bound = t.mint("ES256", map[string]any{"cnf": map[string]any{"x5t#S256": t.certs[n].thumbprint}})
	bound.cert = t.certs[n].header
	return bound, t.certs[1-n].header
}

func (t *turning) pickFresh(r *rand.Rand) *token {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.fresh.pick(r)
}

// pickOld returns a token of a key that is gone, and when every verifier has learnt
// so: the zero time where nobody can say yet.
func (t *turning) pickOld(r *rand.Rand) (*token, time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.old.pick(r), t.oldSince
}

// rotate publishes a new key for each algorithm, and stops the use of the ones
// before: their private halves are gone, so that good lives on what was minted.
func (t *turning) rotate() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fill(t.good) // as many and as young as may be
	t.minting = false
	t.issuer.Rotate()
	t.fresh = new(pool)
	t.fill(t.fresh)
}

// promote says that every verifier has the new keys, and takes the ones before out of
// the key set.
func (t *turning) promote() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.old, t.good, t.fresh = t.good, t.fresh, new(pool)
	t.oldSince, t.minting = time.Time{}, true
	t.issuer.Retire()
}

// forget says that every verifier has learnt that the old keys are gone.
func (t *turning) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.oldSince = time.Now()
}

// headerOf reads the header of a token that this program has made.
func headerOf(text string) (header struct{ Alg, Kid string }) {
	first, _, _ := strings.Cut(text, ".")
	octets, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil || json.Unmarshal(octets, &header) != nil {
		panic(fmt.Sprintf("got token %q, want one with a header", text)) // a mistake of this program
	}
	return header
}
