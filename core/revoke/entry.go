package revoke

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// Entry says which tokens of an issuer are valid no longer. It names one of ID,
// Session and Subject, or none of them, which means every token of the issuer.
type Entry struct {
	// Issuer is the "iss" of the tokens. Required.
	Issuer string

	ID      string // "jti": one token
	Session string // "sid": every token of a session
	Subject string // "sub": every token of a user

	// Before revokes only what was issued at this instant or earlier, by "iat",
	// and what has no "iat". An iat counts whole seconds: a token of the same
	// second is revoked. The zero time revokes whatever was issued when. It is
	// required where the Entry names an Issuer alone.
	Before time.Time

	// Until is when the Entry ends by itself: the instant at which the last token
	// that it means has expired, with the Leeway of the verifiers. Required.
	Until time.Time
}

// maxText bounds each name of an Entry, in octets. No token is longer.
const maxText = 16 << 10

// validate refuses an Entry that would not revoke what its author meant.
func (e Entry) validate() error {
	named := 0
	for _, name := range []string{e.ID, e.Session, e.Subject} {
		if name != "" {
			named++
		}
	}
	switch {
	case e.Issuer == "":
		return errors.New("got no Issuer, want the \"iss\" of the tokens")
	case named > 1:
		return fmt.Errorf("got ID %s, Session %s and Subject %s, want one of them", quote(e.ID), quote(e.Session), quote(e.Subject))
	case named == 0 && e.Before.IsZero():
		// An ID that is empty by mistake must not end every session there is.
		return errors.New("got neither ID, Session, Subject nor Before, want one: all tokens of an issuer are revoked with Before alone")
	case e.Until.IsZero():
		return errors.New("got the zero time as Until, want the end of the last token's life")
	}
	for _, name := range []string{e.Issuer, e.ID, e.Session, e.Subject} {
		if len(name) > maxText || !utf8.ValidString(name) {
			return fmt.Errorf("got %s, want at most %d octets of UTF-8: no token says anything else", quote(name), maxText)
		}
	}
	return nil
}

// kind says by which claim an Entry means tokens.
type kind int

const (
	byID kind = iota
	bySession
	bySubject
	byIssuer
	kinds
)

func (e Entry) kind() (k kind, name string) {
	switch {
	case e.ID != "":
		return byID, e.ID
	case e.Session != "":
		return bySession, e.Session
	case e.Subject != "":
		return bySubject, e.Subject
	}
	return byIssuer, ""
}

// quote makes foreign text fit for an error.
func quote(text string) string {
	const limit = 64
	if len(text) > limit {
		text = text[:limit] + "..."
	}
	return fmt.Sprintf("%q", text)
}
