package core_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// slow answers each request of an issuer after a while.
type slow struct {
	to      http.RoundTripper
	takes   time.Duration
	flying  *atomic.Int64
	highest *atomic.Int64
}

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	defer s.flying.Add(-1)
	now := s.flying.Add(1)
	for high := s.highest.Load(); now > high && !s.highest.CompareAndSwap(high, now); high = s.highest.Load() {
	}
	select {
	case <-time.After(s.takes):
		return s.to.RoundTrip(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// slowly makes every issuer of the estate answer so slowly. It returns how many
// requests were under way at most.
func (e *estate) slowly(takes time.Duration, timeout time.Duration) *atomic.Int64 {
	flying, highest := new(atomic.Int64), new(atomic.Int64)
	e.setEdit(func(_ context.Context, c *core.Config) error {
		name := strings.TrimSuffix(strings.TrimPrefix(c.Issuer, "https://"), ".tenants.test")
		client := &http.Client{Transport: slow{e.tenant(name), takes, flying, highest}}
		c.Keys = core.Discovery{Fetch: core.Fetch{Client: client, Timeout: timeout}}
		return nil
	})
	return highest
}

// U1: after a deploy every tenant's first token comes at about the same time,
// and none of them is refused.
func TestU1FirstTokensOfManyTenantsQueue(t *testing.T) {
	for name, atOnce := range map[string]int{"50 at once": 50, "all at once": 500} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEstate()
				highest := e.slowly(150*time.Millisecond, 0)
				v := e.verifier(t, func(ts *core.Tenants) { ts.Max = 600 })
				tokens := make(chan string, 500)
				for n := range 500 {
					tokens <- e.tenant(fmt.Sprint("t", n)).Token(nil)
				}
				close(tokens)
				began := time.Now()
				var all sync.WaitGroup
				for range atOnce {
					all.Go(func() {
						for token := range tokens {
							mustReason(t, v, token, "")
						}
					})
				}
				all.Wait()
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("got the last answer after %v, want 10s at most", took)
				}
				if got := highest.Load(); got > 32 {
					t.Errorf("got %d requests to issuers at a time, want 32 at most", got)
				}
			})
		})
	}
}

// U1: who waits for a slot waits no longer than its request, and only a full
// queue refuses at once.
func TestU1QueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEstate()
		v := e.verifier(t, func(ts *core.Tenants) {
			ts.Lookups = 1
			ts.Config = func(context.Context, string) (core.Config, error) {
				time.Sleep(4 * time.Second)
				return core.Config{}, core.ErrUnknownTenant
			}
		})
		began := time.Now()
		var all sync.WaitGroup
		mallory := jwttest.NewIssuer("https://mallory.test")
		ask := func(ctx context.Context, name string) error {
			_, err := v.Verify(ctx, mallory.Token(map[string]any{"iss": "https://" + name + ".tenants.test"}))
			return err
		}
		all.Go(func() { _ = ask(t.Context(), "first") })
		synctest.Wait()
		impatient, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		all.Go(func() {
			if err := ask(impatient, "second"); reasonOf(err) != core.ReasonKeysUnavailable || time.Since(began) != time.Second {
				t.Errorf("got %v after %v, want unavailable when the request ends", err, time.Since(began))
			}
		})
		synctest.Wait()
		for n := range 1023 {
			all.Go(func() {
				if err := ask(t.Context(), fmt.Sprint("more", n)); time.Since(began) > 10*time.Second {
					t.Errorf("got %v after %v, want an answer within 5s of waiting and 5s of looking", err, time.Since(began))
				}
			})
		}
		synctest.Wait()
		if err := ask(t.Context(), "last"); reasonOf(err) != core.ReasonKeysUnavailable || time.Since(began) != 0 {
			t.Errorf("got %v after %v, want unavailable at once", err, time.Since(began))
		}
		all.Wait()
		time.Sleep(10 * time.Second) // until the last lookup, for which nobody waits, has ended
	})
}

// K4: whoever knows 200 admitted names, and has a valid token of none of them,
// keeps nobody's first token out.
func TestK4NamesKeepNobodyOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEstate()
		e.slowly(150*time.Millisecond, 0)
		v := e.verifier(t, nil)
		mallory := jwttest.NewIssuer("https://mallory.test")
		var forged []string
		for n := range 200 {
			forged = append(forged, mallory.Token(map[string]any{"iss": e.tenant(fmt.Sprint("named", n)).URL(), "exp": time.Now().Add(time.Hour)}))
		}
		stop := make(chan struct{})
		var attack sync.WaitGroup
		for worker := range 4 {
			attack.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-stop:
						return
					case <-time.After(5 * time.Millisecond):
						_, _ = v.Verify(t.Context(), forged[(50*worker+n)%len(forged)])
					}
				}
			})
		}
		for n := range 40 {
			genuine := e.tenant(fmt.Sprint("genuine", n))
			for range 3 {
				mustReason(t, v, genuine.Token(nil), "")
				time.Sleep(500 * time.Millisecond)
			}
		}
		for n := range 200 { // a name that the attacker has worn out is no worse off
			mustReason(t, v, e.tenant(fmt.Sprint("named", n)).Token(nil), "")
		}
		close(stop)
		attack.Wait()
		if got := e.timesAsked(); got > 240 {
			t.Errorf("got Config asked %d times, want once for each tenant", got)
		}
	})
}

