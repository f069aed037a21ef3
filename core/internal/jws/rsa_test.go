package jws

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1"
	"math/big"
	"slices"
	"testing"
)

// sha256Prefix and sha1Prefix begin the DigestInfo of RFC 8017 section 9.2, note 1.
var (
	sha256Prefix = []byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}
	sha1Prefix   = []byte{0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14}
)

// padded returns the encoded message 00 01 ff.. 00 info, filled up to size.
func padded(info []byte, size int) []byte {
	filling := bytes.Repeat([]byte{0xff}, size-3-len(info))
	return slices.Concat([]byte{0, 1}, filling, []byte{0}, info)
}

// signRaw applies the private key to an encoded message as it stands.
func signRaw(private *rsa.PrivateKey, message []byte) []byte {
	m := new(big.Int).SetBytes(message)
	return m.Exp(m, private.D, private.N).FillBytes(make([]byte, private.Size()))
}

// The signer itself makes these, so that it is the encoding that refuses them.
func TestRSARefusesEncoding(t *testing.T) {
	pair := trusted(t, RS256)
	private := pair.private.(*rsa.PrivateKey)
	size := private.Size()
	sum := digest(crypto.SHA256, "a.b")
	info := slices.Concat(sha256Prefix, sum)
	changed := func(message []byte, at int, to byte) []byte {
		message = slices.Clone(message)
		message[at] = to
		return message
	}
	good := padded(info, size)
	if err := pair.key.Verify(RS256, "a.b", signRaw(private, good)); err != nil {
		t.Fatalf("proper encoding: got %v, want acceptance", err)
	}
	noNull := slices.Concat([]byte{0x30, 0x2f, 0x30, 0x0b}, sha256Prefix[4:15], sha256Prefix[17:], sum)
	for _, test := range []struct {
		name    string
		message []byte
	}{
		{"A10d digest without DigestInfo", padded(sum, size)},
		{"A10d SHA-1 DigestInfo", padded(slices.Concat(sha1Prefix, digest(crypto.SHA1, "a.b")), size)},
		{"A10d DigestInfo without NULL", padded(noNull, size)},
		{"A10d octet behind DigestInfo", padded(append(slices.Clone(info), 0), size)},
		{"A10d short padding, then zeros", slices.Concat([]byte{0, 1}, bytes.Repeat([]byte{0xff}, 8), []byte{0}, info, make([]byte, size-11-len(info)))},
		{"A10d no padding", slices.Concat(make([]byte, size-3-len(info)), []byte{0, 1, 0}, info)},
		{"A10d block type 0", changed(good, 1, 0)},
		{"A10d block type 2", changed(good, 1, 2)},
		{"A10d hole in the padding", changed(good, 20, 0xfe)},
		{"A10d no separator", changed(good, size-len(info)-1, 0xff)},
		{"A10d long form length", changed(good, size-len(info)+1, 0x81)},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := pair.key.Verify(RS256, "a.b", signRaw(private, test.message)); err != ErrSignature {
				t.Errorf("got %v, want ErrSignature", err)
			}
		})
	}
}

// With exponent 3 nobody needs the private key to hit a chosen beginning: a cube
// root, rounded up, does. A verifier that reads the encoded message from the
// left and stops behind the digest takes it.
func TestRSARefusesCubeRoot(t *testing.T) {
	n := trusted(t, RS256).private.(*rsa.PrivateKey).N
	key := mustKey(t, &rsa.PublicKey{N: n, E: 3})
	beginning := slices.Concat([]byte{0, 1}, bytes.Repeat([]byte{0xff}, 8), []byte{0}, sha256Prefix, digest(crypto.SHA256, "a.b"))
	size := (n.BitLen() + 7) / 8
	target := new(big.Int).SetBytes(append(beginning, make([]byte, size-len(beginning))...))
	root := cubeRoot(target)
	forged := root.FillBytes(make([]byte, size))
	cube := new(big.Int).Exp(root, big.NewInt(3), n).FillBytes(make([]byte, size))
	if !bytes.HasPrefix(cube, beginning) {
		t.Fatalf("got the message %x, want it to begin with %x", cube[:64], beginning)
	}
	for _, alg := range []Algorithm{RS256, PS256} {
		if err := key.Verify(alg, "a.b", forged); err != ErrSignature {
			t.Errorf("A10d %s: got %v, want ErrSignature", alg, err)
		}
	}
}

