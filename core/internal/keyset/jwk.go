package keyset

import (
	"errors"
	"slices"
	"strings"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// secretMembers are the parameters that must never leave their owner (RFC 7518 sections 6.2.2, 6.3.2 and 6.4, RFC 8037
// section 2, RFC 9964).
var secretMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}

// jwk holds the members that decide about a JWK.
type jwk struct {
	kty, crv, use, alg, kid string
	keyOps                  []string
	hasUse, hasAlg          bool
	hasKeyOps, private      bool
	n, e, x, y, pub         string    // base64url as it stands
	x5c                     jws.Value // of whatever type
}

// parseJWK returns the usable key of one JWK, or the cause for which it is left out.
func parseJWK(text string) (e entry, cause string) {
	k, err := readJWK(text)
	if err != nil {
		return entry{}, causeMalformed // the error may quote a private key
	}
	if cause := k.unusable(); cause != "" {
		return entry{}, cause
	}
	material, err := k.material()
	if err == nil {
		err = k.checkCertificate(material)
	}
	if err != nil {
		return entry{}, causeOf(err)
	}
	key, err := jws.NewKey(material)
	if err != nil {
		return entry{}, causeOf(err)
	}
	algorithms := key.Algorithms()
	if k.hasAlg {
		// RFC 7517 section 4.4: alg names the algorithm that the key is for, hence no other.
		algorithms = slices.DeleteFunc(algorithms, func(a jws.Algorithm) bool { return string(a) != k.alg })
	}
	if len(algorithms) == 0 {
		return entry{}, causeAlgorithm
	}
	return entry{kid: k.kid, key: key, algorithms: algorithms}, ""
}

func readJWK(text string) (*jwk, error) {
	k := new(jwk)
	err := jws.ReadObject(text, func(name string, value jws.Value) error {
		// Before anything else, and whatever the type: a key whose private half was public is nobody's proof.
		if slices.Contains(secretMembers, name) {
			k.private = true
			return nil
		}
		if !k.take(name, value) {
			return errors.New("wrong type")
		}
		return nil
	})
	return k, err
}

// take reads one member; false says that the value has a wrong type. Members that are not known are ignored
// (RFC 7517 section 4).
func (k *jwk) take(name string, value jws.Value) (ok bool) {
	switch name {
	case "kty":
		k.kty, ok = value.Text()
	case "crv":
		k.crv, ok = value.Text()
	case "use":
		k.use, k.hasUse = value.Text()
		ok = k.hasUse
	case "alg":
		k.alg, k.hasAlg = value.Text()
		ok = k.hasAlg
	case "key_ops":
		k.keyOps, k.hasKeyOps = value.Texts()
		ok = k.hasKeyOps
	case "kid":
		k.kid, ok = value.Text()
		k.kid = strings.Clone(k.kid) // it outlives the document, which must not stay in memory for it
	case "n":
		k.n, ok = value.Text()
	case "e":
		k.e, ok = value.Text()
	case "x":
		k.x, ok = value.Text()
	case "y":
		k.y, ok = value.Text()
	case "pub":
		k.pub, ok = value.Text()
	case "x5c":
		k.x5c, ok = value, true
	default:
		ok = true
	}
	return ok
}

// unusable names the cause for which the key is left out without a look at its material, or "".
func (k *jwk) unusable() string {
	switch {
	case k.kty == "oct":
		return causeSecret
	case k.private:
		return causePrivate
	case k.hasUse && k.use != "sig": // RFC 7517 section 4.2
		return causeUse
	case k.hasKeyOps && !slices.Contains(k.keyOps, "verify"): // RFC 7517 section 4.3
		return causeKeyOps
	case k.kty == "":
		return causeMalformed
	default:
		return ""
	}
}

func causeOf(err error) string {
	if refused, ok := errors.AsType[*jws.KeyError](err); ok {
		return refused.Cause
	}
	return causeMalformed
}
