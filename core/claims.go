package core

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// Claims is what a verified token says. Every caller gets a value of its own.
//
// The fields are the registered claims of RFC 7519 section 4.1 and those of
// RFC 9068 that every service asks for; Decode and Lookup read the rest. Those of
// an opaque token are what its issuer answered about it (Introspection).
type Claims struct {
	Issuer   string // "iss"
	Subject  string // "sub"; empty if absent
	ID       string // "jti"; empty if absent
	ClientID string // the first present of "client_id", "azp", "cid", "appid"

	Audience []string // "aud", as an array also where the token has a string
	Scopes   []string // "scope", or "scp" where that is absent: a space-separated string or an array

	Expiry    time.Time // "exp"
	NotBefore time.Time // "nbf"; zero if absent
	IssuedAt  time.Time // "iat"; zero if absent

	Header Header

	// Bound says what possession was proved of: "jkt", a key by a DPoP proof (RFC 9449),
	// "x5t#S256", a client certificate (RFC 8705), or "", nothing. Where a token is
	// bound to both, both were proved and it is "jkt". Only Guard.Check sets it.
	Bound string

	payload string // the JSON text that was signed, or that introspection answered
	paths   *paths // where this issuer keeps roles and permissions
}

// Header is what the header of a verified token says (RFC 7515 section 4.1). That of
// an opaque token is empty.
type Header struct {
	Algorithm Algorithm // "alg"
	KeyID     string    // "kid"; empty if absent
	Type      string    // "typ" as it was sent; empty if absent
}

// paths are the claims that Role and Permission read.
type paths struct{ roles, permissions []string }

// Decode reads the whole payload into v, a pointer to a struct or a map.
// Member names match exactly, case included. The error of a payload that does
// not fit v's type is safe to log and not meant for clients. Claims that come
// from no token have no payload, which is an error too.
func (c *Claims) Decode(v any) error {
	if c.payload == "" {
		return errors.New("jwtmw: these Claims come from no token and have no payload to decode")
	}
	return json.Unmarshal([]byte(c.payload), v)
}

// Lookup returns the claim at path, one element a member name:
// Lookup("realm_access", "roles"). Values are those of encoding/json: string,
// float64, bool, nil, []any and map[string]any. Without a path it returns the
// whole payload. A number that no float64 can hold, such as 1e400, is not found,
// and is nil in what encloses it.
func (c *Claims) Lookup(path ...string) (any, bool) {
	value, ok := c.find(path)
	if !ok {
		return nil, false
	}
	if text, ok := value.Text(); ok {
		return text, true
	}
	// The payload was read strictly when it was verified, so that only a number
	// can still be a surprise.
	var v any
	if err := json.Unmarshal([]byte(value), &v, json.WithUnmarshalers(numbers)); err != nil {
		return nil, false
	}
	return v, value.Kind() == 'n' || v != nil
}

// numbers reads a number into an any, so that one which is too large spoils
// nothing around it.
var numbers = json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *any) error {
	if d.PeekKind() != jsontext.KindNumber {
		return errors.ErrUnsupported // for the default to read
	}
	text, err := d.ReadValue()
	if err != nil {
		return err
	}
	*v = nil
	if number, err := strconv.ParseFloat(string(text), 64); err == nil {
		*v = number
	}
	return nil
})

// MarshalJSON returns the payload as it was signed or answered, or null for Claims that
// come from no token.
func (c *Claims) MarshalJSON() ([]byte, error) {
	if c.payload == "" {
		return []byte("null"), nil
	}
	return []byte(c.payload), nil
}

var errFound = errors.New("found")

// find walks down the payload's objects.
func (c *Claims) find(path []string) (jws.Value, bool) {
	value, ok := jws.Value(strings.TrimSpace(c.payload)), c.payload != ""
	for _, name := range path {
		if value.Kind() != '{' {
			return "", false
		}
		object := string(value)
		ok = false
		// What follows the member was read strictly when the token was.
		err := jws.ReadObject(object, func(member string, v jws.Value) error {
			if member != name {
				return nil
			}
			value, ok = v, true
			return errFound
		})
		if !ok || err != errFound {
			return "", false // and not what encloses it, whose members are no roles
		}
	}
	return value, ok
}

// claimed is a context with claims. What a guard leaves beside them is a
// matter of context.go; here they are what a Requirement and Config.Revoked see.
type claimed struct {
	context.Context
	claims *Claims
}

type claimsKey struct{}

func withClaims(ctx context.Context, c *Claims) context.Context { return &claimed{ctx, c} }

func (c *claimed) Value(key any) any {
	if key == (claimsKey{}) {
		return c.claims
	}
	return c.Context.Value(key)
}
