package issue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/internal/keyset"
)

// Config describes one issuer. It is a plain value: New copies it, and changing
// it afterwards changes nothing.
//
// Issuer and Keys are required; every other field has a default that is safe to
// leave.
type Config struct {
	// Issuer is the "iss" of every token, and the address below which the
	// documents of ServeHTTP stand: an https URL without query and fragment (RFC
	// 8414 section 2), or http to a loopback address. Verifiers compare it byte
	// for byte, so a trailing slash counts. Required.
	Issuer string

	// Keys are what signs: a Ring, a KeyDir, Signers or Secrets, as a value and
	// not as a pointer. Required.
	Keys Keys

	// Lifetime is the time from "iat" to "exp" of a token, and the longest that
	// Claims.Lifetime may ask for: a retired key stays published that long. 1
	// second to 24 hours. Default: 15 minutes.
	Lifetime time.Duration

	// Type is the "typ" header of every token, a media type without parameters.
	// "at+jwt" makes access tokens of RFC 9068, which need a subject, an audience
	// and a client id; "JWT" needs none of them. Default: "at+jwt".
	Type string

	// Logger gets one line for each change of the keys and for trouble with
	// reading them; the package comment lists them. Neither a token nor a private
	// key is ever logged. Default: WARN and ERROR go to slog.Default(), the rest
	// nowhere.
	Logger *slog.Logger
}

// Keys is where an Issuer has its keys: one of Ring, KeyDir, Signers and Secrets.
type Keys interface {
	// open makes the live source, or names every mistake. It does no I/O.
	open(c Config) (source, error)
}

// source is a Keys that is open.
type source interface {
	// current returns what the keys are, after a look at where they are kept if
	// one is due, and the instant that holds for. The error is why the last look
	// failed; what is in hand is returned beside it.
	current(ctx context.Context) (*timetable, time.Time, error)
	// held returns what is in hand, without I/O.
	held() *timetable
	// describe says what the keys are, for Config of the same process.
	describe() (algorithms []core.Algorithm, secrets Secrets)
}

const (
	defaultLifetime = 15 * time.Minute
	maxLifetime     = 24 * time.Hour
	defaultType     = "at+jwt"

	// clockSkew is how far the clocks of replicas and verifiers may differ. A key
	// that signs at once is valid from that long ago, and one that has retired
	// stays published that much longer.
	clockSkew = 5 * time.Minute
)

func (c Config) withDefaults() Config {
	if c.Lifetime == 0 {
		c.Lifetime = defaultLifetime
	}
	if c.Type == "" {
		c.Type = defaultType
	}
	return c
}

// validate finds every mistake outside of Keys, in a Config whose defaults are
// filled in.
func (c Config) validate() error {
	var found mistakes
	found.add(checkIssuer(c.Issuer))
	found.add(checkDuration("Lifetime", c.Lifetime))
	if c.Lifetime > maxLifetime {
		found.addf("Lifetime is %v, want at most %v: nothing but its expiry ends a token everywhere", c.Lifetime, maxLifetime)
	}
	// Parameters are not part of a type's name: no verifier would match "at+jwt; v=1".
	if strings.ContainsFunc(c.Type, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`;,"\`, r) }) {
		found.addf("Type is %s, want an ASCII media type without parameters, such as %q", quote(c.Type), defaultType)
	}
	return errors.Join(found...)
}

func checkIssuer(issuer string) error {
	if issuer == "" {
		return errors.New("Issuer is empty, want the https URL that becomes \"iss\"")
	}
	if err := keyset.CheckURL(issuer, false); err != nil {
		return fmt.Errorf("Issuer is not usable: %w", err)
	}
	u, err := url.Parse(issuer)
	switch {
	case err != nil:
		return fmt.Errorf("Issuer is not usable: got URL %s, want an absolute https URL", quote(issuer))
	case strings.Contains(issuer, "?"):
		return fmt.Errorf("Issuer is not usable: got URL %s with a query, want one without (RFC 8414 section 2)", quote(issuer))
	case u.EscapedPath() != u.Path || strings.Contains(u.Path, "//") || strings.Contains(u.Path+"/", "/./") || strings.Contains(u.Path+"/", "/../"):
		// Servers and proxies clean such paths, each in its own way, and would not find the documents.
		return fmt.Errorf("Issuer is not usable: got URL %s, want a path without escapes, empty and dot segments", quote(issuer))
	}
	return nil
}

// checkDuration refuses what can only be a number that lost its unit.
func checkDuration(field string, d time.Duration) error {
	switch {
	case d < 0:
		return fmt.Errorf("%s is %v, want a positive duration, or 0 for the default", field, d)
	case d > 0 && d < time.Second:
		return fmt.Errorf("%s is %v, want 1s or more: its unit may be missing, as in %d * time.Second", field, d, int64(d))
	}
	return nil
}

// accessToken says whether the tokens follow RFC 9068. Media types are compared
// without case, and "application/" may be left out (RFC 7515 section 4.1.9).
func (c Config) accessToken() bool {
	typ := strings.ToLower(c.Type)
	return typ == "at+jwt" || typ == "application/at+jwt"
}
