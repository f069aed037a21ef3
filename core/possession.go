package core

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/proof"
)

// possess has the sender prove that it holds the keys to which its token is bound.
// A token that was remembered is no exception.
func (t *attempt) possess() *Refusal {
	bound := t.payload.confirmation
	if refusal := t.issuer.judgeConfirmation(bound, t.presentation); refusal != nil {
		return refusal
	}
	if bound.x5t != "" {
		switch got, err := t.issuer.ClientCert.thumbprint(t.request); {
		case err != nil:
			return refuseBinding(notShown, err)
		case got != bound.x5t:
			return refuseBinding(otherCertificate, &mismatch{"x5t#S256", bound.x5t, []string{got + ", the client's"}})
		}
		t.payload.Bound = "x5t#S256"
	}
	if bound.jkt == "" {
		return nil
	}
	if refusal := t.judgeProof(); refusal != nil {
		return refusal
	}
	t.payload.Bound = "jkt"
	return nil
}

// judgeProof judges the request's proof by everything but whether it was used.
func (t *attempt) judgeProof() *Refusal {
	fields := t.request.Header("Dpop") // as net/http's map spells it
	if len(fields) != 1 {              // RFC 9449 section 4.3, 1
		return refuse(ReasonInvalidProof, fmt.Errorf("got %d fields of DPoP, want one", len(fields)))
	}
	rules, now := t.issuer.proofs, time.Now() // the token may have waited for keys
	proven, fault := rules.Judge(proof.Question{
		Proof: fields[0], Token: t.token, Thumbprint: t.payload.confirmation.jkt,
		Method: t.request.Method(), Path: t.request.Path(), Now: now,
	})
	if fault == nil {
		t.proven = proven
		return nil
	}
	switch fault.Kind {
	case proof.OtherKey: // RFC 9449 section 7.1, figure 16
		return refuseBinding(otherKey, fault)
	case proof.WantsNonce:
		r := refuse(ReasonUseDPoPNonce, fault)
		r.nonce = rules.Nonces.At(now)
		return r
	}
	return refuse(ReasonInvalidProof, fault)
}

// claim uses up the proof. It comes last of all, since a proof that was claimed for a
// request which is then refused would be lost to an honest client.
func (v *Verifier) claim(ctx context.Context, t *attempt) *Refusal {
	bound, now := t.payload.confirmation, time.Now()
	switch {
	case bound.jkt == "":
		return nil
	case t.claimed != nil && *t.claimed == t.proven.ID:
		return nil // by a guard that stands before this one, for this very request
	case now.After(t.proven.Until):
		// Nobody remembers it any longer, so that nobody could refuse it twice.
		return refuse(ReasonInvalidProof, errors.New("the proof became too old while the request waited"))
	}
	first, wait, err := false, time.Duration(0), error(nil)
	if store := t.issuer.DPoP.Replays; store != nil {
		// Whole seconds, rounded up: a store may know no others.
		ttl := t.proven.Until.Sub(now).Truncate(time.Second) + time.Second
		first, err = v.replays.claim(ctx, store, t.proven.ID.String(), ttl)
	} else if first, wait = v.proofs.Claim(bound.jkt, t.proven, now); wait > 0 {
		err = errors.New("the memory of proofs is full, or as full as one key may make it")
	}
	switch {
	case err != nil:
		return unavailable(ReasonReplayUnavailable, wait, err)
	case !first:
		return refuse(ReasonReplayedProof, &mismatch{"proof", "one that was used", []string{"a new one"}})
	}
	return nil
}

const (
	replayTimeout = 2 * time.Second
	maxAbandoned  = 1024 // calls of a store that outlast it, at a time
)

// replays calls the stores of proofs. A store that hangs holds up nobody for longer
// than replayTimeout, and one that ignores its context holds no more than
// maxAbandoned goroutines.
type replays struct{ abandoned atomic.Int64 }

// claim asks a store. A panic there is its answer, and not the request's.
func (r *replays) claim(ctx context.Context, store ReplayStore, key string, ttl time.Duration) (bool, error) {
	if r.abandoned.Load() >= maxAbandoned {
		return false, fmt.Errorf("DPoP.Replays: %d calls have not ended", maxAbandoned)
	}
	ctx, cancel := context.WithTimeout(ctx, replayTimeout)
	defer cancel()
	type answer struct {
		first bool
		err   error
	}
	answers := make(chan answer) // not buffered: who gives up knows whether the call was over
	go func() {
		a := answer{false, errors.New("DPoP.Replays ended its goroutine")}
		defer func() {
			if p := recover(); p != nil {
				a = answer{false, fmt.Errorf("panic in DPoP.Replays: %s", quote(fmt.Sprint(p)))}
			}
			select {
			case answers <- a:
			case <-ctx.Done():
				r.abandoned.Add(-1)
			}
		}()
		first, err := store.Claim(ctx, key, ttl)
		a = answer{first, err}
	}()
	select {
	case a := <-answers:
		return a.first, a.err
	case <-ctx.Done():
		r.abandoned.Add(1)
		return false, fmt.Errorf("DPoP.Replays: %w", context.Cause(ctx))
	}
}
