package core

import (
	"context"
	"log/slog"
	"time"
)

// Config describes one trusted issuer and what its tokens must say. It is a
// plain value: New copies it, and changing it afterwards changes nothing.
//
// Issuer and one of Audiences and Clients are required; every other field has
// a default that is safe to leave.
type Config struct {
	// Issuer is compared byte for byte with the "iss" claim (RFC 7519 section
	// 4.1.1). A trailing slash counts. Required.
	Issuer string

	// Keys says where the issuer's keys come from, or by Introspection that its tokens
	// are opaque. Default: Discovery{}.
	Keys KeySource

	// Algorithms are the only ones accepted, whatever a token's header asks
	// for (RFC 8725 section 3.1). "none" is refused, and so is an HMAC
	// algorithm beside public keys. Default: RS256 and ES256, or HS256 when
	// Keys is a Secret or Secrets, or none when it is an Introspection without keys.
	Algorithms []Algorithm

	// Audiences names this service: one of them must stand in "aud" (RFC 7519
	// section 4.1.3), compared byte for byte. Required unless Clients is set.
	Audiences []string

	// Clients are accepted client identifiers: the first of "client_id",
	// "azp", "cid" and "appid" that is not empty must be one of them. With
	// Audiences set too, both must hold. With Clients alone, for issuers that
	// send no "aud", a token that has one is refused, since it names a service
	// and not this one.
	Clients []string

	// Profile says which kind of JWT the issuer's tokens are, and requires what
	// the standard of that kind requires. Default: none, so that Types alone
	// says which "typ" may pass.
	//
	// Without ProfileIDToken a token shaped like an OpenID Connect ID token
	// ("nonce" beside "at_hash" or "c_hash") is refused. A token with an
	// "events" claim, which is a logout or a security event token (RFC 8417),
	// is refused by every other Profile than ProfileLogoutToken.
	Profile Profile

	// Types are the accepted values of the "typ" header, ASCII and without
	// parameters, compared as media types without case and with or without
	// "application/" (RFC 7515 section 4.1.9); "" accepts its absence. It must
	// be empty where a Profile is set. Default: "JWT", "at+jwt" and "".
	Types []string

	// Leeway is the clock skew allowed on "exp", "nbf" and "iat". At most 5
	// minutes. Default: 30 seconds; NoLeeway means none.
	Leeway time.Duration

	// MaxAge is the longest time since "iat", which is then required. Default:
	// no limit beyond "exp".
	MaxAge time.Duration

	// RequireClaims is what else a token of this issuer must say to be valid here:
	// ClaimIn([]string{"token_use"}, "access"). It is judged after the
	// signature. What Require would answer with 403 as forbidden is here no
	// valid token, 401; any other refusal stays as it is. Default: nothing.
	RequireClaims []Requirement

	// Revoked is asked last, for a token that would pass. True refuses it with
	// 401; an error refuses with 503, since nobody knows. It runs on the
	// request's goroutine and must be safe for concurrent use. Default: nobody
	// is asked.
	Revoked func(context.Context, *Claims) (bool, error)

	// DPoP has clients prove that they hold the key to which a token is bound (RFC
	// 9449). Default: tokens with "jkt" in "cnf" are refused.
	DPoP DPoP

	// ClientCert says where the client's certificate is, for tokens with "x5t#S256"
	// in "cnf" (RFC 8705). Default: that of the TLS connection itself.
	ClientCert ClientCert

	// RolesAt is the path of the claim that Role reads, one element a name:
	// {"realm_access", "roles"}. Default: {"roles"}.
	RolesAt []string

	// PermissionsAt is the path of the claim that Permission reads. Default:
	// {"permissions"}.
	PermissionsAt []string

	// TokenCache is how many verified tokens to remember, so that a token seen
	// again costs no signature check. About the least recently used goes first; a
	// cache of 512 or more has several parts, and it goes first in its part. Expiry,
	// key removal and Revoked hold for a remembered token as for any. Remembered
	// tokens take up to 16 KiB of memory each, and would show in a memory dump.
	// Default: none.
	TokenCache int

	// Logger receives one line for each refusal, with reason, issuer and kid,
	// and one for each change of the keys; the package comment lists them. A
	// token is never logged. What happens before an issuer is known goes to the
	// first Config's. Default: WARN and ERROR go to slog.Default(), the rest
	// nowhere.
	Logger *slog.Logger

	// Trace is told of each token, each refusal and each refresh of the keys.
	// What happens before an issuer is known goes to the first Config's.
	// Default: nobody is told, which costs nothing.
	Trace *Trace

	// Err is a mistake that was found while the Config was made, by one of
	// package provider's functions for instance. New refuses with it. Default:
	// none.
	Err error

	// A tenant's Config, which a stranger may have caused, is confined.
	confined bool     // keys come from public addresses alone
	hosts    []string // where a jwks_uri may point beside its metadata's own host
}

// NoLeeway as Config.Leeway allows no clock skew at all.
const NoLeeway = time.Duration(-1)

const (
	defaultLeeway = 30 * time.Second
	maxLeeway     = 5 * time.Minute
)

// Profile is a kind of JWT that a standard describes.
type Profile string

// The profiles.
const (
	// ProfileRFC9068 is an access token of RFC 9068: typ is "at+jwt", and
	// "sub", "client_id", "iat" and "jti" are required.
	ProfileRFC9068 Profile = "RFC9068"

	// ProfileIDToken is an OpenID Connect ID token, for services whose clients
	// send those, as Google's and Firebase's do: typ is "JWT" or absent, "sub"
	// and "iat" are required (OpenID Connect Core 1.0 section 2), and Audiences
	// are client ids. An ID token tells who signed in, and not what the bearer
	// may do: take access tokens where the issuer has them.
	ProfileIDToken Profile = "ID token"

	// ProfileLogoutToken is a logout token of OpenID Connect Back-Channel Logout
	// 1.0 section 2.4, which an issuer sends to end a session: typ is
	// "logout+jwt", "JWT" or absent; "jti", "events" with that event, and "sid" or
	// "sub" are required, "nonce" is refused, and Audiences are client ids. "iat"
	// is at most MaxAge ago, by default and at most 5 minutes; "exp" holds where
	// it is present, and may be absent. No logout token is kept in a TokenCache.
	// Package revoke has the receiver, which also refuses a jti that comes twice.
	ProfileLogoutToken Profile = "logout token"
)

// logoutAge is the longest time since "iat" of a logout token. Its "exp" may be
// absent, and nothing else would end it then.
const logoutAge = 5 * time.Minute

// types are the values of "typ" that tokens of the profile have; without one,
// what Types defaults to.
func (p Profile) types() []string {
	switch p {
	case ProfileRFC9068:
		return []string{"at+jwt"}
	case ProfileIDToken:
		return []string{"JWT", ""}
	case ProfileLogoutToken: // section 2.4 recommends the first; most issuers send the second
		return []string{"logout+jwt", "JWT", ""}
	}
	return []string{"JWT", "at+jwt", ""}
}
