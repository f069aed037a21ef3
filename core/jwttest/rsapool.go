package jwttest

import (
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"sync"
)

// generateRSAKey returns a 2048-bit key that it has never returned before in this process.
//
// Finding two primes takes some 100 ms, putting two together takes one. So each new prime is paired with every
// earlier one before the next are looked for: a suite with 300 issuers generates 13 keys, not 300.
func generateRSAKey() *rsa.PrivateKey {
	p, q := primes.next()
	const e = 65537
	one := big.NewInt(1)
	order := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: e},
		D:         new(big.Int).ModInverse(big.NewInt(e), order),
		Primes:    []*big.Int{new(big.Int).Set(p), new(big.Int).Set(q)},
	}
	key.Precompute()
	if err := key.Validate(); err != nil {
		panic("jwttest: " + err.Error())
	}
	return key
}

// primes is the one thing the issuers of a process share. It saves nearly all the time a large test suite would
// spend on keys, and it holds nothing that a test could see or change.
var primes primePairs

// primePairs hands out each pair of its primes once.
type primePairs struct {
	mu     sync.Mutex // guards what follows
	primes []*big.Int // of 1024 bits, the two highest set, so that every product has 2048
	low    int        // the next pair is low and high, and low < high
	high   int
}

func (p *primePairs) next() (*big.Int, *big.Int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.low == p.high {
		p.low, p.high = 0, p.high+1
	}
	if p.high >= len(p.primes) {
		p.primes = append(p.primes, must(rsa.GenerateKey(rand.Reader, 2048)).Primes...)
	}
	low, high := p.primes[p.low], p.primes[p.high]
	p.low++
	return low, high
}
