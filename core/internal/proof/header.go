package proof

import (
	"errors"
	"fmt"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// header is what the header of a proof says (RFC 9449 section 4.2).
type header struct {
	alg jws.Algorithm
	typ string
	key jwk
}

// header reads the header strictly, its key included. Other members are ignored,
// above all those that point to keys; crit, b64 and zip are refused.
func (s *scratch) header(segment string) (h header, err error) {
	if s.text, err = jws.AppendDecode(s.text[:0], segment); err != nil {
		return h, err
	}
	var key jws.Value
	if err := jws.ReadObject(string(s.text), func(name string, value jws.Value) error {
		ok := true
		switch name {
		case "alg":
			var text string
			text, ok = value.Text()
			h.alg = jws.Algorithm(text)
		case "typ":
			h.typ, ok = value.Text()
		case "jwk":
			key = value
		case "crit", "b64", "zip": // none is understood: RFC 7515 section 4.1.11, RFC 7797 section 6
			return fmt.Errorf("header: got %q, which is not supported", name)
		}
		if !ok {
			return fmt.Errorf("header: %q: got no string", name)
		}
		return nil
	}); err != nil {
		return h, err
	}
	if key == "" {
		return h, errors.New(`header: got no "jwk"`)
	}
	if h.key, err = readJWK(string(key)); err != nil {
		return h, err
	}
	// RFC 7517 section 4.4: alg names the algorithm that the key is for, hence no other.
	if h.key.hasAlg && h.key.alg != string(h.alg) {
		return h, fmt.Errorf("jwk: got alg %q beside alg %q of the header", cut(h.key.alg), cut(string(h.alg)))
	}
	return h, h.key.check(s)
}
