package core

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/proof"
)

const (
	replayTimeout = 2 * time.Second
	maxAbandoned  = 1024 // calls of a store that outlast it, at a time
)

// replays sees to it that each proof passes once. A store that hangs holds up nobody
// for longer than replayTimeout, and one that ignores its context holds no more than
// maxAbandoned goroutines.
type replays struct {
	memory    *proof.Memory // of the issuers that have no store
	abandoned atomic.Int64
}

// claim uses up the proof. It comes last of all, since a proof that was claimed for a
// request which is then refused would be lost to an honest client.
func (r *replays) claim(ctx context.Context, t *attempt) *Refusal {
	bound, now := t.payload.confirmation, time.Now()
	switch {
	case bound.jkt == "":
		return nil
	case t.claimed != nil && *t.claimed == t.proven.ID:
		return nil // by a guard that stands before this one, for this very request
	case now.After(t.proven.Until):
		return refuse(ReasonInvalidProof, errLate)
	}
	first, wait, err := false, time.Duration(0), error(nil)
	if store := t.issuer.DPoP.Replays; store != nil {
		// Whole seconds, rounded up: a store may know no others.
		ttl := t.proven.Until.Sub(now).Truncate(time.Second) + time.Second
		first, err = r.ask(ctx, store, t.proven.ID.String(), ttl)
	} else if first, wait = r.memory.Claim(bound.jkt, t.proven, now); wait > 0 {
		err = errors.New("the memory of proofs is full, or as full as one key may make it")
	}
	switch {
	case err != nil:
		return unavailable(ReasonReplayUnavailable, wait, err)
	case !first:
		return refuse(ReasonReplayedProof, &mismatch{"proof", "one that was used", []string{"a new one"}})
	case time.Now().After(t.proven.Until):
		// By now whoever was asked may have forgotten that the proof was used.
		return refuse(ReasonInvalidProof, errLate)
	}
	return nil
}

var errLate = errors.New("the proof became too old while the request waited")

// ask asks a store. A panic there is its answer, and not the request's.
func (r *replays) ask(ctx context.Context, store ReplayStore, key string, ttl time.Duration) (bool, error) {
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
