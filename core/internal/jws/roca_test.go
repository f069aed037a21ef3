package jws

import (
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	mathrand "math/rand/v2"
	"testing"
)

// rocaPrimorial is the M of the faulty generator for primes of 1024 bits, as for
// all of its sizes at least the product of the first 39 primes.
func rocaPrimorial() *big.Int {
	m := big.NewInt(2)
	for _, group := range rocaPrimes {
		for _, p := range group {
			m.Mul(m, new(big.Int).SetUint64(p))
		}
	}
	return m
}

// rocaFactor returns a number of 1024 bits with the structure of a factor that
// the generator makes. The structure alone matters, so it need not be prime.
func rocaFactor(random *mathrand.Rand) *big.Int {
	m := rocaPrimorial()
	octets := make([]byte, 128-m.BitLen()/8)
	for i := range octets {
		octets[i] = byte(random.Uint32())
	}
	octets[0] |= 0xc0
	a := new(big.Int).SetUint64(random.Uint64())
	factor := new(big.Int).Mul(new(big.Int).SetBytes(octets), m)
	return factor.Add(factor, new(big.Int).Exp(big.NewInt(65537), a, m))
}

func TestNewKeyRefusesROCA(t *testing.T) {
	random := mathrand.New(mathrand.NewPCG(1, 2))
	for range 200 {
		n := new(big.Int).Mul(rocaFactor(random), rocaFactor(random))
		if n.BitLen() > maxRSABits || n.BitLen() < minRSABits {
			t.Fatalf("got a modulus of %d bits", n.BitLen())
		}
		wantCause(t, &rsa.PublicKey{N: n, E: 65537}, CauseROCA)
	}
}

// A fingerprint that is broken at one prime is none, and neither is one that has
// another exponent at each prime.
func TestROCANeedsEveryPrime(t *testing.T) {
	random := mathrand.New(mathrand.NewPCG(3, 4))
	n := new(big.Int).Mul(rocaFactor(random), rocaFactor(random))
	m := rocaPrimorial()
	for _, group := range rocaPrimes {
		for _, p := range group {
			// m/p times a unit moves n modulo p and no other prime: to zero.
			prime := new(big.Int).SetUint64(p)
			step := new(big.Int).Div(m, prime)
			times := new(big.Int).ModInverse(step, prime)
			times.Mul(times, new(big.Int).Neg(n)).Mod(times, prime)
			if isROCA(new(big.Int).Add(n, step.Mul(step, times))) {
				t.Errorf("modulus with a factor of %d: got a fingerprint, want none", p)
			}
		}
	}
	// Modulo 5 and modulo 17 the order of 65537 is even, so that two exponents of
	// different parity contradict each other.
	residue := func(exponent5, exponent17 int64) *big.Int {
		power := func(e, p int64) int64 {
			return new(big.Int).Exp(big.NewInt(65537), big.NewInt(e), big.NewInt(p)).Int64()
		}
		x := power(exponent5, 5)
		for x%17 != power(exponent17, 17) {
			x += 5
		}
		return big.NewInt(x)
	}
	consistent, contradictory := residue(2, 2), residue(2, 3)
	for _, test := range []struct {
		n    *big.Int
		want bool
	}{{consistent, true}, {contradictory, false}} {
		e5, order5, ok5 := logarithm(test.n.Uint64()%5, 5)
		e17, order17, ok17 := logarithm(test.n.Uint64()%17, 17)
		if _, _, ok := combine(e5, order5, e17, order17); !ok5 || !ok17 || ok != test.want {
			t.Errorf("%d: got %t, want %t", test.n, ok, test.want)
		}
	}
}

func TestLogarithm(t *testing.T) {
	for _, group := range rocaPrimes {
		for _, p := range group {
			power, seen := uint64(1), make(map[uint64]bool)
			for e := uint64(0); !seen[power]; e++ {
				seen[power] = true
				got, order, ok := logarithm(power, p)
				if !ok || got != e || order <= e || (p-1)%order != 0 {
					t.Fatalf("65537^%d mod %d: got %d of order %d, %t", e, p, got, order, ok)
				}
				power = power * 65537 % p
			}
			if _, _, ok := logarithm(0, p); ok {
				t.Errorf("0 mod %d: got an exponent, want none", p)
			}
		}
	}
}

func TestRemainder(t *testing.T) {
	n := new(big.Int).Lsh(rocaPrimorial(), 100)
	n.Add(n, big.NewInt(12345))
	for _, m := range []uint64{3, 167, 1<<63 + 29, 1<<64 - 1} {
		want := new(big.Int).Mod(n, new(big.Int).SetUint64(m)).Uint64()
		if got := remainder(n.FillBytes(make([]byte, 48)), m); got != want {
			t.Errorf("modulo %d: got %d, want %d", m, got, want)
		}
	}
}

func TestOrdinaryModuliAreNotROCA(t *testing.T) {
	for range 5 {
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		if isROCA(private.N) {
			t.Errorf("got a fingerprint in %x, want none", private.N)
		}
	}
	// Random odd numbers share all that matters here with a product of primes,
	// and cost nothing to make.
	random := mathrand.New(mathrand.NewPCG(5, 6))
	octets := make([]byte, 256)
	for range 20_000 {
		for i := range octets {
			octets[i] = byte(random.Uint32())
		}
		octets[0] |= 0x80
		octets[255] |= 1
		if n := new(big.Int).SetBytes(octets); isROCA(n) {
			t.Errorf("got a fingerprint in %x, want none", n)
		}
	}
}

// A modulus that is 65537^0 modulo each prime but one is no fingerprint either.
func TestROCANeedsAnExponent(t *testing.T) {
	m := rocaPrimorial()
	n := new(big.Int).Lsh(m, 1800)
	n.Add(n, big.NewInt(1))
	if !isROCA(n) {
		t.Fatal("got no fingerprint for 1 modulo every prime, want one")
	}
	for _, group := range rocaPrimes {
		for _, p := range group {
			prime := new(big.Int).SetUint64(p)
			step := new(big.Int).Div(m, prime)
			for _, residue := range []int64{0, 65537} { // no exponent, and another one: 1
				if residue != 0 && p == 107 {
					continue // its powers of 65537 are 53, which divides no other's number, so that any exponent fits
				}
				times := new(big.Int).ModInverse(step, prime)
				times.Mul(times, new(big.Int).Sub(big.NewInt(residue), n)).Mod(times, prime)
				if spoilt := new(big.Int).Add(n, times.Mul(times, step)); isROCA(spoilt) {
					t.Errorf("got a fingerprint for %d modulo %d, want none", residue, p)
				}
			}
		}
	}
}
