package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// request is one that is about to be sent, and what may come of it.
type request struct {
	kind    string
	fields  []field
	token   string // for the report of a wrong verdict
	subject string // that a 200 has to answer
	twin    *replica
	note    string

	// allowed says which verdicts are right, once it is known when the answer was made.
	allowed func(a answer) []string
	// after learns the answer, unless it was wrong. Nil: nobody asks.
	after func(a answer)
}

// kind is a sort of request. make returns false where there is nothing of it to send
// now.
type kind struct {
	name   string
	weight int
	make   func(w *world, rng *rand.Rand, to *replica) (request, bool)
}

// verdicts of core, as an answer prints them.
const (
	passes = "200"

	noToken      = "401 " + string(core.ReasonNoToken)
	malformed    = "401 " + string(core.ReasonMalformedToken)
	wrongAlg     = "401 " + string(core.ReasonWrongAlgorithm)
	wrongIssuer  = "401 " + string(core.ReasonWrongIssuer)
	wrongAud     = "401 " + string(core.ReasonWrongAudience)
	expired      = "401 " + string(core.ReasonExpired)
	badSignature = "401 " + string(core.ReasonBadSignature)
	unknownKey   = "401 " + string(core.ReasonUnknownKey)
	constrained  = "401 " + string(core.ReasonSenderConstraint)
	revoked      = "401 " + string(core.ReasonRevoked)
	badProof     = "401 " + string(core.ReasonInvalidProof)
	replayed     = "401 " + string(core.ReasonReplayedProof)
	twoTokens    = "400 " + string(core.ReasonMultipleTokens)

	noKeys  = "503 " + string(core.ReasonKeysUnavailable)
	noList  = "503 " + string(core.ReasonRevocationUnavailable)
	noProof = "503 " + string(core.ReasonReplayUnavailable)
)

// only is for what is true whatever happens to the issuer and the store.
func only(verdicts ...string) func(answer) []string {
	return func(answer) []string { return verdicts }
}

func bearer(t string) []field { return []field{{"Authorization", "Bearer " + t}} }

// kinds are everything that is sent. The weights add up to a hundred.
func kinds() []kind {
	return slices.Concat(turningKinds(), ringedKinds(), proofKinds(), revocationKinds(), forgedKinds())
}

// turningKinds are requests with tokens of the issuer whose documents fail.
func turningKinds() []kind {
	early := only(passes, unknownKey, noKeys)
	return []kind{
		{"good", 20, func(w *world, rng *rand.Rand, _ *replica) (request, bool) {
			t := w.turning.pickGood(rng)
			if t == nil {
				return request{}, false
			}
			return request{fields: bearer(t.text), token: t.text, subject: t.subject, allowed: only(passes)}, true
		}},
		{"good, bound to a certificate", 4, func(w *world, rng *rand.Rand, _ *replica) (request, bool) {
			t, _ := w.turning.pickBound(rng)
			if t == nil {
				return request{}, false
			}
			return request{fields: append(bearer(t.text), field{"Client-Cert", t.cert}), token: t.text, subject: t.subject, allowed: only(passes)}, true
		}},
		{"another's certificate", 2, func(w *world, rng *rand.Rand, _ *replica) (request, bool) {
			t, other := w.turning.pickBound(rng)
			if t == nil {
				return request{}, false
			}
			return request{fields: append(bearer(t.text), field{"Client-Cert", other}), token: t.text, allowed: only(constrained)}, true
		}},
		{"good, by a key that is not known to all", 3, func(w *world, rng *rand.Rand, _ *replica) (request, bool) {
			t := w.turning.pickFresh(rng)
			if t == nil {
				return request{}, false
			}
			return request{fields: bearer(t.text), token: t.text, subject: t.subject, allowed: early}, true
		}},
		{"by a key that was retired", 3, func(w *world, rng *rand.Rand, _ *replica) (request, bool) {
			t, since := w.turning.pickOld(rng)
			if t == nil {
				return request{}, false
			}
			allowed := early
			if !since.IsZero() {
				allowed = only(unknownKey, noKeys)
			}
			return request{fields: bearer(t.text), token: t.text, subject: t.subject, allowed: allowed}, true
		}},
	}
}

// ringedKinds are requests with tokens of the issuer whose keys are in the store.
func ringedKinds() []kind {
	return []kind{
		{"good, of the ring", 16, func(w *world, rng *rand.Rand, _ *replica) (request, bool) {
			t, ok := w.ringToken(rng, false)
			if !ok {
				return request{}, false
			}
			return request{fields: bearer(t.text), token: t.text, subject: t.subject, allowed: w.listed(passes)}, true
		}},
		{"bound to a proof, sent as bearer", 2, func(w *world, rng *rand.Rand, _ *replica) (request, bool) {
			t, ok := w.ringToken(rng, true)
			if !ok {
				return request{}, false
			}
			return request{fields: bearer(t.text), token: t.text, allowed: only(constrained)}, true
		}},
	}
}

// ringToken counts it as wrong where the ring does not sign.
func (w *world) ringToken(rng *rand.Rand, bound bool) (*token, bool) {
	t, err := w.ringed.pick(context.Background(), rng, bound)
	if err != nil {
		w.tally.wrong(fmt.Sprintf("the ring did not sign: %v; %s", err, &w.outages))
		return nil, false
	}
	return t, true
}

// listed adds the 503 of a list that is too old, while the store is away for longer
// than the list serves, less a look's age.
func (w *world) listed(verdicts ...string) func(answer) []string {
	return func(a answer) []string {
		if w.outages.touch(a.sent, a.done, listStale-3*time.Second) {
			return append(slices.Clone(verdicts), noList)
		}
		return verdicts
	}
}

// claimed adds to listed the 503 of a proof that nobody can remember.
func (w *world) claimed(verdicts ...string) func(answer) []string {
	return func(a answer) []string {
		allowed := w.listed(verdicts...)(a)
		if w.outages.touch(a.sent, a.done, 0) {
			allowed = append(slices.Clone(allowed), noProof)
		}
		return allowed
	}
}
