package playground

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// A person cannot wait for days, so the ring of the page changes keys every
// three days, under a clock that can be moved forward.
const (
	ringIssuer = "https://login.test"
	ringEvery  = 3 * 24 * time.Hour
	ringAhead  = 24 * time.Hour
)

// ring is the honest issuer beside the misbehaving one: what package issue does
// with its keys as the time passes. The keys go with the process.
type ring struct {
	mu       sync.Mutex // guards what follows
	store    *memoryStore
	sealer   issue.Sealer
	moved    time.Duration // how far the clock is ahead of the computer's
	issuer   *issue.Issuer
	verifier *core.Verifier // trusts it in this process
	previous string         // the token that was signed last, "" once it has expired
}

// ringState is what the page draws.
type ringState struct {
	Now    time.Time  `json:"now"` // by the clock that was moved
	Keys   []ringKey  `json:"keys"`
	Signed ringToken  `json:"signed"`           // a token of this moment
	Before *ringToken `json:"before,omitempty"` // the one of the moment before
}

type ringKey struct {
	ID    string    `json:"kid"`
	State string    `json:"state"` // next, signing or retired
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	Gone  time.Time `json:"gone"`
}

// ringToken is a token and what a service that trusts the ring makes of it.
type ringToken struct {
	KeyID   string `json:"kid"`
	Verdict string `json:"verdict"` // passes, or the reason of the refusal
}

func newRing() (*ring, error) {
	sealing := make([]byte, 32)
	_, _ = rand.Read(sealing) // never fails
	r := &ring{store: &memoryStore{}, sealer: issue.SealWith(sealing)}
	return r, r.open()
}

// open makes the issuer and its verifier at the present place of the clock.
// Another one is as good: all that lasts is in the store.
func (r *ring) open() error {
	issuer, err := issue.New(issue.Config{
		Issuer: ringIssuer,
		Keys:   issue.Ring{Store: r.store, Sealer: movedSealer{r.sealer, r.moved}, Every: ringEvery, Ahead: ringAhead},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	verifier, err := core.New(issuer.Config(jwttest.Audience))
	if err != nil {
		return err
	}
	r.issuer, r.verifier = issuer, verifier
	return nil
}

// act does what a button says, and tells what has become of the ring.
func (r *ring) act(ctx context.Context, c command) (state ringState, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch c.Action {
	case "look":
	case "rotate":
		err = r.issuer.Rotate(ctx)
	case "leaked":
		err = r.issuer.Replace(ctx)
	case "6h":
		err = r.forward(6 * time.Hour)
	case "1d":
		err = r.forward(24 * time.Hour)
	default:
		err = fmt.Errorf("got action %.64q, want look, rotate, leaked, 6h or 1d", c.Action)
	}
	if err != nil {
		return ringState{}, err
	}
	return r.state(ctx)
}

// forward moves the clock. Every token has expired then.
func (r *ring) forward(d time.Duration) error {
	r.moved += d
	r.previous = ""
	return r.open()
}

func (r *ring) state(ctx context.Context) (ringState, error) {
	token, err := r.issuer.Sign(ctx, issue.Claims{Subject: jwttest.Subject, ClientID: "page", Audience: []string{jwttest.Audience}})
	if err != nil {
		return ringState{}, err
	}
	state := ringState{Now: time.Now().Add(r.moved), Signed: r.judge(ctx, token)}
	if r.previous != "" {
		before := r.judge(ctx, r.previous)
		state.Before = &before
	}
	r.previous = token
	for _, k := range r.issuer.Stats() {
		state.Keys = append(state.Keys, ringKey{k.ID, k.State, k.From.Add(r.moved), k.Until.Add(r.moved), k.Gone.Add(r.moved)})
	}
	return state, nil
}

func (r *ring) judge(ctx context.Context, token string) ringToken {
	judged := ringToken{KeyID: keyIDOf(token), Verdict: "passes"}
	if _, err := r.verifier.Verify(ctx, token); err != nil {
		judged.Verdict = string(core.RefusalOf(err).Reason)
	}
	return judged
}

// memoryStore is an issue.Store that ends with the process.
type memoryStore struct {
	mu       sync.Mutex // guards what follows
	document []byte
}

func (s *memoryStore) Load(context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.document), nil
}

func (s *memoryStore) Swap(_ context.Context, old, document []byte) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !bytes.Equal(old, s.document) {
		return false, nil
	}
	s.document = bytes.Clone(document)
	return true, nil
}
