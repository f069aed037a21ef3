package proof

import (
	"fmt"
	"time"
)

// Kind says what a client is told about a proof that does not pass.
type Kind int

// The kinds of faults, with the error code that each is answered with.
const (
	Invalid    Kind = iota // invalid_dpop_proof (RFC 9449 section 7.1)
	OtherKey               // invalid_token: the proof is of a key that is not the token's
	WantsNonce             // use_dpop_nonce (RFC 9449 section 9)
)

// Fault says why a proof does not pass. Its text is for the log: it quotes what the
// proof says, cut at 64 octets, and never the proof itself. It is put into words
// only when somebody reads it.
type Fault struct {
	Kind   Kind
	member string
	got    string
	want   string
	date   time.Time // instead of got, and limit behind want
	limit  time.Time
	cause  error // instead of all of them
}

// Error tells what was got and what was wanted. It is for the log and not for clients.
func (f *Fault) Error() string {
	if f.cause != nil {
		return "proof: " + f.cause.Error()
	}
	if !f.limit.IsZero() {
		return fmt.Sprintf("proof: %s: got %s, want a date %s %s", f.member, rfc3339(f.date), f.want, rfc3339(f.limit))
	}
	return fmt.Sprintf("proof: %s: got %q, want %s", f.member, cut(f.got), f.want)
}

// Unwrap returns the error of the text or of the key, or nil.
func (f *Fault) Unwrap() error { return f.cause }

func broken(cause error) *Fault { return &Fault{cause: cause} }

func mismatch(member, got, want string) *Fault {
	return &Fault{member: member, got: got, want: want}
}

func wrongDate(member string, date time.Time, want string, limit time.Time) *Fault {
	return &Fault{member: member, date: date, want: want, limit: limit}
}

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// cut shortens foreign text for an error.
func cut(s string) string { return s[:min(len(s), 64)] }
