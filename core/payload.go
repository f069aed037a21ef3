package core

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// roomyClaims is Claims with room for the strings of its lists, so that one
// allocation holds what most tokens say.
type roomyClaims struct {
	Claims
	room [8]string
}

// clone gives a caller Claims that nobody else can change.
func (c *Claims) clone() *Claims {
	claims := &roomyClaims{Claims: *c}
	lists := append(append(claims.room[:0], c.Audience...), c.Scopes...)
	n := len(c.Audience)
	claims.Audience, claims.Scopes = lists[:n:n], lists[n:len(lists):len(lists)]
	if c.Audience == nil {
		claims.Audience = nil
	}
	if c.Scopes == nil {
		claims.Scopes = nil
	}
	return &claims.Claims
}

// payload is what one pass over a token's payload finds, before anything of it
// is believed.
type payload struct {
	*Claims
	lists   []string  // the strings of Audience, Scopes and scp
	clients [4]string // client_id, azp, cid, appid
	nonce   bool      // "nonce" is present
	hashed  bool      // "at_hash" or "c_hash" is present
	events  bool      // "events" is present (RFC 8417)
	scp     []string

	confirmation confirmation // "cnf" (RFC 7800)
}

// readPayload reads a JWT Claims Set strictly: one JSON object, no duplicate
// names, and the registered claims of the types that RFC 7519 section 4.1
// gives them.
func readPayload(text string) (payload, *Refusal) {
	claims := &roomyClaims{Claims: Claims{payload: text}}
	p := payload{Claims: &claims.Claims, lists: claims.room[:0]}
	var wrong *mismatch
	err := jws.ReadObject(text, func(name string, value jws.Value) error {
		if want := p.read(name, value); want != "" {
			wrong = &mismatch{member: name, got: string(value), want: []string{want}}
			return wrong
		}
		return nil
	})
	switch {
	case wrong != nil:
		return p, refuse(ReasonMalformedClaims, wrong)
	case err != nil:
		return p, refuse(ReasonMalformedToken, err)
	}
	// An empty one names nobody, and another member may.
	for _, id := range p.clients {
		if p.ClientID == "" {
			p.ClientID = id
		}
	}
	// "scope" is the registered name (RFC 8693 section 4.2). Where both are there,
	// "scp" may be a user's own attribute, and must not add to what was granted.
	if p.Scopes == nil {
		p.Scopes = p.scp
	}
	return p, nil
}

// UnmarshalJSON reads a JWT Claims Set as strictly as a token's payload is read:
// claims of a session, an introspection or a test. What it reads was verified by
// nobody. Role and Permission look at the default paths then, and Header is
// empty. The error says which member is not what RFC 7519 section 4.1 asks for.
func (c *Claims) UnmarshalJSON(payload []byte) error {
	p, refusal := readPayload(string(payload))
	if refusal != nil {
		return fmt.Errorf("jwtmw: claims: %w", refusal.cause)
	}
	*c = *p.Claims
	return nil
}

// read takes one member. It returns what was wanted instead of a value of the
// wrong type.
func (p *payload) read(name string, value jws.Value) (want string) {
	ok := true
	switch name {
	case "iss":
		p.Issuer, ok = value.Text()
	case "sub":
		p.Subject, ok = value.Text()
	case "jti":
		p.ID, ok = value.Text()
	case "aud":
		if p.Audience, ok = p.list(appendOneOrMore, value); !ok {
			return "a string or an array of strings"
		}
	case "exp":
		return readDate(&p.Expiry, value)
	case "nbf":
		return readDate(&p.NotBefore, value)
	case "iat":
		return readDate(&p.IssuedAt, value)
	case "scope":
		p.Scopes, _ = p.list(appendWords, value)
	case "scp":
		p.scp, _ = p.list(appendWords, value)
	case "client_id":
		p.clients[0], ok = value.Text()
	// The next three are not registered: an issuer may use the name for something else.
	case "azp":
		p.clients[1], _ = value.Text()
	case "cid":
		p.clients[2], _ = value.Text()
	case "appid":
		p.clients[3], _ = value.Text()
	case "cnf":
		p.confirmation = readConfirmation(value)
	case "nonce":
		p.nonce = true
	case "at_hash", "c_hash":
		p.hashed = true
	case "events":
		p.events = true
	}
	if !ok {
		return "a string"
	}
	return ""
}

// list reads a value's strings into lists, where nothing can be appended to them.
func (p *payload) list(read func([]string, jws.Value) ([]string, bool), value jws.Value) ([]string, bool) {
	before := len(p.lists)
	lists, ok := read(p.lists, value)
	p.lists = lists
	return lists[before:len(lists):len(lists)], ok
}

// appendOneOrMore reads a string, or an array of strings.
func appendOneOrMore(dst []string, value jws.Value) ([]string, bool) {
	if text, ok := value.Text(); ok {
		return append(dst, text), true
	}
	return value.AppendTexts(dst)
}

// appendWords reads a space-separated string (RFC 8693 section 4.2), or an array
// of strings. Anything else holds no words, and so grants nothing.
func appendWords(dst []string, value jws.Value) ([]string, bool) {
	text, ok := value.Text()
	if !ok {
		return value.AppendTexts(dst)
	}
	// No other white space parts scopes (RFC 6749 section 3.3). A text of spaces
	// alone has no words.
	dst = slices.Grow(dst, min(strings.Count(text, " ")+1, 16))
	for text != "" {
		var word string
		if word, text, _ = strings.Cut(text, " "); word != "" {
			dst = append(dst, word)
		}
	}
	return dst, true
}

// maxDate is the last second of the year 9999.
const maxDate = 253402300799

// readDate reads a NumericDate (RFC 7519 section 2): a JSON number of seconds,
// fractions allowed, from 1970 through 9999.
func readDate(t *time.Time, value jws.Value) (want string) {
	const wanted = "a number of seconds from 0 to 253402300799"
	if value.Kind() != '0' {
		return wanted
	}
	if seconds, err := strconv.ParseInt(string(value), 10, 64); err == nil && seconds >= 0 && seconds <= maxDate {
		*t = time.Unix(seconds, 0)
		return ""
	}
	seconds, err := strconv.ParseFloat(string(value), 64)
	if err != nil || !(seconds >= 0 && seconds <= maxDate) {
		return wanted
	}
	whole := int64(seconds)
	*t = time.Unix(whole, int64((seconds-float64(whole))*1e9))
	return ""
}
