package main

import (
	"errors"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// mark shows every step and how it went.
func (r report) mark(steps []step, found result) {
	r.line("")
	r.line("Steps of the verifier: ok, NO, ? for not reached, - for not asked")
	reached := slices.IndexFunc(steps, func(s step) bool { return s.name == found.reached() })
	for i, s := range steps {
		mark, remark := "ok", ""
		switch {
		case found.failed(s.name):
			mark = "NO"
		case s.skipped:
			r.line("  -   %-9s  not asked for", s.name)
			continue
		case s.name == "signature" && found.end == unsigned:
			mark, remark = found.signatureApart()
		case i > reached, found.unlooked(s.name):
			mark = "?"
		}
		r.line("  %-3s %-9s  got %s, wanted %s%s", mark, s.name, s.got, s.wanted, remark)
	}
}

func (found result) failed(step string) bool {
	return slices.ContainsFunc(found.findings, func(f finding) bool { return f.step == step })
}

// reached is the last step that the verifier took.
func (found result) reached() (step string) {
	switch found.end {
	case stuck:
		return found.findings[len(found.findings)-1].step
	case keyless:
		return "claims"
	case unsigned:
		return "key"
	}
	return "proof"
}

// unlooked says of a step before the last that the verifier did not take it.
func (found result) unlooked(step string) bool {
	switch step {
	case "text": // alg comes before the payload
		return found.end == stuck && found.failed("alg")
	case "claims": // a Config that takes another typ does not ask for them
		return found.failed("typ")
	}
	return false
}

// signatureApart is how it went without the verifier.
func (found result) signatureApart() (mark, remark string) {
	remark = "; judged apart from the verifier, which stops at " + found.stop()
	switch {
	case found.signature == nil:
		return "ok", remark
	case errors.Is(found.signature, jose.ErrCryptoFailure):
		return "NO", remark
	}
	return "?", ""
}

// stop is the first step that no Config leads past.
func (found result) stop() string {
	i := slices.IndexFunc(found.findings, func(f finding) bool { return f.config == "" })
	return found.findings[i].step
}
