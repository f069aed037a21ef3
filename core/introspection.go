package core

import (
	"crypto"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jwtmw/jwtmw/core/internal/keyset"
)

// Introspection is for an issuer whose access tokens are opaque: each is judged
// by asking the issuer (RFC 7662). One Config of a Verifier may have it, as its
// Keys.
//
// A token is asked about if it is a token68 (RFC 9110 section 11.2) of at most 4
// KiB without exactly two or four dots. What is shaped like a JWT or a JWE is
// never sent anywhere. What the issuer answers of an active token becomes its
// Claims: Lookup and Decode read it, and "exp", "nbf", "iat", "iss", "aud" and
// "cnf", RequireClaims and Revoked hold as for a JWT. Where the answer has no
// "exp", "iss" or "aud" the token is judged by what it has; Claims.Issuer is
// Config.Issuer then. Algorithms, Profile, Types and TokenCache are about JWTs
// alone.
//
// A token that is not active is refused with ReasonInactive, and so is for 10
// seconds whoever sends it again. An answer that cannot be had or read, a 401 to
// our own credentials included, refuses with ReasonIntrospectionUnavailable and
// Retry-After. The issuer is asked by 64 calls at a time, of at most 5 seconds or
// Fetch.Timeout; requests with the same token share one call. An endpoint that
// does not answer, or answers that it will not, is left alone for a second and up
// to 12 in a row of failures, and one call then tries for all.
//
// An issuer may find its refresh tokens active as well. Those whose
// "token_type", "token_use" or "typ" says so are refused with ReasonWrongType;
// where the issuer does not say, let RequireClaims tell them apart.
type Introspection struct {
	// URL is the introspection endpoint, https, or http to a loopback address.
	// Default: "introspection_endpoint" of the issuer's metadata (RFC 8414 section
	// 2), which are found as Discovery finds them.
	URL string

	// ClientID is who this service is to the issuer. Required.
	ClientID string

	// Secret is this service's client secret, sent as client_secret_basic (RFC
	// 6749 section 2.3.1). One of Secret and Key is required.
	Secret Secret

	// Key signs an assertion for each call, private_key_jwt (RFC 7523 section 2.2),
	// whose "aud" is Config.Issuer: ES256 with a key on P-256, EdDSA with an Ed25519
	// key, RS256 with an RSA key of at least 2048 bits. It may be a KMS or an HSM: a
	// call that takes longer than the introspection may is abandoned.
	Key crypto.Signer

	// MaxAge is how long an active answer serves, never past its "exp": a token
	// that was revoked passes for so long. At least a second, at most 24 hours.
	// Default: 0, the issuer is asked for each request.
	MaxAge time.Duration

	// Max is how many active answers are remembered, by a keyed hash of the token
	// and never by the token. The least recently used goes first. An answer takes
	// up to 16 KiB; a larger one is not remembered. Default: 10 000.
	Max int

	// Keys are those of the JWTs that the issuer hands out as well: any other
	// KeySource. Default: none, and a JWT of the issuer is refused.
	Keys KeySource

	// Fetch says how the issuer is asked: Client, Timeout, MaxBytes and
	// InsecureHTTP count, and New refuses the other fields. Without a Client each
	// call has a connection of its own; a Client keeps them open as its transport
	// says.
	Fetch
}

const defaultAnswers = 10_000

// Format writes who asks for every verb: a private key must not get into a log with
// the Config that holds it.
func (i Introspection) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, i.text()) }

// MarshalText is Format for encoding/json and log/slog.
func (i Introspection) MarshalText() ([]byte, error) { return []byte(i.text()), nil }

func (i Introspection) text() string { return "[introspection as " + quote(i.ClientID) + "]" }

// withDefaults fills what was left out and copies what the caller could still
// change.
func (i Introspection) withDefaults() Introspection {
	if i.Max == 0 {
		i.Max = defaultAnswers
	}
	i.Secret = slices.Clone(i.Secret)
	return i
}

