package keyset

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// oddity is a JWK that is left out, and why; "" where it is taken.
type oddity struct {
	name, jwk, cause string
}

// oddities are the JWKs of the functions below.
func oddities(t testing.TB) []oddity {
	return slices.Concat(takenOddities(t), memberOddities(), materialOddities(), mldsaOddities(), certificateOddities(t), textOddities())
}

func takenOddities(t testing.TB) []oddity {
	modulus := rsaPair().N.Bytes()
	return []oddity{
		{"RSA", jwkText(rsaMembers("odd")), ""},
		{"RSA of 8192 bits", jwkText(rsaMembers("odd"), "n", b64(oddModulus(8192))), ""},
		{"P-384", jwkText(curveMembers(t, elliptic.P384())), ""},
		{"P-521", jwkText(curveMembers(t, elliptic.P521())), ""},
		{"Ed25519", jwkText(okpMembers("odd")), ""},
		{"use sig, key_ops verify", jwkText(ecMembers("a"), "use", "sig", "key_ops", []string{"sign", "verify"}), ""},
		{"members of the future", jwkText(ecMembers("a"), "iat", 1, "ext", true, "x5u", "https://a.test/c"), ""},
		{"members of another key type", jwkText(okpMembers("odd"), "n", "!", "y", "!", "pub", "!"), ""},
		{"modulus with a leading zero octet", jwkText(rsaMembers("odd"), "n", b64(append([]byte{0}, modulus...))), ""},
	}
}

// memberOddities say themselves that they are not for signatures, or for algorithms that are not known.
func memberOddities() []oddity {
	modulus, x := rsaPair().N.Bytes(), ecMembers("a")["x"].(string)
	return []oddity{
		{"A22b oct", jwkText(nil, "kty", "oct", "kid", "odd", "k", b64(modulus[:64])), causeSecret},
		{"A22b RSA private", jwkText(rsaMembers("odd"), "d", "AQAB"), causePrivate},
		{"A22b EC private", jwkText(ecMembers("a"), "d", x), causePrivate},
		{"A22b oth", jwkText(rsaMembers("odd"), "oth", []any{}), causePrivate},
		{"A22b k beside an RSA key", jwkText(rsaMembers("odd"), "k", x), causePrivate},
		{"A22b private ML-DSA", jwkText(nil, "kty", "AKP", "alg", "ML-DSA-44", "pub", x, "priv", x), causePrivate},
		{"A22c use enc", jwkText(rsaMembers("odd"), "use", "enc"), causeUse},
		{"A22c use empty", jwkText(rsaMembers("odd"), "use", ""), causeUse},
		{"A22c use Sig", jwkText(rsaMembers("odd"), "use", "Sig"), causeUse},
		{"A22c use a number", jwkText(rsaMembers("odd"), "use", 1), causeMalformed},
		{"A22c use null", strings.Replace(jwkText(rsaMembers("odd")), "{", `{"use":null,`, 1), causeMalformed},
		{"A22c key_ops encrypt", jwkText(rsaMembers("odd"), "key_ops", []string{"encrypt"}), causeKeyOps},
		{"A22c key_ops empty", jwkText(rsaMembers("odd"), "key_ops", []string{}), causeKeyOps},
		{"A22c key_ops a string", jwkText(rsaMembers("odd"), "key_ops", "verify"), causeMalformed},
		{"A22c key_ops of numbers", jwkText(rsaMembers("odd"), "key_ops", []any{"verify", 1}), causeMalformed},
		{"A22c alg a number", jwkText(rsaMembers("odd"), "alg", 256), causeMalformed},
		{"A22c kid a number", jwkText(rsaMembers("odd"), "kid", 7), causeMalformed},
		{"A22d kty unknown", jwkText(rsaMembers("odd"), "kty", "XYZ"), jws.CauseKeyType},
		{"A22d kty of another case", jwkText(rsaMembers("odd"), "kty", "rsa"), jws.CauseKeyType},
		{"A22d kty missing", jwkText(rsaMembers("odd"), "kty", nil), causeMalformed},
		{"A22d kty a number", jwkText(rsaMembers("odd"), "kty", 1), causeMalformed},
		{"A22d X25519", jwkText(okpMembers("odd"), "crv", "X25519"), jws.CauseCurve},
		{"A22d Ed448", jwkText(okpMembers("odd"), "crv", "Ed448"), jws.CauseCurve},
		{"A22d secp256k1", jwkText(ecMembers("a"), "crv", "secp256k1"), jws.CauseCurve},
		{"A22d crv missing", jwkText(ecMembers("a"), "crv", nil), jws.CauseCurve},
		{"A22d alg of encryption", jwkText(rsaMembers("odd"), "alg", "RSA-OAEP"), causeAlgorithm},
		{"A22d alg that never was", jwkText(ecMembers("a"), "alg", "ES521"), causeAlgorithm},
		{"A22d alg of another curve", jwkText(ecMembers("a"), "alg", "ES384"), causeAlgorithm},
		{"A03 alg HS256 on an RSA key", jwkText(rsaMembers("odd"), "alg", "HS256"), causeAlgorithm},
		{"A22d alg none", jwkText(rsaMembers("odd"), "alg", "none"), causeAlgorithm},
	}
}

