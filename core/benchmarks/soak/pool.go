package main

import (
	"math/rand/v2"
	"sync"
	"time"
)

// tokenLifetime is how long the tokens of this program live: longer than a key of
// the jwttest issuer goes on being used. spare is what is left of a token's life when
// it is no longer sent, so that no good token expires on its way.
const (
	tokenLifetime = 20 * time.Minute
	spare         = time.Minute
	poolTokens    = 32
)

// token is one token and what is known of it.
type token struct {
	text    string
	subject string
	expires time.Time
	prover  prover // nil: a bearer's
	cert    string // header of the certificate that it is bound to
}

// prover makes the proofs of a token's client.
type prover interface {
	Proof(method, url, token string) string
}

// pool holds tokens that are sent again and again, as clients do, a bounded number.
type pool struct {
	mu     sync.Mutex // guards tokens
	tokens []*token
}

// pick returns a token that lives long enough still, or nil. Others are dropped.
func (p *pool) pick(r *rand.Rand) *token {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.tokens) > 0 {
		n := r.IntN(len(p.tokens))
		if t := p.tokens[n]; time.Until(t.expires) > spare {
			return t
		}
		p.tokens[n] = p.tokens[len(p.tokens)-1]
		p.tokens = p.tokens[:len(p.tokens)-1]
	}
	return nil
}

// put adds a token, in place of some other one when the pool is full.
func (p *pool) put(r *rand.Rand, t *token) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.tokens) < poolTokens {
		p.tokens = append(p.tokens, t)
		return
	}
	p.tokens[r.IntN(len(p.tokens))] = t
}
