package clients

import (
	"context"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/internal/storetest"
	"github.com/jwtmw/jwtmw/core/issue"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/redisstore"
	"github.com/jwtmw/jwtmw/core/revoke"
)

// replica is one of a service: everything that it shares is in the server.
type replica struct {
	list     *revoke.List
	replays  core.ReplayStore
	signs    *issue.Issuer
	verifier *core.Verifier
}

const maxAge, maxStale = time.Second, 4 * time.Second

func newReplica(t *testing.T, i *jwttest.Issuer, r redisstore.Redis) *replica {
	t.Helper()
	list, err := revoke.New(revoke.Config{Log: r.Revocations("log"), MaxAge: maxAge, MaxStale: maxStale})
	if err != nil {
		t.Fatal(err)
	}
	signs, err := issue.New(issue.Config{Issuer: "https://login.test", Keys: issue.Ring{Store: r.Ring("ring"), Sealer: issue.SealWith(make([]byte, 32))}})
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := core.New(core.Config{Issuer: i.URL(), Audiences: []string{jwttest.Audience}, Revoked: list.Revoked,
		Keys: core.JWKS{URL: i.JWKSURL(), Fetch: core.Fetch{Client: i.Client(), Store: r.Documents("keys:")}}})
	if err != nil {
		t.Fatal(err)
	}
	return &replica{list, r.Replays("p:"), signs, verifier}
}

// sign signs with the ring's keys.
func (r *replica) sign() error {
	_, err := r.signs.Sign(context.Background(), issue.Claims{Subject: "alice", ClientID: "web", Audience: []string{jwttest.Audience}})
	return err
}

func (r *replica) verify(token string) core.Reason {
	_, err := r.verifier.Verify(context.Background(), token)
	if refusal, ok := err.(*core.Refusal); ok {
		return refusal.Reason
	}
	return ""
}

// within waits for another process until done, and fails after the limit.
func within(t *testing.T, limit time.Duration, what string, done func() bool) {
	t.Helper()
	for began := time.Now(); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > limit {
			t.Fatalf("%s: not within %v", what, limit)
		}
	}
}

// bounded runs f, which must not hold a request for longer than its 2 seconds and
// what a busy machine adds.
func bounded(t *testing.T, what string, f func()) {
	t.Helper()
	began := time.Now()
	if f(); time.Since(began) > 3500*time.Millisecond {
		t.Errorf("%s took %v, want 2 s at most", what, time.Since(began))
	}
}

// TestOutage freezes the server, and kills it so that it comes back empty.
func TestOutage(t *testing.T) {
	for name, client := range clientsOf {
		for _, kind := range []string{"frozen", "killed"} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				server, i := storetest.StartRedis(t), jwttest.NewIssuer("")
				here, there := newReplica(t, i, client(t, server.Addr)), newReplica(t, i, client(t, server.Addr))
				in, out := i.Token(map[string]any{"jti": "in"}), i.Token(map[string]any{"jti": "out"})
				revokeIn(t, here, i, "out")
				if got := there.verify(in); got != "" {
					t.Fatalf("got %q, want the token to pass", got)
				}
				within(t, 5*time.Second, "seen by the other", func() bool { return there.verify(out) == core.ReasonRevoked })
				if err := there.sign(); err != nil {
					t.Fatal(err)
				}
				if kind == "frozen" {
					server.Freeze()
				} else {
					server.Kill()
				}
				duringOutage(t, there, in, out)
				if kind == "frozen" {
					server.Thaw()
				} else {
					server.Start()
				}
				within(t, 10*time.Second, "verification after the outage", func() bool { return there.verify(in) == "" && here.verify(in) == "" })
				within(t, 10*time.Second, "proofs after the outage", func() bool {
					first, err := there.replays.Claim(context.Background(), time.Now().String(), time.Minute)
					return first && err == nil
				})
				for _, r := range []*replica{here, there} {
					if got := r.verify(out); got != core.ReasonRevoked {
						t.Errorf("got %q for what was revoked before, want it still revoked", got)
					}
				}
				within(t, 10*time.Second, "another revocation", func() bool {
					return here.list.Add(context.Background(), entryOf(i, "in")) == nil
				})
				within(t, 5*time.Second, "another revocation seen", func() bool { return there.verify(in) == core.ReasonRevoked })
			})
		}
	}
}

// duringOutage asks until the list is too old, and a little longer.
func duringOutage(t *testing.T, r *replica, in, out string) {
	t.Helper()
	began := time.Now()
	var passed, refused int
	for time.Since(began) < maxAge+maxStale+3*time.Second {
		bounded(t, "a proof", func() {
			ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
			defer cancel()
			asked := time.Now()
			if first, err := r.replays.Claim(ctx, asked.String(), time.Minute); first || err == nil {
				t.Error("a proof passed that nobody remembers")
			}
			if waited := time.Since(asked); waited > 1500*time.Millisecond {
				t.Errorf("a request with 300 ms waited %v", waited)
			}
		})
		asked := time.Since(began)
		bounded(t, "a token", func() {
			switch got := r.verify(in); {
			case got == "" && asked > maxAge+maxStale:
				t.Errorf("a token passed %v into the outage, want 503 after %v", asked, maxAge+maxStale)
			case got == "":
				passed++
			case got == core.ReasonRevocationUnavailable:
				refused++
			default:
				t.Errorf("got %q, want %q or none", got, core.ReasonRevocationUnavailable)
			}
		})
		bounded(t, "a revoked token", func() {
			if got := r.verify(out); got != core.ReasonRevoked {
				t.Errorf("got %q for a revoked token, want it refused", got)
			}
		})
		bounded(t, "a signature", func() {
			if err := r.sign(); err != nil {
				t.Errorf("sign: %v", err)
			}
		})
		time.Sleep(50 * time.Millisecond)
	}
	if passed == 0 || refused == 0 {
		t.Errorf("got %d passed and %d refused, want the list to serve for a while, and then 503", passed, refused)
	}
}

func entryOf(i *jwttest.Issuer, id string) revoke.Entry {
	return revoke.Entry{Issuer: i.URL(), ID: id, Until: time.Now().Add(time.Hour)}
}

func revokeIn(t *testing.T, r *replica, i *jwttest.Issuer, id string) {
	t.Helper()
	if err := r.list.Add(t.Context(), entryOf(i, id)); err != nil {
		t.Error(err)
	}
}
