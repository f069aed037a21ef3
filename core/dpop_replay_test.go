package core_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// replayStore is a small one, as a database would keep it.
type replayStore struct {
	mu     sync.Mutex // guards what follows
	until  map[string]time.Time
	claims int
	ttl    time.Duration // of the last claim
}

func newReplayStore() *replayStore { return &replayStore{until: map[string]time.Time{}} }

func (s *replayStore) Claim(_ context.Context, key string, ttl time.Duration) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.claims, s.ttl = s.claims+1, ttl
	if time.Now().Before(s.until[key]) {
		return false, nil
	}
	s.until[key] = time.Now().Add(ttl)
	return true, nil
}

// storeFunc is a store of one function.
type storeFunc func(ctx context.Context, key string, ttl time.Duration) (bool, error)

func (f storeFunc) Claim(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	return f(ctx, key, ttl)
}

func TestS76SameProofAtOnce(t *testing.T) {
	for name, store := range map[string]core.ReplayStore{"memory": nil, "store": newReplayStore()} {
		t.Run("S76 "+name, func(t *testing.T) {
			s := newProofStage(t, func(c *core.Config) { c.DPoP.Replays = store; c.TokenCache = 10 })
			token := s.bound()
			r := dpop("", passes, token, s.proof(token, nil))
			var first, again atomic.Int64
			var all sync.WaitGroup
			start := make(chan struct{})
			for range 200 {
				request := core.HTTPRequest(r.request(t))
				all.Go(func() {
					<-start
					switch _, err := s.guard.Check(context.Background(), request); reasonOf(err) {
					case "":
						first.Add(1)
					case core.ReasonReplayedProof:
						again.Add(1)
					}
				})
			}
			close(start)
			all.Wait()
			if first.Load() != 1 || again.Load() != 199 {
				t.Errorf("got %d to pass and %d replayed, want 1 and 199", first.Load(), again.Load())
			}
		})
	}
}

func TestReplayKeys(t *testing.T) {
	s := newProofStage(t, nil)
	token := s.bound()
	jti := map[string]any{"jti": "one"}
	s.judge(t, dpop("", passes, token, s.proof(token, jti)))
	t.Run("S78 the same jti of another key", func(t *testing.T) {
		other := *s
		other.prover = jwttest.NewProver("ES256")
		token := other.bound()
		other.judge(t, dpop("", passes, token, other.proof(token, jti)))
	})
	t.Run("S79 the same jti for another URL", func(t *testing.T) {
		r := dpop("", replayed, token, s.prover.Proof("GET", apiURL+"/other", token, jti))
		r.target = "/other"
		s.judge(t, r)
	})
	t.Run("S80 a jti that a thief has burned with a key of his own", func(t *testing.T) {
		thief := *s
		thief.prover = jwttest.NewProver("ES256")
		stolen := s.proof(token, map[string]any{"jti": "two"})
		mine := thief.bound()
		thief.judge(t, dpop("", passes, mine, thief.proof(mine, map[string]any{"jti": "two"})))
		s.judge(t, dpop("", passes, token, stolen))
	})
	t.Run("S83 another spelling of a used proof", func(t *testing.T) {
		used := s.proof(token, map[string]any{"jti": "three"})
		s.judge(t, dpop("", passes, token, used))
		s.judge(t, dpop("", replayed, token, twinOf(used)))
		s.judge(t, dpop("", replayed, token, s.proof(token, map[string]any{"jti": "three", "x": 1})))
	})
}

