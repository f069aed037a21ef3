package core

import (
	"encoding/base64"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// confirmation is what a token says of the keys to which it is bound: its "cnf"
// (RFC 7800 section 3). The zero confirmation is of a token that is bound to none.
type confirmation struct {
	jkt   string // of a key that signs proofs (RFC 9449 section 6.1)
	x5t   string // "x5t#S256": of a client certificate (RFC 8705 section 3.1)
	wrong string // what it says where nothing can show possession; "" otherwise
}

func (c confirmation) bound() bool { return c.jkt != "" || c.x5t != "" }

// readConfirmation ignores members that it does not know beside one that it does
// (RFC 7800 section 3.1). Of members that it does not know alone, nobody could say
// whether the sender holds the key.
func readConfirmation(cnf jws.Value) (c confirmation) {
	if cnf.Kind() != '{' {
		return confirmation{wrong: string(cnf)}
	}
	sound := true
	err := jws.ReadObject(string(cnf), func(name string, value jws.Value) error {
		switch name {
		case "jkt":
			c.jkt, _ = value.Text()
			sound = sound && isSHA256(c.jkt)
		case "x5t#S256":
			c.x5t, _ = value.Text()
			sound = sound && isSHA256(c.x5t)
		}
		return nil
	})
	if err != nil || !sound || !c.bound() {
		return confirmation{wrong: string(cnf)}
	}
	return c
}

// isSHA256 knows a hash in the one spelling that base64url has for it.
func isSHA256(text string) bool {
	var octets [32]byte
	if len(text) != base64.RawURLEncoding.EncodedLen(len(octets)) {
		return false
	}
	_, err := jws.AppendDecode(octets[:0], text)
	return err == nil
}

// presentation is how a token came. The zero presentation is of one that came with
// no request.
type presentation struct {
	request Request
	scheme  scheme
}
