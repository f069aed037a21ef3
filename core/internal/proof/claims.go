package proof

import (
	"fmt"
	"strconv"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// claims are what the payload of a proof says (RFC 9449 section 4.2). A text that
// is absent is "", which equals nothing that is asked for.
type claims struct {
	jti, htm, htu, ath, nonce string
	iat, exp, nbf             time.Time
}

// claims reads the payload strictly. Names count exactly: "HTM" is a member that
// nobody knows, and those are ignored.
func (s *scratch) claims(segment string) (c claims, err error) {
	if s.text, err = jws.AppendDecode(s.text[:0], segment); err != nil {
		return c, err
	}
	err = jws.ReadObject(string(s.text), func(name string, value jws.Value) error {
		ok := true
		switch name {
		case "jti":
			c.jti, ok = value.Text()
		case "htm":
			c.htm, ok = value.Text()
		case "htu":
			c.htu, ok = value.Text()
		case "ath":
			c.ath, ok = value.Text()
		case "nonce":
			c.nonce, _ = value.Text() // one of another type is not one of ours
		case "iat":
			c.iat, ok = dateIn(value)
		case "exp":
			c.exp, ok = dateIn(value)
		case "nbf":
			c.nbf, ok = dateIn(value)
		}
		if !ok {
			return fmt.Errorf("%s: got %q, want another type", name, cut(string(value)))
		}
		return nil
	})
	if err == nil && c.iat.IsZero() {
		err = fmt.Errorf(`got no "iat"`)
	}
	return c, err
}

// maxDate is the last second of the year 9999.
const maxDate = 253402300799

// dateIn reads a NumericDate (RFC 7519 section 2): seconds, fractions allowed.
func dateIn(value jws.Value) (time.Time, bool) {
	if value.Kind() != '0' {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseFloat(string(value), 64)
	if err != nil || !(seconds >= 0 && seconds <= maxDate) {
		return time.Time{}, false
	}
	whole := int64(seconds)
	return time.Unix(whole, int64((seconds-float64(whole))*1e9)), true
}
