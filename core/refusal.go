package core

import (
	"errors"
	"iter"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/jwtmw/jwtmw/core/internal/jws"
	"github.com/jwtmw/jwtmw/core/internal/keyset"
)

// Refusal is why a request may not pass, and what to answer. It is the type of
// every error of Verify, Check and Require.
type Refusal struct {
	// Status is the HTTP status code.
	Status int

	// Reason is a stable code for programs, logs and metrics.
	Reason Reason

	// Challenge is the value of WWW-Authenticate (RFC 6750 section 3, RFC 9470
	// section 3, RFC 9728 section 5.1). Empty where authenticating anew would
	// not help.
	Challenge string

	// RetryAfter is how long to wait before trying again, at least a second.
	// Zero where waiting would not help.
	RetryAfter time.Duration

	cause  error
	params []param // of the challenge, such as scope
}

// param is a parameter of a challenge.
type param struct{ name, value string }

// The sentinels group the reasons for errors.Is. The 400s, the 500s and
// ReasonRevocationUnavailable belong to none.
var (
	// ErrNoToken: the request carries no token. 401.
	ErrNoToken = errors.New("no token")
	// ErrInvalidToken: the token is malformed, expired, of another issuer or
	// otherwise not valid. 401.
	ErrInvalidToken = errors.New("invalid token")
	// ErrForbidden: the token is valid and does not grant what is asked, or it
	// came in a cookie with another site's request. 403, or 401 where stronger
	// authentication would help (RFC 9470).
	ErrForbidden = errors.New("forbidden")
	// ErrKeysUnavailable: the issuer's keys cannot be had, so nobody knows
	// whether the token is valid. 503.
	ErrKeysUnavailable = errors.New("keys unavailable")
)

// RefusalOf returns the Refusal that err is or wraps. Any other error becomes
// one of status 500; nil stays nil.
func RefusalOf(err error) *Refusal {
	if err == nil {
		return nil
	}
	if r, ok := errors.AsType[*Refusal](err); ok {
		if r != nil {
			return r
		}
		err = errors.New("a nil *Refusal") // whose methods would panic
	}
	return refuse(ReasonInternal, err)
}

// Error says what is wrong in words that are safe for clients: they come from
// a fixed list and repeat nothing of the token.
func (r *Refusal) Error() string {
	if detail := answers[r.Reason].detail; detail != "" {
		return detail
	}
	return http.StatusText(r.Status)
}

// StatusCode is Status, for frameworks that look for the method.
func (r *Refusal) StatusCode() int { return r.Status }

// Unwrap returns the cause, which is meant for logs and never for clients: it
// may quote the token's claims.
func (r *Refusal) Unwrap() error { return r.cause }

// Is reports whether target is the sentinel that r's reason belongs to.
func (r *Refusal) Is(target error) bool {
	sentinel := answers[r.Reason].sentinel
	return sentinel != nil && target == sentinel
}

// MarshalJSON writes the problem details of RFC 9457, with the Reason as
// extension member "reason". The media type is application/problem+json.
func (r *Refusal) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
		Reason Reason `json:"reason"`
	}{"about:blank", http.StatusText(r.Status), r.Status, r.Error(), r.Reason})
}

// Headers yields every response header that the refusal needs, except those
// that describe the body.
func (r *Refusal) Headers() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		if r.Challenge != "" && !yield("WWW-Authenticate", r.Challenge) {
			return
		}
		if r.RetryAfter > 0 {
			seconds := (r.RetryAfter + time.Second - 1) / time.Second
			yield("Retry-After", strconv.FormatInt(int64(seconds), 10))
		}
	}
}

// refuse makes the Refusal of a reason as Verify returns it: with a challenge
// that names no realm.
func refuse(reason Reason, cause error) *Refusal {
	a := answers[reason]
	return &Refusal{Status: a.status, Reason: reason, Challenge: a.plain, cause: cause}
}

// unavailable is a 503 that says when to come back.
func unavailable(reason Reason, after time.Duration, cause error) *Refusal {
	r := refuse(reason, cause)
	r.RetryAfter = max(after, time.Second)
	return r
}

// by words the challenge as g wants it.
func (r *Refusal) by(g Guard) *Refusal {
	a := answers[r.Reason]
	switch {
	case a.challenge == noChallenge:
	case g.Realm == "" && g.ResourceMetadata == "" && len(r.params) == 0:
		r.Challenge = a.plain
	default:
		r.Challenge = a.word(g, r.params)
	}
	return r
}

// word writes a challenge as g wants it, extra parameters included.
func (a answer) word(g Guard, extra []param) string {
	if a.challenge == noChallenge {
		return ""
	}
	params := make([]param, 0, 6)
	params = append(params, param{"realm", g.Realm})
	if a.challenge != bareChallenge {
		params = append(params, param{"error", string(a.challenge)}, param{"error_description", a.detail})
	}
	params = append(params, extra...)
	params = append(params, param{"resource_metadata", g.ResourceMetadata})

	challenge := make([]byte, 0, 160)
	challenge = append(challenge, "Bearer"...)
	separator := " "
	for _, p := range params {
		if p.value != "" {
			challenge = append(challenge, separator...)
			challenge = append(challenge, p.name...)
			challenge = append(challenge, '=')
			challenge = appendQuoted(challenge, p.value)
			separator = ", "
		}
	}
	return string(challenge)
}

// appendQuoted writes a quoted-string (RFC 9110 section 5.6.4). What may not
// stand in one, or not in every client's, becomes a question mark.
func appendQuoted(b []byte, value string) []byte {
	b = append(b, '"')
	for i := range len(value) {
		switch c := value[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ' || c > '~':
			b = append(b, '?')
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// refuseSyntax is for a token that is no compact JWS of strict JSON.
func refuseSyntax(err error) *Refusal {
	switch {
	case errors.Is(err, jws.ErrTooLong):
		return refuse(ReasonTokenTooLong, err)
	case errors.Is(err, jws.ErrCritical):
		return refuse(ReasonUnsupportedHeader, err)
	}
	return refuse(ReasonMalformedToken, err)
}

// refuseKey is for a token whose key was not found.
func refuseKey(err error) *Refusal {
	switch {
	case errors.Is(err, keyset.ErrUnknownKey), errors.Is(err, keyset.ErrAmbiguousKey):
		return refuse(ReasonUnknownKey, err)
	case errors.Is(err, keyset.ErrWrongKey):
		return refuse(ReasonWrongAlgorithm, err)
	}
	var after time.Duration
	if u, ok := errors.AsType[*keyset.UnavailableError](err); ok {
		after = u.RetryAfter
	}
	return unavailable(ReasonKeysUnavailable, after, err)
}
