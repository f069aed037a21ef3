package core_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// setOf is a JWKS document.
func setOf(keys ...string) core.JWKSDocument {
	return core.JWKSDocument(`{"keys":[` + strings.Join(keys, ",") + `]}`)
}

// change replaces or, with nil, removes members of a JWK.
func change(t testing.TB, jwk json.RawMessage, members map[string]any) string {
	t.Helper()
	all := map[string]any{}
	if err := json.Unmarshal(jwk, &all); err != nil {
		t.Fatal(err)
	}
	for name, value := range members {
		all[name] = value
		if value == nil {
			delete(all, name)
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What an issuer publishes decides which key may verify, and nothing else.
func TestAttackKeySets(t *testing.T) {
	issuer, other := jwttest.NewIssuer(""), jwttest.NewIssuer("")
	es256, good := string(issuer.PublicJWK("ES256")), issuer.Token(nil, jwttest.Algorithm("ES256"))
	kid := issuer.KeyID("ES256")
	publish := func(members map[string]any) string { return change(t, issuer.PublicJWK("ES256"), members) }
	foreign := func(members map[string]any) string { return change(t, other.PublicJWK("ES256"), members) }
	noKid := issuer.Token(nil, jwttest.Algorithm("ES256"), jwttest.Header(map[string]any{"kid": nil}))
	spare := string(other.PublicJWK("RS256"))
	tests := []struct {
		name   string
		keys   core.JWKSDocument
		token  string
		reason core.Reason
	}{
		{"A03b JWK without alg, another alg of its family", setOf(change(t, issuer.PublicJWK("RS256"), map[string]any{"alg": nil})),
			issuer.Token(nil, jwttest.Header(map[string]any{"alg": "RS384"})), core.ReasonWrongAlgorithm},
		{"A03b JWK without alg, the pinned alg", setOf(publish(map[string]any{"alg": nil})), good, ""},
		{"A06c kid of a second key of the same type", setOf(es256, foreign(nil)),
			issuer.Token(nil, jwttest.Algorithm("ES256"), jwttest.KeyID(other.KeyID("ES256"))), core.ReasonBadSignature},
		{"A06d no kid, one key fits", setOf(es256, spare), noKid, ""},
		{"A06d no kid, several keys fit", setOf(es256, foreign(nil)), noKid, core.ReasonUnknownKey},
		{"A06d no kid, no key fits", setOf(spare), noKid, core.ReasonUnknownKey},
		{"A22 duplicate kid, ours first", setOf(es256, foreign(map[string]any{"kid": kid}), spare), good, core.ReasonUnknownKey},
		{"A22 duplicate kid, ours last", setOf(foreign(map[string]any{"kid": kid}), es256, spare), good, core.ReasonUnknownKey},
		{"A22 the same key twice", setOf(es256, es256), good, ""},
		{"A22b private key", setOf(string(issuer.PrivateJWK("ES256")), spare), good, core.ReasonUnknownKey},
		{"A22b secret", setOf(string(issuer.PrivateJWK("HS256")), spare),
			issuer.Token(nil, jwttest.Algorithm("HS256")), core.ReasonWrongAlgorithm},
		{"A22c use enc", setOf(publish(map[string]any{"use": "enc"}), spare), good, core.ReasonUnknownKey},
		{"A22c use of a wrong type", setOf(publish(map[string]any{"use": []string{"sig"}}), spare), good, core.ReasonUnknownKey},
		{"A22c key_ops without verify", setOf(publish(map[string]any{"key_ops": []string{"sign"}}), spare), good, core.ReasonUnknownKey},
		{"A22c alg of a wrong type", setOf(publish(map[string]any{"alg": 256}), spare), good, core.ReasonUnknownKey},
		{"A22c numeric kid", setOf(publish(map[string]any{"kid": 1}), spare), issuer.Token(nil, jwttest.Algorithm("ES256"), jwttest.KeyID("1")), core.ReasonUnknownKey},
		{"A22d unknown neighbours", setOf(`{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}`, `{"kty":"OKP","crv":"X25519","x":"AA"}`, `{}`, `null`, `7`, es256), good, ""},
		{"A22e point off the curve", setOf(publish(map[string]any{"y": strings.Repeat("A", 43)}), spare), good, core.ReasonUnknownKey},
		{"A22e key of another curve", setOf(publish(map[string]any{"crv": "P-384"}), spare), good, core.ReasonUnknownKey},
		{"A10 RSA of 1024 bits", setOf(rsaJWK(t, "weak", 65537, new(big.Int).SetBit(big.NewInt(1), 1023, 1)), es256), tokenUnder(issuer, "weak"), core.ReasonUnknownKey},
		{"A10b RSA exponent 1", setOf(rsaJWK(t, "weak", 1, nil), es256), tokenUnder(issuer, "weak"), core.ReasonUnknownKey},
		{"A10b RSA exponent even", setOf(rsaJWK(t, "weak", 65536, nil), es256), tokenUnder(issuer, "weak"), core.ReasonUnknownKey},
		{"A10c RSA of 16384 bits", setOf(rsaJWK(t, "weak", 65537, new(big.Int).SetBit(big.NewInt(1), 16383, 1)), es256), tokenUnder(issuer, "weak"), core.ReasonUnknownKey},
		{"A10f ROCA", setOf(rsaJWK(t, "weak", 65537, rocaModulus()), es256), tokenUnder(issuer, "weak"), core.ReasonUnknownKey},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: test.keys})
			if _, err := v.Verify(t.Context(), test.token); reasonOf(err) != test.reason {
				t.Errorf("got %q, want %q", reasonOf(err), test.reason)
			}
		})
	}
}

