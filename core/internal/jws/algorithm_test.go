package jws

import "testing"

func TestAlgorithm(t *testing.T) {
	sizes := map[Algorithm]int{
		HS256: 32, HS384: 48, HS512: 64, RS256: 32, RS384: 48, RS512: 64, PS256: 32, PS384: 48, PS512: 64,
		ES256: 32, ES384: 48, ES512: 64, EdDSA: 0, Ed25519: 0,
	}
	for _, alg := range allAlgorithms {
		symmetric := alg == HS256 || alg == HS384 || alg == HS512
		if !alg.Known() || alg.Symmetric() != symmetric || alg.HashSize() != sizes[alg] {
			t.Errorf("%s: got %t, %t, %d, want true, %t, %d",
				alg, alg.Known(), alg.Symmetric(), alg.HashSize(), symmetric, sizes[alg])
		}
	}
}

// unknownAlgorithms are names that somebody has taken for a signature algorithm.
var unknownAlgorithms = []struct {
	name string
	alg  Algorithm
}{
	{"A01 none", "none"},
	{"A01 None", "None"},
	{"A01 nOnE", "nOnE"},
	{"A01 NONE", "NONE"},
	{"A01 none with a blank", "none "},
	{"A01 none with a NUL", "none\x00"},
	{"A01 none in full width", "\uff4eone"},
	{"A01 empty", ""},
	{"A01b next of its kind", "HS257"},
	{"A01b number too large", "HS2048"},
	{"A01b nonsense", "XYZ"},
	{"A01b null as text", "null"},
	{"A04 lower case", "rs256"},
	{"A04 mixed case", "Rs256"},
	{"A04 leading blank", " RS256"},
	{"A04 trailing blank", "RS256 "},
	{"A04 trailing line feed", "RS256\n"},
	{"A04 trailing NUL", "RS256\x00"},
	{"A04 prefix", "RS25"},
	{"A04 SHA-1", "RS1"},
	{"A04 secp256k1", "ES256K"},
	{"A04 hash of another curve", "ES521"},
	{"A04 upper case", "EDDSA"},
	{"A04 Ed448", "Ed448"},
	{"A04 ML-DSA in lower case", "ml-dsa-44"},
	{"A04 ML-DSA without a set", "ML-DSA"},
	{"A04 ML-DSA of no set", "ML-DSA-45"},
	{"A04 pre-hashed ML-DSA", "HashML-DSA-44"},
	{"A04 composite ML-DSA", "ML-DSA-44-ES256"},
	{"A04 encryption", "RSA-OAEP"},
	{"A04 direct", "dir"},
	{"A04 object identifier", "1.2.840.113549.1.1.11"},
}

func TestUnknownAlgorithm(t *testing.T) {
	for _, test := range unknownAlgorithms {
		if test.alg.Known() || test.alg.Symmetric() || test.alg.HashSize() != 0 {
			t.Errorf("%s: got %q known, want it unknown", test.name, test.alg)
		}
	}
}
