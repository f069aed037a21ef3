package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"

	"github.com/jwtmw/jwtmw/core"
)

// result is everything that the verifier has against a token.
type result struct {
	findings  []finding
	end       ending
	signature error // what judgeApart says of it, where the end is unsigned
}

// finding is one refusal and what leads past it.
type finding struct {
	refusal *core.Refusal
	advice
}

// ending is how far the verifier could be led.
type ending int

const (
	passes   ending = iota // to the end
	unsigned               // to the signature, with a copy that was altered after signing
	keyless                // to the keys, of which there are none
	altered                // to the end, with an answer that was altered
	stuck                  // no further than the last finding
)

// trial is a token under a Config.
type trial struct {
	config core.Config
	view   view
	keys   keys
	copied bool   // the token is an altered copy
	shown  *shown // nil: no proof came with the token

	asked *core.Introspection // of an opaque token; its view's payload is the issuer's answer
}

// maxFindings is more than there are checks.
const maxFindings = 20

// examine has the verifier refuse the token for one reason after the other.
// After each refusal it tries again with the Config changed in just that
// respect. Where no Config helps it goes on with a copy of the token, changed
// likewise: every claim is judged before the signature, which then is judged
// apart.
func examine(ctx context.Context, t trial) (result, error) {
	var r result
	original := t.view.text
	for range maxFindings {
		verifier, err := core.New(t.config)
		if err != nil {
			return r, err
		}
		err = t.verify(ctx, verifier)
		refusal := core.RefusalOf(err)
		if refusal == nil {
			if t.copied {
				r.end = altered
			}
			return r, nil
		}
		switch {
		case refusal.Reason == core.ReasonKeysUnavailable:
			r.end = keyless
			return r, nil
		case t.copied && refusal.Reason == core.ReasonBadSignature: // the copy's fault
			r.end, r.signature = unsigned, judgeApart(ctx, original, t)
			return r, nil
		case t.copied && refusal.Reason == core.ReasonTokenTooLong: // the copy's fault too
			r.end = stuck
			return r, nil
		}
		advice, next := t.past(refusal)
		r.findings = append(r.findings, finding{refusal, advice})
		if next == nil {
			break
		}
		t = *next
	}
	r.end = stuck
	return r, nil
}

// verify has the verifier judge the token, in the request that its proof came with
// if there is one.
func (t trial) verify(ctx context.Context, verifier *core.Verifier) error {
	if t.shown == nil {
		_, err := verifier.Verify(ctx, t.view.text)
		return err
	}
	_, err := core.Guard{Verifier: verifier}.Check(ctx, core.HTTPRequest(t.shown.request(t.view.text)))
	return err
}

// with is the trial of a copy of the token whose payload has another value for
// a member; nil takes the member out.
func (t trial) with(name string, value any) *trial {
	payload := make(map[string]any, len(t.view.payload))
	for _, m := range t.view.payload {
		payload[m.name] = m.value
	}
	payload[name] = value
	if value == nil {
		delete(payload, name)
	}
	if t.shown != nil { // a proof is for one token, and never for a copy
		delete(payload, "cnf")
		t.shown = nil
	}
	if t.asked != nil {
		return t.altered(payload)
	}
	text, err := json.Marshal(payload)
	if err != nil {
		return nil
	}
	s := t.view.segments
	t.view = look(s[0] + "." + base64.RawURLEncoding.EncodeToString(text) + "." + s[2])
	t.copied = true
	return &t
}

// under is the trial of the same token under another Config, or nil and what is
// wrong with that one.
func (t trial) under(config core.Config) (*trial, error) {
	if _, err := core.New(config); err != nil {
		return nil, err
	}
	t.config = config
	return &t, nil
}

// causeOf is what the verifier writes to its log.
func causeOf(refusal *core.Refusal) string {
	if cause := errors.Unwrap(refusal); cause != nil {
		return cause.Error()
	}
	return "none"
}