// materialOddities hold numbers that are not a key, or a weak one.
func materialOddities() []oddity {
	modulus, x := rsaPair().N.Bytes(), ecMembers("a")["x"].(string)
	return []oddity{
		{"A22e off the curve", jwkText(ecMembers("a"), "y", x), causeMaterial},
		{"A22e infinity", jwkText(ecMembers("a"), "x", b64(make([]byte, 32)), "y", b64(make([]byte, 32))), causeMaterial},
		{"A22e coordinate too short", jwkText(ecMembers("a"), "x", b64(make([]byte, 31))), causeMaterial},
		{"A22e coordinate too long", jwkText(ecMembers("a"), "x", b64(make([]byte, 33))), causeMaterial},
		{"n missing", jwkText(rsaMembers("odd"), "n", nil), causeMalformed},
		{"e missing", jwkText(rsaMembers("odd"), "e", nil), causeMalformed},
		{"x missing", jwkText(okpMembers("odd"), "x", nil), causeMalformed},
		{"y missing", jwkText(ecMembers("a"), "y", nil), causeMalformed},
		{"n a number", jwkText(rsaMembers("odd"), "n", 5), causeMalformed},
		{"A14 n padded", jwkText(rsaMembers("odd"), "n", base64.URLEncoding.EncodeToString(modulus)), causeMalformed},
		{"A14 n with a line break", jwkText(rsaMembers("odd"), "n", b64(modulus[:255])[:4]+"\r\n"+b64(modulus)[4:]), causeMalformed},
		{"A14 x with a line break", jwkText(ecMembers("a"), "x", x[:9]+"\n"+x[9:]), causeMalformed},
		{"A14 n in the standard alphabet", jwkText(rsaMembers("odd"), "n", "+/+/"+b64(modulus)[4:]), causeMalformed},
		{"A14b trailing bits", jwkText(okpMembers("odd"), "x", strings.Repeat("A", 42)+"B"), causeMalformed},
		{"A10 RSA-1024", jwkText(rsaMembers("odd"), "n", b64(oddModulus(1024))), jws.CauseRSASize},
		{"A10 RSA-2040", jwkText(rsaMembers("odd"), "n", b64(oddModulus(2040))), jws.CauseRSASize},
		{"A10b e=1", jwkText(rsaMembers("odd"), "e", "AQ"), causeMaterial},
		{"A10b e=0", jwkText(rsaMembers("odd"), "e", "AA"), causeMaterial},
		{"A10b e even", jwkText(rsaMembers("odd"), "e", "AQAA"), jws.CauseRSAExponent},
		{"A10b e of 256 octets", jwkText(rsaMembers("odd"), "e", b64(modulus)), jws.CauseRSAExponent},
		{"A10b e of 65 bits that ends in 65537", jwkText(rsaMembers("odd"), "e", b64([]byte{1, 0, 0, 0, 0, 0, 1, 0, 1})), jws.CauseRSAExponent},
		{"A10c RSA of 8200 bits", jwkText(rsaMembers("odd"), "n", b64(oddModulus(8200))), jws.CauseRSASize},
		{"A10c RSA of 16 kbit", jwkText(rsaMembers("odd"), "n", b64(oddModulus(16384))), jws.CauseRSASize},
		{"A10c RSA of 256 kbit", jwkText(rsaMembers("odd"), "n", b64(oddModulus(1<<18)), "e", b64(oddModulus(1<<18))), jws.CauseRSASize},
		{"A09b low-order Ed25519", jwkText(okpMembers("odd"), "x", b64(append([]byte{1}, make([]byte, 31)...))), causeMaterial},
		{"Ed25519 of 31 octets", jwkText(okpMembers("odd"), "x", b64(make([]byte, 31))), causeMaterial},
	}
}

