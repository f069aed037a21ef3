package keyset

import (
	"crypto"
	"crypto/rsa"
	"fmt"
	"math/big"

	"github.com/go-jose/go-jose/v4"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// maxModulusText is the longest base64url text of an RSA modulus that jws.NewKey could take (8192 bits), with room
// for a few leading zero octets that some issuers send. Longer ones are refused before any arithmetic.
const maxModulusText = (8192/8 + 8) * 4 / 3

// maxExponentText is the longest base64url text of an exponent that fits 32 bits.
const maxExponentText = 6

// joseModulusText is the longest text of a modulus of 4096 bits. go-jose takes no longer ones, by a package variable that
// is the program's to change and not a library's.
const joseModulusText = (4096/8*4 + 2) / 3

// material has go-jose read the public key of a JWK (RFC 7518 section 6, RFC 8037 section 2), but for one of RFC 9964. What go-jose passes and the
// RFCs do not is refused here first; strength is judged by jws.NewKey.
func (k *jwk) material() (crypto.PublicKey, error) {
	var err error
	// All that go-jose gets to see. It would look at certificates as well, and refuse a key for much that is wrong with
	// them. Once err is nil, nothing in bare needs an escape.
	var bare string
	switch {
	case k.kty == "RSA" && len(k.n) > maxModulusText:
		return nil, &jws.KeyError{Cause: causeRSASize, Detail: "got a modulus far above 8192 bits"}
	case k.kty == "RSA" && len(k.e) > maxExponentText:
		return nil, &jws.KeyError{Cause: causeRSAExponent, Detail: "got an exponent of more than 32 bits"}
	case k.kty == "RSA":
		err = strict("n", k.n, "e", k.e)
		bare = `{"kty":"RSA","n":"` + k.n + `","e":"` + k.e + `"}`
	case k.kty == "EC" && (k.crv == "P-256" || k.crv == "P-384" || k.crv == "P-521"):
		err = strict("x", k.x, "y", k.y)
		bare = `{"kty":"EC","crv":"` + k.crv + `","x":"` + k.x + `","y":"` + k.y + `"}`
	case k.kty == "OKP" && k.crv == "Ed25519":
		err = strict("x", k.x)
		bare = `{"kty":"OKP","crv":"Ed25519","x":"` + k.x + `"}`
	case k.kty == "AKP":
		return k.mldsa()
	case k.kty == "EC", k.kty == "OKP":
		return nil, &jws.KeyError{Cause: causeCurve, Detail: fmt.Sprintf("got curve %q, want P-256, P-384, P-521 or Ed25519", cut(k.crv))}
	default:
		return nil, &jws.KeyError{Cause: causeKeyType, Detail: fmt.Sprintf("got kty %q, want RSA, EC, OKP or AKP", cut(k.kty))}
	}
	if err != nil {
		return nil, err
	}
	if k.kty == "RSA" && len(k.n) > joseModulusText {
		return k.longRSA()
	}
	var read jose.JSONWebKey
	if err := read.UnmarshalJSON([]byte(bare)); err != nil {
		return nil, &jws.KeyError{Cause: causeMaterial, Detail: err.Error()}
	}
	return read.Key, nil
}

// longRSA reads a modulus that is too long for go-jose and not for the rules.
func (k *jwk) longRSA() (crypto.PublicKey, error) {
	n, err := jws.AppendDecode(nil, k.n)
	if err != nil {
		return nil, err
	}
	e, err := jws.AppendDecode(nil, k.e)
	if err != nil {
		return nil, err
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, nil
}

// strict refuses members, given as pairs of name and text, that are absent or not base64url. Padding and line breaks,
// which Go's decoder and go-jose let pass in part, are not (RFC 7515 section 2).
func strict(members ...string) error {
	var octets [maxModulusText]byte
	for i := 0; i < len(members); i += 2 {
		name, text := members[i], members[i+1]
		if text == "" {
			return fmt.Errorf("got no %q", name)
		}
		if _, err := jws.AppendDecode(octets[:0], text); err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
	}
	return nil
}