// cubeRoot returns the least number whose cube is at least n.
func cubeRoot(n *big.Int) *big.Int {
	root := new(big.Int)
	for bit := n.BitLen()/3 + 1; bit >= 0; bit-- {
		root.SetBit(root, bit, 1)
		if new(big.Int).Exp(root, big.NewInt(3), nil).Cmp(n) >= 0 {
			root.SetBit(root, bit, 0)
		}
	}
	return root.Add(root, big.NewInt(1))
}

func TestRSARefusesSaltLength(t *testing.T) {
	pair := trusted(t, PS256)
	private := pair.private.(*rsa.PrivateKey)
	for _, test := range []struct {
		name string
		alg  Algorithm
		salt int
		want error
	}{
		{"PS256, 32 octets", PS256, 32, nil},
		{"PS384, 48 octets", PS384, 48, nil},
		{"PS512, 64 octets", PS512, 64, nil},
		{"A10e PS256, 20 octets", PS256, 20, ErrSignature},
		{"A10e PS256, 31 octets", PS256, 31, ErrSignature},
		{"A10e PS256, 33 octets", PS256, 33, ErrSignature},
		{"A10e PS256, most", PS256, rsa.PSSSaltLengthAuto, ErrSignature},
		{"A10e PS384, 32 octets", PS384, 32, ErrSignature},
		{"A10e PS512, 32 octets", PS512, 32, ErrSignature},
	} {
		t.Run(test.name, func(t *testing.T) {
			hash := test.alg.hash()
			signature, err := rsa.SignPSS(rand.Reader, private, hash, digest(hash, "a.b"), &rsa.PSSOptions{SaltLength: test.salt})
			if err != nil {
				t.Fatal(err)
			}
			if err := pair.key.Verify(test.alg, "a.b", signature); err != test.want {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
	t.Run("A10e PS256, no salt", func(t *testing.T) {
		if err := pair.key.Verify(PS256, "a.b", signUnsalted(private, "a.b")); err != ErrSignature {
			t.Errorf("got %v, want ErrSignature", err)
		}
	})
}

// signUnsalted signs with an empty salt, which SignPSS cannot: its 0 means the
// longest (RFC 8017 section 9.1.1).
func signUnsalted(private *rsa.PrivateKey, text string) []byte {
	h := digest(crypto.SHA256, string(make([]byte, 8))+string(digest(crypto.SHA256, text)))
	size := private.Size()
	block := make([]byte, size-len(h)-1)
	block[len(block)-1] = 1
	for i := range block {
		mask := digest(crypto.SHA256, string(h)+string([]byte{0, 0, 0, byte(i / 32)}))
		block[i] ^= mask[i%32]
	}
	block[0] &= 0x7f
	return signRaw(private, slices.Concat(block, h, []byte{0xbc}))
}

func TestRSARefusesSignature(t *testing.T) {
	for _, alg := range rsaAlgorithms {
		pair := trusted(t, alg)
		private := pair.private.(*rsa.PrivateKey)
		signature := pair.sign(t, alg, "a.b")
		plusModulus := new(big.Int).Add(new(big.Int).SetBytes(signature), private.N)
		for _, test := range []struct {
			name      string
			signature []byte
		}{
			{"A02 empty", nil},
			{"A02 one octet", []byte{0}},
			{"A02 foreign", other(t, alg).sign(t, alg, "a.b")},
			{"A02 of another text", pair.sign(t, alg, "a.c")},
			{"first octet missing", signature[1:]},
			{"last octet missing", signature[:len(signature)-1]},
			{"zero octet before", append([]byte{0}, signature...)},
			{"zero octet after", append(slices.Clone(signature), 0)},
			{"modulus added", plusModulus.FillBytes(make([]byte, 257))},
			{"modulus added, cut", plusModulus.FillBytes(make([]byte, 257))[1:]},
			{"zero", make([]byte, 256)},
			{"one", append(make([]byte, 255), 1)},
			{"modulus", private.N.Bytes()},
			{"modulus minus one", new(big.Int).Sub(private.N, big.NewInt(1)).Bytes()},
			{"16 384 octets", make([]byte, 16384)},
		} {
			t.Run(string(alg)+" "+test.name, func(t *testing.T) {
				if err := pair.key.Verify(alg, "a.b", test.signature); err != ErrSignature {
					t.Errorf("got %v, want ErrSignature", err)
				}
			})
		}
	}
}
