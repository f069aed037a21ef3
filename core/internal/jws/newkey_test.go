package jws

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
)

func TestNewKeyRefusesMaterial(t *testing.T) {
	rsaPrivate := trusted(t, RS256).private.(*rsa.PrivateKey)
	ecdsaPrivate := trusted(t, ES256).private.(*ecdsa.PrivateKey)
	edPrivate := trusted(t, EdDSA).private.(ed25519.PrivateKey)
	edPublic := edPrivate.Public().(ed25519.PublicKey)
	exchange, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name     string
		material any
	}{
		{"nil", nil},
		{"octets", make([]byte, 64)},
		{"text", strings.Repeat("s", 64)},
		{"RSA private key", rsaPrivate},
		{"RSA public key by value", rsaPrivate.PublicKey},
		{"ECDSA private key", ecdsaPrivate},
		{"ECDSA public key by value", ecdsaPrivate.PublicKey},
		{"Ed25519 private key", edPrivate},
		{"Ed25519 public key by pointer", &edPublic},
		{"X25519 public key", exchange.PublicKey()},
		{"X25519 private key", exchange},
		{"Key", trusted(t, RS256).key},
		{"nil RSA pointer", (*rsa.PublicKey)(nil)},
		{"RSA without modulus", &rsa.PublicKey{E: 65537}},
		{"nil ECDSA pointer", (*ecdsa.PublicKey)(nil)},
		{"ECDSA without curve", new(ecdsa.PublicKey)},
	} {
		t.Run(test.name, func(t *testing.T) { wantCause(t, test.material, CauseKeyType) })
	}
}

func wantCause(t *testing.T, material any, want string) {
	t.Helper()
	key, err := NewKey(material)
	refused, ok := errors.AsType[*KeyError](err)
	if !ok || refused.Cause != want || key != nil {
		t.Fatalf("got %v, %v, want cause %s", key, err, want)
	}
	if text := err.Error(); !strings.Contains(text, want) || len(text) > 250 {
		t.Errorf("got %q, want the cause named in at most 250 octets", text)
	}
}

func TestNewKeyRefusesSecret(t *testing.T) {
	for _, test := range []struct {
		name   string
		secret Secret
	}{
		{"A11 nil", nil},
		{"A03b empty", Secret{}},
		{"A11 1 octet", make(Secret, 1)},
		{"A11 16 octets", make(Secret, 16)},
		{"A11 31 octets", make(Secret, 31)},
	} {
		t.Run(test.name, func(t *testing.T) { wantCause(t, test.secret, CauseSecretSize) })
	}
	for _, sizes := range [][]int{{64, 31}, {31, 64}, {64, 64, 0}} {
		var secrets Secrets
		for _, size := range sizes {
			secrets = append(secrets, make(Secret, size))
		}
		t.Run(fmt.Sprint("A11 one of ", sizes), func(t *testing.T) { wantCause(t, secrets, CauseSecretSize) })
	}
}

