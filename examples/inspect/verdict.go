package main

import (
	"errors"

	"github.com/go-jose/go-jose/v4"
)

// verdict says what the verifier decided and, where it refused, everything that
// stands between the token and another verdict.
func (r report) verdict(found result, keysHeld bool) {
	r.line("")
	switch {
	case !keysHeld:
		r.line("Verdict: none without keys.")
	case len(found.findings) == 0:
		r.line("Verdict: the token passes.")
		return
	}
	for i, f := range found.findings {
		switch {
		case i > 0:
			r.line("It would then be refused because of %s: %s.", f.refusal.Reason, f.refusal)
		case keysHeld:
			r.line("Verdict: refused with status %d, reason %s: %s.", f.refusal.Status, f.refusal.Reason, f.refusal)
		default:
			r.line("Even with keys it would be refused because of %s: %s.", f.refusal.Reason, f.refusal)
		}
		r.line("  cause    %s", causeOf(f.refusal))
		if f.config != "" {
			r.line("  Config   %s", f.config)
		} else {
			r.line("  Config   none accepts it")
		}
		r.line("  note     %s", f.note)
	}
	switch found.end {
	case passes:
		r.line("With such a Config it would pass.")
	case unsigned:
		r.line("Nothing else is wrong with its claims and its key: what no Config accepts was changed in a copy,")
		r.line("to see what follows. %s", found.genuine())
	case altered:
		r.line("Nothing else is wrong with it: what no Config accepts was changed in a copy of the answer, to see what follows.")
	case keyless:
		r.line("Its key and its signature could not be tried.")
	case stuck:
		r.line("What comes after that could not be tried.")
	}
}

// genuine answers for the signature that the token came with.
func (found result) genuine() string {
	switch {
	case found.signature == nil:
		return "Its own signature holds: it is as the issuer signed it."
	case errors.Is(found.signature, jose.ErrCryptoFailure):
		return "Its own signature does not hold: it was changed after it was signed, or another key signed it."
	}
	return "Its own signature was not judged: " + cut(found.signature.Error()) + "."
}
