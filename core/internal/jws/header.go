package jws

import (
	"errors"
	"fmt"
)

// ErrCritical is the error of [ParseHeader] for a header that asks for an
// extension which changes how the token has to be read.
var ErrCritical = errors.New("unsupported header extension")

// Header holds the header members that verification uses.
type Header struct {
	Algorithm Algorithm // "alg", as the token spells it: not checked to be known
	KeyID     string    // "kid"
	HasKeyID  bool      // whether "kid" is there: an empty kid is still a kid
	Type      string    // "typ"
	HasType   bool      // whether "typ" is there
}

// ParseHeader reads the JSON text of a header: one object under the rules of
// [ReadObject], with a non-empty string "alg" and with strings, if at all, in
// "kid" and "typ"; everything else is [ErrMalformed]. A header with "crit",
// "b64" or "zip", whatever their value, is [ErrCritical]. Other members are
// ignored, above all those that bring or name a key: jwk, jku, x5c, x5u, x5t.
//
// Whether the algorithm is acceptable is for the caller to say.
func ParseHeader(text string) (Header, error) {
	var h Header
	if err := ReadObject(text, h.member); err != nil {
		if errors.Is(err, ErrCritical) {
			return Header{}, err
		}
		return Header{}, &headerError{err}
	}
	if h.Algorithm == "" {
		return Header{}, errNoAlgorithm
	}
	return h, nil
}

func (h *Header) member(name string, value Value) error {
	var target *string
	switch name {
	case "alg":
		target = (*string)(&h.Algorithm)
	case "kid":
		target, h.HasKeyID = &h.KeyID, true
	case "typ":
		target, h.HasType = &h.Type, true
	case "crit", "b64", "zip":
		// No extension is understood, so none may be passed over: RFC 7515
		// section 4.1.11 for crit, RFC 7797 section 6 for b64. A zip means
		// nothing in a JWS; a sender of one wants the payload read differently.
		return fmt.Errorf("%w: %q", ErrCritical, name)
	default:
		return nil
	}
	text, ok := value.Text()
	if !ok {
		return fmt.Errorf("%q: got %q, want a string", name, cut(string(value)))
	}
	*target = text
	return nil
}

// cut shortens foreign text for an error message.
func cut(s string) string {
	return s[:min(len(s), 64)]
}