// rsaJWK is a public key of that exponent and modulus, by default one of 2048 bits.
func rsaJWK(t testing.TB, kid string, exponent int, modulus *big.Int) string {
	t.Helper()
	if modulus == nil {
		modulus = jwttest.NewIssuer("").PublicKey("RS256").(*rsa.PublicKey).N
	}
	encode := func(n *big.Int) string { return strings.Split(jwttest.Compact(n.Bytes(), nil, nil), ".")[0] }
	return fmt.Sprintf(`{"kty":"RSA","kid":%q,"n":%q,"e":%q}`, kid, encode(modulus), encode(big.NewInt(int64(exponent))))
}

// rocaModulus is a power of 65537 modulo the first 39 primes, as the modulus
// of two primes made by a generator with CVE-2017-15361 is.
func rocaModulus() *big.Int {
	product := big.NewInt(1)
	for p, found := int64(2), 0; found < 39; p++ {
		if prime := big.NewInt(p); prime.ProbablyPrime(0) {
			product.Mul(product, prime)
			found++
		}
	}
	n := new(big.Int).SetBit(new(big.Int), 2047, 1)
	n.Sub(n, new(big.Int).Mod(n, product))
	return n.Add(n, product).Add(n, new(big.Int).Exp(big.NewInt(65537), big.NewInt(12345), product))
}

func tokenUnder(issuer *jwttest.Issuer, kid string) string {
	return issuer.Token(nil, jwttest.KeyID(kid))
}

// A11: what is not exactly the MAC is no MAC.
func TestAttackMAC(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	for _, alg := range []core.Algorithm{core.HS256, core.HS384, core.HS512} {
		v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience},
			Algorithms: []core.Algorithm{alg}, Keys: core.Secret(issuer.Secret(string(alg)))})
		good := issuer.Token(nil, jwttest.Algorithm(string(alg)))
		signed, signature := cutSignature(good)
		mac := mustDecode(signature)
		with := func(octets ...[]byte) string {
			return signed + "." + strings.Split(jwttest.Compact(joined(octets...), nil, nil), ".")[0]
		}
		for _, test := range []struct {
			name, token string
			reason      core.Reason
		}{
			{"A11 the MAC", good, ""},
			{"A11 truncated", with(mac[:len(mac)-1]), core.ReasonBadSignature},
			{"A11 half", with(mac[:len(mac)/2]), core.ReasonBadSignature},
			{"A11 one octet", with(mac[:1]), core.ReasonBadSignature},
			{"A11 extended", with(mac, []byte{0}), core.ReasonBadSignature},
			{"A11 doubled", with(mac, mac), core.ReasonBadSignature},
			{"A11 of an empty secret", issuer.Token(nil, jwttest.HMAC(string(alg), nil)), core.ReasonBadSignature},
			{"A11 of zeros", issuer.Token(nil, jwttest.HMAC(string(alg), make([]byte, 64))), core.ReasonBadSignature},
		} {
			t.Run(test.name+" "+string(alg), func(t *testing.T) {
				if _, err := v.Verify(t.Context(), test.token); reasonOf(err) != test.reason {
					t.Errorf("got %q, want %q", reasonOf(err), test.reason)
				}
			})
		}
	}
}

func joined(parts ...[]byte) []byte {
	var all []byte
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// A08, A08c: the octets of an ECDSA signature, r and s beside each other.
func TestAttackECDSA(t *testing.T) {
	s := newStage(t, nil)
	signed, signature := cutSignature(s.withClaims(nil))
	raw := mustDecode(signature)
	order := elliptic.P256().Params().N
	octets := func(n *big.Int) []byte { return n.FillBytes(make([]byte, 32)) }
	zero, one := octets(new(big.Int)), octets(big.NewInt(1))
	n, mirrored := octets(order), octets(new(big.Int).Sub(order, new(big.Int).SetBytes(raw[32:])))
	der, err := ecdsa.SignASN1(rand.Reader, s.PrivateKey("ES256").(*ecdsa.PrivateKey), make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name      string
		signature []byte
		reason    core.Reason
	}{
		{"A08 r=0 s=0", joined(zero, zero), core.ReasonBadSignature},
		{"A08 r=n s=n", joined(n, n), core.ReasonBadSignature},
		{"A08 r=0 s=n", joined(zero, n), core.ReasonBadSignature},
		{"A08 r=1 s=0", joined(one, zero), core.ReasonBadSignature},
		{"A08 r=1 s=1", joined(one, one), core.ReasonBadSignature},
		{"A08 r=n+r", joined(octets(new(big.Int).Mod(new(big.Int).Add(order, big.NewInt(1)), new(big.Int).Lsh(big.NewInt(1), 256))), raw[32:]), core.ReasonBadSignature},
		{"A08b DER", der, core.ReasonBadSignature},
		{"A08b 63 octets", raw[:63], core.ReasonBadSignature},
		{"A08b 66 octets", joined(zero[:1], raw[:32], zero[:1], raw[32:]), core.ReasonBadSignature},
		{"A08c (r, n-s) is the same signature", joined(raw[:32], mirrored), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			token := signed + "." + strings.Split(jwttest.Compact(test.signature, nil, nil), ".")[0]
			if _, err := s.verifier.Verify(t.Context(), token); reasonOf(err) != test.reason {
				t.Errorf("got %q, want %q", reasonOf(err), test.reason)
			}
		})
	}
}