func (i Introspection) validate(c Config) error {
	var found mistakes
	if c.confined {
		found.add("Introspection is in a tenant's Config, want it in a fixed one: nothing in an opaque token names the tenant")
	}
	if i.URL != "" {
		found = append(found, invalid("Introspection.URL", i.checkURL(c, i.URL)))
	} else if c.Issuer != "" {
		found = append(found, invalid("Issuer, from which Introspection derives the URL of its metadata,", i.checkURL(c, c.Issuer)))
	}
	found = append(found, i.validateClient(), i.validateFetch(), i.validateKeys(c))
	found.checkDuration("Introspection.MaxAge", i.MaxAge, time.Second, 24*time.Hour, "0 to ask for each request")
	if i.Max < 0 {
		found.add("Introspection.Max is %d, want a count, or 0 for %d", i.Max, defaultAnswers)
	}
	return found.join()
}

func (i Introspection) validateClient() error {
	var found mistakes
	switch {
	case i.ClientID == "":
		found.add("Introspection.ClientID is empty, want the client id of this service")
	case !utf8.ValidString(i.ClientID) || strings.ContainsFunc(i.ClientID, unicode.IsControl):
		found.add("Introspection.ClientID is %s, want UTF-8 without control characters", quote(i.ClientID))
	}
	switch {
	case len(i.Secret) == 0 && i.Key == nil:
		found.add("Introspection has neither Secret nor Key, want one of them: the issuer tells nobody about tokens but its clients")
	case len(i.Secret) > 0 && i.Key != nil:
		found.add("Introspection has a Secret beside a Key, want one of them (RFC 6749 section 2.3)")
	case slices.ContainsFunc(i.Secret, func(b byte) bool { return b < ' ' || b == 0x7f }):
		// RFC 6749 appendix A.2. Mostly a line ending that an editor put behind it.
		found.add("Introspection.Secret holds a control character, such as the end of a line, want the secret alone")
	}
	if i.Key != nil {
		if _, err := newAssertionKey(i.Key); err != nil {
			found.add("Introspection.Key is not usable: %w", err)
		}
	}
	return found.join()
}

// validateFetch refuses what is about keys. Those of Introspection.Keys have a
// Fetch of their own.
func (i Introspection) validateFetch() error {
	found := mistakes{Fetch{Timeout: i.Timeout, MaxBytes: i.MaxBytes}.validate()}
	for _, field := range []struct {
		name string
		set  bool
	}{
		{"MaxAge", i.Fetch.MaxAge != 0}, {"MaxStale", i.MaxStale != 0}, {"Cooldown", i.Cooldown != 0},
		{"MaxKeys", i.MaxKeys != 0}, {"Store", i.Store != nil},
	} {
		if field.set {
			found.add("Introspection.Fetch.%s is set, want it in the Fetch of Introspection.Keys: it is about keys and says nothing of introspection", field.name)
		}
	}
	return found.join()
}

// validateKeys judges the source of the issuer's JWTs, if it has any.
func (i Introspection) validateKeys(c Config) error {
	switch i.Keys.(type) {
	case nil:
	case Introspection:
		return errors.New("Introspection.Keys is another Introspection, want the keys of the issuer's JWTs, or none")
	default:
		c.Keys = i.Keys
		err := c.validateKeys()
		if c.Profile == ProfileIDToken {
			err = errors.Join(err, fmt.Errorf("Profile is %q beside an Introspection, want another: an ID token is never opaque", c.Profile))
		}
		return err
	}
	var found mistakes
	for _, field := range []struct {
		name string
		set  bool
	}{
		{"Algorithms", len(c.Algorithms) > 0}, {"Profile", c.Profile != ""}, {"Types", len(c.Types) > 0}, {"TokenCache", c.TokenCache > 0},
	} {
		if field.set {
			found.add("%s is set beside an Introspection without Keys, want Introspection.Keys as well: it is about JWTs alone", field.name)
		}
	}
	return found.join()
}

// open makes the source of the issuer's JWTs, one without keys where it has none.
func (i Introspection) open(c Config) (keyset.Source, error) {
	if i.Keys == nil {
		return keyset.Static(), nil
	}
	return i.Keys.open(c)
}