// Nothing that is refused burns a jti.
func TestS81RefusedBurnsNothing(t *testing.T) {
	store := newReplayStore()
	s := newProofStage(t, func(c *core.Config) {
		c.DPoP.Replays = store
		c.RequireClaims = []core.Requirement{core.ClaimIn([]string{"sub"}, jwttest.Subject)}
		c.Revoked = func(_ context.Context, c *core.Claims) (bool, error) { return c.ID == "revoked", nil }
	})
	token, cnf := s.bound(), s.prover.Confirmation()
	jti := func(more map[string]any) map[string]any {
		claims := map[string]any{"jti": "one"}
		for name, value := range more {
			claims[name] = value
		}
		return claims
	}
	revoked, other := s.Token(map[string]any{"cnf": cnf, "jti": "revoked"}), s.Token(map[string]any{"cnf": cnf, "sub": "mallory"})
	good := s.proof(token, jti(nil))
	for _, row := range []sent{
		dpop("S81 ath", badProof, token, s.proof(token, jti(map[string]any{"ath": "x"}))),
		dpop("S81 htu", badProof, token, s.proof(token, jti(map[string]any{"htu": apiURL}))),
		dpop("S81 signature", badProof, token, good[:len(good)-4]+"AAAA"),
		dpop("S81 another key", notTheirs, token, jwttest.NewProver("ES256").Proof("GET", ordersURL, token, jti(nil))),
		dpop("S99 a revoked token", outcome{core.ReasonRevoked, "DPoP"}, revoked, s.proof(revoked, jti(nil))),
		dpop("S81 another subject", outcome{core.ReasonUnacceptableClaim, "DPoP"}, other, s.proof(other, jti(nil))),
	} {
		t.Run(row.name, func(t *testing.T) { s.judge(t, row) })
	}
	if store.claims != 0 {
		t.Errorf("got %d claims, want none", store.claims)
	}
	s.judge(t, dpop("S81 the real one", passes, token, good))
	// As long as this very proof could pass: a minute, and 30 s of leeway.
	if store.claims != 1 || store.ttl < 89*time.Second || store.ttl > 92*time.Second || store.ttl%time.Second != 0 {
		t.Errorf("got %d claims, the last for %v, want one for some 90 whole seconds", store.claims, store.ttl)
	}
	for key := range store.until {
		if len(key) != 22 || strings.ContainsAny(key, "+/=") {
			t.Errorf("got key %q, want 22 characters of base64url", key)
		}
	}
}

func TestS86StoreInTrouble(t *testing.T) {
	hang := make(chan struct{})
	for name, test := range map[string]struct {
		store   storeFunc
		ctx     time.Duration // 0: none
		longest time.Duration
		cause   string
	}{
		"down":             {func(context.Context, string, time.Duration) (bool, error) { return true, errors.New("secret-host") }, 0, 0, "secret-host"},
		"panics":           {func(context.Context, string, time.Duration) (bool, error) { panic("secret-host") }, 0, 0, `panic in DPoP.Replays: "secret-host"`},
		"ends its routine": {func(context.Context, string, time.Duration) (bool, error) { runtime.Goexit(); return true, nil }, 0, 0, "DPoP.Replays ended its goroutine"},
		"heeds its context": {func(ctx context.Context, _ string, _ time.Duration) (bool, error) {
			<-ctx.Done()
			return false, ctx.Err()
		}, 0, 2 * time.Second, "DPoP.Replays: context deadline exceeded"},
		"hangs": {func(context.Context, string, time.Duration) (bool, error) { <-hang; return true, nil }, 0, 2 * time.Second, "DPoP.Replays: context deadline exceeded"},
		"hangs, and the request ends before": {func(context.Context, string, time.Duration) (bool, error) { <-hang; return true, nil },
			time.Second, time.Second, "DPoP.Replays: context deadline exceeded"},
	} {
		t.Run("S86 "+name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hang = make(chan struct{})
				s := newProofStage(t, func(c *core.Config) { c.DPoP.Replays = test.store })
				token := s.bound()
				ctx := t.Context()
				if test.ctx > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.ctx)
					defer cancel()
				}
				began := time.Now()
				_, err := s.guard.Check(ctx, core.HTTPRequest(dpop("", unavailable, token, s.proof(token, nil)).request(t)))
				refusal := core.RefusalOf(err)
				if refusal == nil || refusal.Reason != core.ReasonReplayUnavailable || refusal.Status != 503 || refusal.RetryAfter < time.Second || refusal.Challenge != "" {
					t.Errorf("got %+v, want 503 replay_unavailable with RetryAfter and no challenge", refusal)
				}
				if refusal != nil && !strings.Contains(refusal.Unwrap().Error(), test.cause) {
					t.Errorf("got cause %v, want %q in it", refusal.Unwrap(), test.cause)
				}
				if took := time.Since(began); took != test.longest {
					t.Errorf("got the answer after %v, want it after %v", took, test.longest)
				}
				if refusal != nil && strings.Contains(refusal.Error(), "secret-host") {
					t.Errorf("got %q, want nothing of the cause", refusal.Error())
				}
				close(hang) // the bubble ends only when no goroutine is left
			})
		})
	}
}

