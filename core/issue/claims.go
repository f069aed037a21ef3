package issue

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// Claims is what a token is to say, beside "iss", "iat" and "exp", which the
// Issuer sets. Everything is copied into the token before Sign returns.
type Claims struct {
	Subject  string // "sub": whom the token is about. Required for "at+jwt"
	ClientID string // "client_id": the client that asked for it (RFC 8693 section 4.3). Required for "at+jwt"
	ID       string // "jti". Default: 26 random letters and digits, 130 bits

	Audience []string // "aud": the services that may take it. Required for "at+jwt"
	Scopes   []string // "scope", each of the characters of RFC 6749 section 3.3. Default: no such claim

	// Lifetime is the time to "exp", 1 second to Config.Lifetime. Default:
	// Config.Lifetime.
	Lifetime time.Duration

	// More holds further claims: a struct or a map that encoding/json makes an
	// object of, as deep as package core reads. It may not hold iss, sub, aud,
	// exp, nbf, iat, jti, client_id or scope, nor a name that differs from one of
	// them or from another one in case alone, since some verifiers ignore case. It
	// may hold "cnf", which binds the token to a key (RFC 7800). Default: none.
	More any
}

// maxToken is the longest token that package core, and most proxies, take.
const maxToken = 16 << 10

// Sign returns a token that says c, signed with the key that signs now, in
// compact serialisation (RFC 7515 section 7.1).
//
// It is an error if an "at+jwt" lacks a subject, an audience or a client id,
// which names all that is missing; if a field of c is not usable; if the token
// would be longer than 16 KiB; if no key signs; and if the key cannot sign within
// ctx, and 10 seconds where it is a KMS. errors.Is finds ctx's error.
func (i *Issuer) Sign(ctx context.Context, c Claims) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("jwtmw: issue: sign: %w", context.Cause(ctx))
	}
	signing, now, err := i.signing(ctx)
	if err != nil {
		return "", err
	}
	payload, err := c.payload(i.config, now)
	if err != nil {
		return "", named("jwtmw: issue: sign: ", err)
	}
	room := len(signing.header) + base64.RawURLEncoding.EncodedLen(len(payload))
	token := make([]byte, 0, room+1+88) // an ES256 signature has 86 characters
	token = append(token, signing.header...)
	token = base64.RawURLEncoding.AppendEncode(token, payload)
	signature, err := signing.signature(ctx, token)
	if err != nil {
		return "", fmt.Errorf("jwtmw: issue: sign: key %s: %w", quote(signing.id), err)
	}
	// A call that was abandoned may still read token: nothing has written to it.
	token = append(token, '.')
	token = base64.RawURLEncoding.AppendEncode(token, signature)
	if len(token) > maxToken {
		return "", fmt.Errorf("jwtmw: issue: sign: the token has %d octets, want at most %d: verifiers take no more", len(token), maxToken)
	}
	return string(token), nil
}

// registered are the claims that the Issuer writes, in the order of the payload.
type registered struct {
	Issuer   string          `json:"iss"`
	Subject  string          `json:"sub,omitempty"`
	Audience json.RawMessage `json:"aud,omitempty"`
	Expiry   int64           `json:"exp"`
	IssuedAt int64           `json:"iat"`
	ID       string          `json:"jti"`
	ClientID string          `json:"client_id,omitempty"`
	Scope    string          `json:"scope,omitempty"`
}

// reserved are the names that More may not hold.
var reserved = [...]string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "scope"}

// payload returns the JWT Claims Set (RFC 7519 section 4).
func (c Claims) payload(config Config, now time.Time) ([]byte, error) {
	if err := c.validate(config); err != nil {
		return nil, err
	}
	lifetime := c.Lifetime
	if lifetime == 0 {
		lifetime = config.Lifetime
	}
	claims := registered{
		Issuer: config.Issuer, Subject: c.Subject, ID: c.ID, ClientID: c.ClientID, Scope: strings.Join(c.Scopes, " "),
		IssuedAt: now.Unix(), Expiry: now.Add(lifetime).Unix(),
	}
	if claims.ID == "" {
		claims.ID = rand.Text()
	}
	var err error
	switch len(c.Audience) {
	case 0:
	case 1: // RFC 7519 section 4.1.3 has a string for one
		claims.Audience, err = json.Marshal(c.Audience[0])
	default:
		claims.Audience, err = json.Marshal(c.Audience)
	}
	if err != nil {
		return nil, err
	}
	payload, err := json.Marshal(claims)
	if err != nil || c.More == nil {
		return payload, err
	}
	more, err := membersOf(c.More)
	if err != nil || more == "" {
		return payload, err
	}
	payload = append(payload[:len(payload)-1], ',')
	payload = append(payload, more...)
	return append(payload, '}'), nil
}

// validate finds every mistake but those in More.
func (c Claims) validate(config Config) error {
	var found mistakes
	if config.accessToken() {
		var lacks []string
		if c.Subject == "" {
			lacks = append(lacks, "Subject")
		}
		if len(c.Audience) == 0 {
			lacks = append(lacks, "Audience")
		}
		if c.ClientID == "" {
			lacks = append(lacks, "ClientID")
		}
		if len(lacks) > 0 {
			found.addf("Claims lack %s, which an at+jwt needs (RFC 9068 section 2.2); Config.Type \"JWT\" does not", strings.Join(lacks, ", "))
		}
	}
	if slices.Contains(c.Audience, "") {
		found.addf("Claims.Audience %q holds an empty name", c.Audience)
	}
	for _, scope := range c.Scopes {
		if scope == "" || strings.ContainsFunc(scope, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) {
			found.addf("Claims.Scopes holds %s, want printable ASCII without space, quote and backslash (RFC 6749 section 3.3)", quote(scope))
		}
	}
	found.add(checkDuration("Claims.Lifetime", c.Lifetime))
	if c.Lifetime > config.Lifetime {
		found.addf("Claims.Lifetime is %v, want at most Config.Lifetime, %v: its key would be gone before it", c.Lifetime, config.Lifetime)
	}
	for _, text := range append([]string{c.Subject, c.ClientID, c.ID}, c.Audience...) {
		if !utf8.ValidString(text) { // encoding/json would write another text in its place
			found.addf("Claims hold %s, want UTF-8", quote(text))
		}
	}
	return errors.Join(found...)
}

// membersOf returns the members of More as they stand in an object. They are
// held to the rules by which package core reads a payload.
func membersOf(more any) (string, error) {
	encoded, err := json.Marshal(more)
	if err != nil {
		return "", fmt.Errorf("Claims.More is not usable: %w", err)
	}
	text := string(encoded)
	if text == "null" { // a nil map or pointer
		return "", nil
	}
	var names []string
	err = jws.ReadObject(text, func(name string, _ jws.Value) error {
		for _, taken := range reserved {
			if strings.EqualFold(name, taken) {
				return fmt.Errorf("got the name %s, want it as a field of Claims or Config, or left out", quote(name))
			}
		}
		if slices.ContainsFunc(names, func(other string) bool { return strings.EqualFold(name, other) }) {
			return fmt.Errorf("got the name %s twice, case apart", quote(name))
		}
		names = append(names, name)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("Claims.More is not usable: %w", err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(text, "{"), "}"), nil
}
