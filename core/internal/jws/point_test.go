package jws

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"testing"
)

// A Point makes the key that its ecdsa.PublicKey makes.
func TestNewKeyOfAPoint(t *testing.T) {
	for _, alg := range []Algorithm{ES256, ES384, ES512} {
		public := trusted(t, alg).private.(*ecdsa.PrivateKey).PublicKey
		octets, err := public.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		key, err := NewKey(Point{public.Curve, octets})
		if err != nil || !key.Equal(trusted(t, alg).key) || !key.Fits(alg) {
			t.Errorf("%s: got %v and %v, want the same key", alg, key, err)
		}
		off := append([]byte{}, octets...)
		off[len(off)-1] ^= 1
		for name, odd := range map[string][]byte{"off the curve": off, "cut": octets[:len(octets)-1], "infinity": {0}, "empty": nil} {
			t.Run(string(alg)+" "+name, func(t *testing.T) { wantCause(t, Point{public.Curve, odd}, CausePoint) })
		}
	}
	wantCause(t, Point{elliptic.P224(), []byte{4}}, CauseCurve)
	wantCause(t, Point{nil, []byte{4}}, CauseCurve)
}