// A store that never returns costs no more goroutines than a fixed number.
func TestS86StoreThatNeverReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		var calls atomic.Int64
		s := newProofStage(t, func(c *core.Config) {
			c.TokenCache = 1
			c.DPoP.Replays = storeFunc(func(context.Context, string, time.Duration) (bool, error) { calls.Add(1); <-hang; return true, nil })
		})
		token := s.tokenFor(time.Hour)
		for range 3 {
			var all sync.WaitGroup
			for range 512 {
				all.Go(func() {
					_, err := s.guard.Check(t.Context(), core.HTTPRequest(dpop("", unavailable, token, s.proof(token, nil)).request(t)))
					if reasonOf(err) != core.ReasonReplayUnavailable {
						t.Errorf("got %v, want %q", err, core.ReasonReplayUnavailable)
					}
				})
			}
			all.Wait()
		}
		if got := calls.Load(); got != 1024 {
			t.Errorf("got %d calls, want the third round of 512 to be refused at once: 1024", got)
		}
		close(hang)
		synctest.Wait()
		s.judge(t, dpop("", passes, token, s.proof(token, nil)))
	})
}

// A store that is slow forgets a proof while the second copy of it waits.
func TestS77ReplayAtTheLastInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newReplayStore()
		s := newProofStage(t, func(c *core.Config) {
			c.DPoP.Replays = storeFunc(func(ctx context.Context, key string, ttl time.Duration) (bool, error) {
				if store.claims > 0 {
					time.Sleep(1900 * time.Millisecond)
				}
				return store.Claim(ctx, key, ttl)
			})
		})
		token := s.tokenFor(time.Hour)
		proof := s.proof(token, nil)
		s.judge(t, dpop("S77", passes, token, proof))
		time.Sleep(90 * time.Second) // as old as it may be
		s.judge(t, dpop("S77", badProof, token, proof))
	})
}

func TestS98RememberedToken(t *testing.T) {
	s := newProofStage(t, func(c *core.Config) { c.TokenCache = 10 })
	token := s.bound()
	for range 2 {
		s.judge(t, dpop("", passes, token, s.proof(token, nil)))
	}
	thief := jwttest.NewProver("ES256")
	for _, row := range []sent{
		dpop("S98 no proof", badProof, token),
		dpop("S98 another method", badProof, token, s.proof(token, map[string]any{"htm": "POST"})),
		dpop("S98 another key", notTheirs, token, thief.Proof("GET", ordersURL, token, nil)),
		byBearer("S98 as Bearer", bearsBound, token, "DPoP: "+s.proof(token, nil)),
	} {
		t.Run(row.name, func(t *testing.T) { s.judge(t, row) })
	}
	claims, _ := s.check(t, dpop("", passes, token, s.proof(token, nil)))
	if claims == nil || claims.Bound != "jkt" {
		t.Errorf("got %v, want claims that are bound by jkt", claims)
	}
	unbound := s.unbound()
	for range 2 {
		s.judge(t, byBearer("S98 an unbound one", passes, unbound))
	}
	s.judge(t, dpop("S98 an unbound one by DPoP", notTheirs, unbound, s.proof(unbound, nil)))
}

// Two guards of one Verifier on a request's way use up its proof once.
func TestProofOfTwoGuards(t *testing.T) {
	s := newProofStage(t, nil)
	token := s.bound()
	request := core.HTTPRequest(dpop("", passes, token, s.proof(token, nil)).request(t))
	ctx, err := s.guard.Check(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.guard.Check(ctx, request); err != nil {
		t.Errorf("got %v from the second guard, want it to pass", err)
	}
	if _, err := s.guard.Check(t.Context(), request); reasonOf(err) != core.ReasonReplayedProof {
		t.Errorf("got %v for another request, want replayed_proof", err)
	}
}
