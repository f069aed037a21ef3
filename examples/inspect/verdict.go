package main

// verdict says what the verifier decided and, where it refused, everything that
// stands between the token and another verdict.
func (r report) verdict(found result) {
	r.line("")
	if len(found.findings) == 0 {
		r.line("Verdict: the token passes.")
		return
	}
	for i, f := range found.findings {
		if i == 0 {
			r.line("Verdict: refused with status %d, reason %s: %s.", f.refusal.Status, f.refusal.Reason, f.refusal)
		} else {
			r.line("It would then be refused because of %s: %s.", f.refusal.Reason, f.refusal)
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
		r.line("Nothing else is wrong with its claims and its key. Its signature was not tried: what no Config")
		r.line("accepts was changed in a copy, to see what follows, and a copy has no signature that holds.")
	case stuck:
		r.line("What comes after that could not be tried.")
	}
}
