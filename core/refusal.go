package core

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
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

	// Challenge is the value of WWW-Authenticate (RFC 6750 section 3, RFC 9449
	// section 7.1, RFC 9470 section 3, RFC 9728 section 5.1): one line, with two
	// challenges where DPoP is in force. Empty where authenticating anew would not
	// help.
	Challenge string

	// RetryAfter is how long to wait before trying again, at least a second.
	// Zero where waiting would not help.
	RetryAfter time.Duration

	cause  error
	detail string  // instead of the reason's, from a fixed list as well
	params []param // of the challenge, such as scope
	nonce  string  // that the client is to put into its proofs
}

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
	if detail := cmp.Or(r.detail, answers[r.Reason].detail); detail != "" {
		return detail
	}
	return http.StatusText(r.Status)
}

// StatusCode is Status, for frameworks that look for the method.
func (r *Refusal) StatusCode() int { return r.Status }

// Unwrap returns the cause, which is meant for logs and never for clients: it
// may quote the token's claims.
func (r *Refusal) Unwrap() error {
	for _, sentinel := range sentinels {
		if errors.Is(r.cause, sentinel) {
			return foreign{r.cause}
		}
	}
	return r.cause
}

// foreign is a cause that wraps one of the sentinels, as an error of
// Config.Revoked may. The sentinels are for the refusal's own reason: a list that
// cannot be read makes no request one without a token.
type foreign struct{ error }

func (f foreign) Is(target error) bool {
	return !slices.Contains(sentinels, target) && errors.Is(f.error, target)
}

func (f foreign) As(target any) bool { return errors.As(f.error, target) }

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

// SetHeaders calls set for every response header that the refusal needs, except those that describe the body.
func (r *Refusal) SetHeaders(set func(name, value string)) {
	if r.Challenge != "" {
		set("WWW-Authenticate", r.Challenge)
	}
	if r.nonce != "" {
		setNonce(set, r.nonce)
	}
	if r.RetryAfter > 0 {
		seconds := int64(r.RetryAfter / time.Second)
		if r.RetryAfter%time.Second > 0 {
			seconds++ // rounded up: who comes back early is refused again
		}
		set("Retry-After", strconv.FormatInt(seconds, 10))
	}
}

// setNonce answers a nonce. A cache that kept it would hand it to others (RFC 9449
// section 8.2).
func setNonce(set func(name, value string), nonce string) {
	set("DPoP-Nonce", nonce)
	set("Cache-Control", "no-store")
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
	// Without it, or with 0, clients come back at once and all together.
	r.RetryAfter = max(after, time.Second)
	return r
}

// What the client is told of a token and a key that do not belong together.
const (
	notShown         = "" // the reason's own words
	notBound         = "the token is not bound to a key, as it has to be here"
	otherKey         = "the token is bound to another key"
	otherCertificate = "the token is bound to another certificate"
)

func refuseBinding(detail string, cause error) *Refusal {
	r := refuse(ReasonSenderConstraint, cause)
	r.detail = detail
	return r
}

// by words the challenge as a guard wants it.
func (r *Refusal) by(w wording) *Refusal {
	a := answers[r.Reason]
	switch {
	case a.challenge == noChallenge:
	case w == wording{} && len(r.params) == 0 && r.detail == "":
		r.Challenge = a.plain
	default:
		r.Challenge = w.challenge(a.challenge, cmp.Or(r.detail, a.detail), r.params)
	}
	return r
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