// mldsaOddities are keys of RFC 9964, of which a program of a Go before 1.27 takes none.
func mldsaOddities() []oddity {
	akp := func(octets int, changes ...any) string {
		return jwkText(map[string]any{"kty": "AKP", "kid": "odd", "alg": "ML-DSA-44", "pub": b64(make([]byte, octets))}, changes...)
	}
	later := func(cause string) string {
		if jws.MLDSA44.Known() {
			return cause
		}
		return jws.CauseKeyType
	}
	text := b64(make([]byte, 1312))
	return []oddity{
		{"ML-DSA-44", akp(1312), later("")},
		{"ML-DSA-65", akp(1952, "alg", "ML-DSA-65"), later("")},
		{"ML-DSA-87", akp(2592, "alg", "ML-DSA-87"), later("")},
		{"A22e ML-DSA-44 of an octet less", akp(1311), later(causeMaterial)},
		{"A22e ML-DSA-44 of an octet more", akp(1313), later(causeMaterial)},
		{"A22e ML-DSA-65 of the size of ML-DSA-44", akp(1312, "alg", "ML-DSA-65"), later(causeMaterial)},
		{"A22e ML-DSA of a megabyte", akp(1 << 19), later(causeMaterial)},
		{"A14 pub padded", akp(1312, "pub", text+"=="), later(causeMaterial)},
		{"A14 pub in the standard alphabet", akp(1312, "pub", "+/+/"+text[4:]), later(causeMalformed)},
		{"A14 pub with a line break", akp(1312, "pub", "\n"+text[1:]), later(causeMalformed)},
		{"A14b pub with trailing bits", akp(1312, "pub", text[:len(text)-1]+"B"), later(causeMalformed)},
		{"A22d AKP without alg", akp(1312, "alg", nil), causeMalformed},
		{"A22d AKP without pub", akp(1312, "pub", nil), causeMalformed},
		{"A22d AKP with pub a number", akp(1312, "pub", 7), causeMalformed},
		{"A22d AKP of another algorithm", akp(32, "alg", "SLH-DSA-SHA2-128s"), causeAlgorithm},
		{"A22d AKP with alg in lower case", akp(1312, "alg", "ml-dsa-44"), causeAlgorithm},
		{"A22d AKP with alg ES256", akp(1312, "alg", "ES256"), causeAlgorithm},
		{"A22c AKP with use enc", akp(1312, "use", "enc"), causeUse},
		{"A22d an EC key with alg ML-DSA-44", jwkText(ecMembers("a"), "alg", "ML-DSA-44"), causeAlgorithm},
		{"A22b AKP with priv null", strings.Replace(akp(1312), "{", `{"priv":null,`, 1), causePrivate},
	}
}

// textOddities are not the JSON that a JWK is.
func textOddities() []oddity {
	return []oddity{
		{"A12 duplicate member", strings.Replace(jwkText(ecMembers("a")), "{", `{"kty":"EC",`, 1), causeMalformed},
		{"A12b duplicate member, escaped", strings.Replace(jwkText(ecMembers("a")), "{", `{"kt\u0079":"EC",`, 1), causeMalformed},
		{"A12b duplicate member, nested", strings.Replace(jwkText(ecMembers("a")), "{", `{"o":{"a":1,"a":2},`, 1), causeMalformed},
		{"A13 members of another case", strings.ReplaceAll(jwkText(ecMembers("a")), `"kty"`, `"KTY"`), causeMalformed},
		{"A15b lone surrogate in kid", strings.Replace(jwkText(ecMembers("a"), "kid", nil), "{", `{"kid":"\ud800",`, 1), causeMalformed},
		{"A15c nested too deep", strings.Replace(jwkText(ecMembers("a")), "{", `{"o":`+strings.Repeat("[", 40)+strings.Repeat("]", 40)+",", 1), causeMalformed},
		{"no object", `"key"`, causeMalformed},
		{"null", `null`, causeMalformed},
		{"an array", `[]`, causeMalformed},
	}
}

