package jws

import (
	"encoding/binary"
	"math/big"
	"math/bits"
)

// The faulty generator makes primes of the form k*M + (65537^a mod M), where M
// is the product of the first 39 primes at least. So a modulus of two of them is
// a power of 65537 modulo M, and one and the same exponent explains it modulo
// each of these primes. Of ordinary moduli one in 2^154 is like that, which is
// the size of the group modulo M over the size of the subgroup that 65537
// generates; that each prime has an exponent of its own, the usual test, holds for
// one in 2^27.

// rocaPrimes are those 39 primes but for 2, in groups whose products fit a word.
var rocaPrimes = [...][]uint64{
	{3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53},
	{59, 61, 67, 71, 73, 79, 83, 89, 97, 101},
	{103, 107, 109, 113, 127, 131, 137, 139, 149},
	{151, 157, 163, 167},
}

// isROCA reports whether n has the fingerprint of CVE-2017-15361.
func isROCA(n *big.Int) bool {
	var room [maxRSABits / 8]byte
	octets := n.FillBytes(room[:(n.BitLen()+63)/64*8])
	var exponent, modulus uint64 = 0, 1 // n is 65537^(exponent + any multiple of modulus)
	for _, group := range rocaPrimes {
		product := uint64(1)
		for _, p := range group {
			product *= p
		}
		residue := remainder(octets, product)
		for _, p := range group {
			e, order, ok := logarithm(residue%p, p)
			if !ok {
				return false
			}
			if exponent, modulus, ok = combine(exponent, modulus, e, order); !ok {
				return false
			}
		}
	}
	return true
}

// remainder returns the big-endian number in octets, whole words, modulo m.
func remainder(octets []byte, m uint64) uint64 {
	var r uint64
	for ; len(octets) > 0; octets = octets[8:] {
		r = bits.Rem64(r, binary.BigEndian.Uint64(octets), m)
	}
	return r
}

// logarithm returns the exponent of 65537 that gives residue modulo p, if there
// is one, and the order of 65537.
func logarithm(residue, p uint64) (exponent, order uint64, ok bool) {
	generator := 65537 % p
	for power := uint64(1); order == 0 || power != 1; order++ {
		if power == residue {
			exponent, ok = order, true
		}
		power = power * generator % p
	}
	return exponent, order, ok
}

// combine merges two congruences, x = a (mod m) and x = b (mod n), into one
// modulo their least common multiple. None of it overflows: the orders of 65537
// modulo all the primes together have a common multiple below 2^62.
func combine(a, m, b, n uint64) (x, lcm uint64, ok bool) {
	x, lcm = a, m
	for lcm%n != 0 {
		lcm += m
	}
	for x < lcm && x%n != b {
		x += m
	}
	return x, lcm, x < lcm
}