// K8: a remembered token whose key is gone asks the issuer once.
func TestK8RememberedTokenOfALostKeyFetchesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, TokenCache: 4,
			Keys: core.JWKS{URL: issuer.JWKSURL(), Fetch: core.Fetch{Client: issuer.Client()}}})
		good := issuer.Token(map[string]any{"exp": time.Now().Add(time.Hour)})
		mustReason(t, v, good, "")
		issuer.Replace()
		other := issuer.Token(map[string]any{"exp": time.Now().Add(time.Hour)})
		mustReason(t, v, other, "") // which shows that the first one's key is gone
		time.Sleep(time.Minute)     // and the bucket is full again
		issuer.Misbehave(jwttest.Fail(500))
		before := len(issuer.Requests())
		mustReason(t, v, good, core.ReasonKeysUnavailable)
		synctest.Wait()
		if got := len(issuer.Requests()) - before; got > 1 {
			t.Errorf("got %d requests for one token, want one", got)
		}
	})
}

// K9: one more active tenant than are kept opens nobody anew, and is told.
func TestK9MoreTenantsThanMax(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, log := newEstate(), &logbook{}
		v := e.verifier(t, func(ts *core.Tenants) { ts.Max, ts.Logger = 2, log.logger() })
		for range 130 {
			for _, name := range []string{"a", "b", "c"} {
				mustReason(t, v, e.tenant(name).Token(nil), "")
			}
			time.Sleep(time.Second)
		}
		if e.timesAsked() != 3 || e.tenant("a").Fetches() != 1 {
			t.Errorf("got Config asked %d times and %d fetches, want each tenant opened once", e.timesAsked(), e.tenant("a").Fetches())
		}
		if got := len(keptBy(v)); got != 2 {
			t.Errorf("got %d tenants in Stats, want 2", got)
		}
		warned := slices.DeleteFunc(log.take(t), func(l line) bool { return !strings.Contains(l.text, "more tenants are active than are kept") })
		if len(warned) != 3 || warned[0].Level != "WARN" || !strings.Contains(warned[0].text, `"max":2`) {
			t.Errorf("got %v in 130 s, want one WARN a minute", warned)
		}
	})
}

// K10: a tenant whose Config allows a fetch of a minute holds its slot for it.
func TestK10SlotUntilTheFetchEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEstate()
		highest := e.slowly(time.Hour, time.Minute)
		v := e.verifier(t, func(ts *core.Tenants) { ts.Lookups = 2 })
		var all sync.WaitGroup
		for n := range 20 {
			token := e.tenant(fmt.Sprint("t", n)).Token(nil)
			all.Go(func() { mustReason(t, v, token, core.ReasonKeysUnavailable) })
			time.Sleep(3 * time.Second)
		}
		all.Wait()
		if got := highest.Load(); got != 2 {
			t.Errorf("got %d fetches at a time, want 2", got)
		}
		time.Sleep(2 * time.Minute)
		e.setEdit(nil)
		mustReason(t, v, e.tenant("late").Token(nil), "")
	})
}

// U2: what was forgotten is asked for anew, and what was begun before is not kept.
func TestU2Forget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEstate()
		a := e.tenant("a")
		fixed := jwttest.NewIssuer("")
		v := e.verifier(t, func(ts *core.Tenants) { ts.TokenCache = 10 },
			core.Config{Issuer: fixed.URL(), Audiences: []string{jwttest.Audience}, Keys: core.JWKSDocument(fixed.JWKS())})
		token := a.Token(nil)
		mustReason(t, v, token, "")
		mustReason(t, v, token, "")
		e.setEdit(func(_ context.Context, c *core.Config) error { c.Audiences = []string{"another"}; return nil })
		mustReason(t, v, token, "")
		v.Forget(a.URL())
		mustReason(t, v, token, core.ReasonWrongAudience)

		// A lookup under way when a tenant is forgotten serves who waits for it, and nobody after.
		e.setEdit(func(context.Context, *core.Config) error { time.Sleep(2 * time.Second); return nil })
		v.Forget(a.URL())
		var all sync.WaitGroup
		all.Go(func() { mustReason(t, v, token, "") })
		time.Sleep(time.Second)
		e.setEdit(func(context.Context, *core.Config) error { return core.ErrUnknownTenant })
		v.Forget(a.URL())
		mustReason(t, v, token, core.ReasonWrongIssuer)
		all.Wait()
		time.Sleep(time.Second)
		mustReason(t, v, token, core.ReasonWrongIssuer)

		e.setEdit(nil)
		v.Forget(a.URL())
		mustReason(t, v, token, "")
		v.Forget(fixed.URL())
		mustReason(t, v, fixed.Token(nil), "")
		v.Forget("https://nobody.test")
		(*core.Verifier)(nil).Forget(a.URL())
		new(core.Verifier).Forget(a.URL())
	})
}
