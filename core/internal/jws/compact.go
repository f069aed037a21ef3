package jws

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// MaxLength is the greatest length of a token in octets.
const MaxLength = 16 << 10

// Errors of [Split], [AppendDecode] and [ParseHeader], for errors.Is.
var (
	ErrTooLong   = errors.New("token too long")
	ErrMalformed = errors.New("malformed token")
)

// What anybody can provoke without knowing anything is an error made once.
var (
	errLength       = fmt.Errorf("%w: got more than %d octets", ErrTooLong, MaxLength)
	errSegments     = fmt.Errorf("%w: got another number of segments than 3", ErrMalformed)
	errEmptySegment = fmt.Errorf("%w: got an empty segment", ErrMalformed)
	errBase64URL    = fmt.Errorf("%w: got a segment that is not strict base64url", ErrMalformed)
)

// Compact is a token cut at its dots (RFC 7515 section 3.1). Every field is a
// part of the token, still in base64url and not yet checked to be that.
type Compact struct {
	Header, Payload, Signature string

	// Signed is Header, a dot and Payload: what the signature covers.
	Signed string
}

// Split cuts token into its three segments without allocating. Only the
// signature may be empty, as that of an unsecured token is (RFC 7515 appendix
// A.5); no [Key] verifies it. A token longer than [MaxLength] is [ErrTooLong]
// and is not looked at; any other number of segments is [ErrMalformed], so that
// a JWE, which has five, ends here (RFC 7516 section 9).
func Split(token string) (Compact, error) {
	if len(token) > MaxLength {
		return Compact{}, errLength
	}
	header, rest, _ := strings.Cut(token, ".")
	payload, signature, complete := strings.Cut(rest, ".")
	if !complete || strings.IndexByte(signature, '.') >= 0 {
		return Compact{}, errSegments
	}
	c := Compact{
		Header:    header,
		Payload:   payload,
		Signature: signature,
		Signed:    token[:len(header)+1+len(payload)],
	}
	if c.Header == "" || c.Payload == "" {
		return Compact{}, errEmptySegment
	}
	return c, nil
}

// strictBase64URL has the alphabet of RFC 4648 section 5, takes no padding
// (RFC 7515 section 2) and demands that unused bits are zero (RFC 4648 section 3.5).
var strictBase64URL = base64.RawURLEncoding.Strict()

// AppendDecode appends the octets that segment encodes to dst and returns the
// extended slice. Exactly one text is accepted for each sequence of octets; any
// other is [ErrMalformed], and dst comes back as it was. Nothing is allocated if
// dst has room for three octets out of every four of segment.
func AppendDecode(dst []byte, segment string) ([]byte, error) {
	size := strictBase64URL.DecodedLen(len(segment))
	grown := slices.Grow(dst, size)
	n, err := strictBase64URL.Decode(grown[len(dst):len(dst)+size], []byte(segment))
	// The standard decoder skips line breaks, so that fewer octets come out than
	// the text is long for, or as many if the break is all that a fifth character was.
	if err != nil || n != size || len(segment)%4 == 1 {
		return dst, errBase64URL
	}
	return grown[:len(dst)+size], nil
}