func TestJWKOddities(t *testing.T) {
	for _, tt := range oddities(t) {
		t.Run(tt.name, func(t *testing.T) {
			if strings.HasPrefix(tt.name, "A15b") {
				// Invalid UTF-8 is a fault of the document, which eachJWK finds; the JWK's own reader finds it too.
				if _, cause := parseJWK(tt.jwk); cause != tt.cause {
					t.Errorf("got cause %q, want %q", cause, tt.cause)
				}
				return
			}
			set := mustParse(t, setText(jwkText(ecMembers("before")), tt.jwk, jwkText(ecMembers("behind"))))
			wantCounts := map[string]int{tt.cause: 1}
			usable := 2
			if tt.cause == "" {
				wantCounts, usable = map[string]int{}, 3
			}
			if got, want := countsText(set.Skipped(), ""), countsText(wantCounts, ""); got != want {
				t.Errorf("got skipped %q, want %q", got, want)
			}
			if set.Len() != usable {
				t.Errorf("got %d usable keys, want %d", set.Len(), usable)
			}
			for _, kid := range []string{"before", "behind"} {
				if got := verdict(set.Key(kid, true, jws.ES256)); got != found {
					t.Errorf("its neighbour %q: got %s, want %s", kid, got, found)
				}
			}
			if tt.cause == "" {
				wantSameAsGoJose(t, tt.jwk)
			}
		})
	}
}

// wantSameAsGoJose fails where go-jose would not take the material of a JWK that we took, or as another key.
func wantSameAsGoJose(t *testing.T, text string) {
	t.Helper()
	e, cause := parseJWK(text)
	if cause != "" {
		t.Fatalf("got cause %q, want none", cause)
	}
	k, err := readJWK(text)
	if err != nil {
		t.Fatal(err)
	}
	if k.kty == "RSA" && len(k.n) > joseModulusText {
		return // longRSA reads what go-jose does not
	}
	var theirs jose.JSONWebKey
	if err := theirs.UnmarshalJSON(withoutForeign(t, text, k.kty)); err != nil {
		t.Fatalf("go-jose refuses a key that was taken: %v", err)
	}
	key, err := jws.NewKey(theirs.Key)
	if err != nil || !key.Equal(e.key) || !theirs.IsPublic() {
		t.Fatalf("go-jose reads another key: %T (%v)", theirs.Key, err)
	}
}

// withoutForeign leaves out the members of other key types, which go-jose reads and RFC 7517 section 4 has us ignore, and
// those about a certificate.
func withoutForeign(t *testing.T, text, kty string) []byte {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		t.Fatal(err)
	}
	for _, name := range map[string][]string{"RSA": {"x", "y", "pub"}, "EC": {"n", "e", "pub"}, "OKP": {"n", "e", "y", "pub"}}[kty] {
		delete(members, name)
	}
	maps.DeleteFunc(members, func(name string, _ json.RawMessage) bool { return strings.HasPrefix(name, "x5") })
	own, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return own
}

// oddModulus is not the product of two primes, but nothing looks.
func oddModulus(bits int) []byte {
	n := make([]byte, bits/8)
	_, _ = rand.Read(n)
	n[0] |= 0x80
	n[len(n)-1] |= 1
	return n
}

func curveMembers(t testing.TB, curve elliptic.Curve) map[string]any {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	half := len(point) / 2
	return map[string]any{"kty": "EC", "crv": curve.Params().Name, "kid": "odd", "x": b64(point[1 : 1+half]), "y": b64(point[1+half:])}
}