func TestNewKeyRefusesRSA(t *testing.T) {
	n := trusted(t, RS256).private.(*rsa.PrivateKey).N
	// Not products of two primes, but the size is judged before anything else.
	odd := func(bits int) *big.Int {
		m := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
		return m.Add(m, big.NewInt(1))
	}
	for _, test := range []struct {
		name  string
		n     *big.Int
		e     int
		cause string
	}{
		{"A10 512 bits", odd(512), 65537, CauseRSASize},
		{"A10 1024 bits", odd(1024), 65537, CauseRSASize},
		{"A10 2040 bits", odd(2040), 65537, CauseRSASize},
		{"A10 2047 bits", odd(2047), 65537, CauseRSASize},
		{"A10 zero", new(big.Int), 65537, CauseRSASize},
		{"A10 negative", new(big.Int).Neg(n), 65537, CauseRSASize},
		{"A10c 8193 bits", odd(8193), 65537, CauseRSASize},
		{"A10c 16 kbit", odd(16 << 10), 65537, CauseRSASize},
		{"A10c 256 kbit", odd(256 << 10), 65537, CauseRSASize},
		{"A10 even modulus", new(big.Int).Add(n, big.NewInt(1)), 65537, CauseRSAModulus},
		{"A10b e 0", n, 0, CauseRSAExponent},
		{"A10b e 1", n, 1, CauseRSAExponent},
		{"A10b e 2", n, 2, CauseRSAExponent},
		{"A10b e even", n, 65538, CauseRSAExponent},
		{"A10b e negative", n, -3, CauseRSAExponent},
		{"A10b e of 32 bits", n, 1<<31 + 1, CauseRSAExponent},
		{"A10b e of 63 bits", n, 1<<62 + 1, CauseRSAExponent},
	} {
		t.Run(test.name, func(t *testing.T) { wantCause(t, &rsa.PublicKey{N: test.n, E: test.e}, test.cause) })
	}
	for _, test := range []struct {
		name string
		key  *rsa.PublicKey
	}{
		{"2048 bits", &rsa.PublicKey{N: odd(2048), E: 65537}},
		{"8192 bits", &rsa.PublicKey{N: odd(8192), E: 65537}},
		{"e 3", &rsa.PublicKey{N: n, E: 3}},
		{"e 2^31-1", &rsa.PublicKey{N: n, E: 1<<31 - 1}},
	} {
		t.Run("accepted "+test.name, func(t *testing.T) { mustKey(t, test.key) })
	}
}

// The error names the curve, where it has a name.
func TestNewKeyNamesTheCurve(t *testing.T) {
	for want, curve := range map[string]elliptic.Curve{`got "P-224", want P-256`: elliptic.P224(), `got "", want P-256`: (*elliptic.CurveParams)(nil)} {
		if _, err := NewKey(Point{Curve: curve}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
	if _, err := NewKey(Point{}); err == nil || !strings.Contains(err.Error(), `got "", want P-256`) {
		t.Errorf("no curve: got %v, want an error that says so", err)
	}
}

func TestNewKeyRefusesECDSA(t *testing.T) {
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	at := func(curve elliptic.Curve, x, y *big.Int) *ecdsa.PublicKey {
		//lint:ignore SA1019 A point off the curve has no other way into a key.
		return &ecdsa.PublicKey{Curve: curve, X: x, Y: y}
	}
	point, err := trusted(t, ES256).private.(*ecdsa.PrivateKey).PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	x, y := new(big.Int).SetBytes(point[1:33]), new(big.Int).SetBytes(point[33:])
	p := elliptic.P256().Params().P
	for _, test := range []struct {
		name  string
		key   *ecdsa.PublicKey
		cause string
	}{
		{"P-224", &p224.PublicKey, CauseCurve},
		{"generic curve", at(elliptic.P256().Params(), x, y), CauseCurve},
		{"nameless curve", at((*elliptic.CurveParams)(nil), x, y), CauseCurve},
		{"A22e no coordinates", at(elliptic.P256(), nil, nil), CausePoint},
		{"A22e no x", at(elliptic.P256(), nil, y), CausePoint},
		{"A22e no y", at(elliptic.P256(), x, nil), CausePoint},
		{"A22e infinity", at(elliptic.P256(), new(big.Int), new(big.Int)), CausePoint},
		{"A22e off the curve", at(elliptic.P256(), x, new(big.Int).Add(y, big.NewInt(1))), CausePoint},
		{"A22e of another curve", at(elliptic.P384(), x, y), CausePoint},
		{"A22e negative", at(elliptic.P256(), new(big.Int).Neg(x), y), CausePoint},
		{"A22e not reduced", at(elliptic.P256(), new(big.Int).Add(x, p), y), CausePoint},
		{"A22e huge", at(elliptic.P256(), new(big.Int).Lsh(p, 4096), y), CausePoint},
	} {
		t.Run(test.name, func(t *testing.T) { wantCause(t, test.key, test.cause) })
	}
}
