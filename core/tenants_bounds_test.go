package core_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// Names that anybody can put into a token displace no tenant that has proved
// itself.
func TestTenantsKeepTheBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEstate()
		busy := []*jwttest.Issuer{e.tenant("busy1"), e.tenant("busy2")}
		v := e.verifier(t, func(ts *core.Tenants) { ts.Max = 2 })
		for _, issuer := range busy {
			mustReason(t, v, issuer.Token(nil), "")
		}
		attacker := jwttest.NewIssuer("https://attacker.test")
		for n := range 50 {
			named := e.tenant(fmt.Sprint("named", n))
			mustReason(t, v, attacker.Token(map[string]any{"iss": named.URL()}, jwttest.KeyID(named.KeyID("RS256"))), core.ReasonBadSignature)
			unknown := fmt.Sprintf("https://unknown%d.tenants.test", n)
			mustReason(t, v, attacker.Token(map[string]any{"iss": unknown}), core.ReasonWrongIssuer)
		}
		for _, issuer := range busy {
			mustReason(t, v, issuer.Token(nil), "")
			if e.asked[issuer.URL()] != 1 || issuer.Fetches() != 1 {
				t.Errorf("%s: got Config asked %d times and %d fetches, want one each", issuer.URL(), e.asked[issuer.URL()], issuer.Fetches())
			}
		}
		if got := keptBy(v); len(got) != 2 {
			t.Errorf("Stats: got %v, want the two busy ones", got)
		}
	})
}

// To name a tenant is no use of it: only a token that verifies is.
func TestTenantsEvictTheLeastUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEstate()
		a, b, c := e.tenant("a"), e.tenant("b"), e.tenant("c")
		v := e.verifier(t, func(ts *core.Tenants) { ts.Max = 2 })
		mustReason(t, v, a.Token(nil), "")
		mustReason(t, v, b.Token(nil), "")
		mustReason(t, v, a.Token(map[string]any{"aud": "x"}), core.ReasonWrongAudience)
		mustReason(t, v, c.Token(nil), "")
		if got, want := keptBy(v), []string{b.URL(), c.URL()}; !slices.Equal(got, want) {
			t.Errorf("got %v kept, want %v", got, want)
		}
		mustReason(t, v, b.Token(nil), "")
		mustReason(t, v, a.Token(nil), "")
		if got, want := keptBy(v), []string{a.URL(), b.URL()}; !slices.Equal(got, want) {
			t.Errorf("got %v kept, want %v", got, want)
		}
	})
}

// One lookup serves all who wait, and the first one's leaving hurts nobody.
func TestTenantsShareALookup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEstate()
		a := e.tenant("a")
		e.setEdit(func(context.Context, *core.Config) error { time.Sleep(time.Second); return nil })
		v := e.verifier(t, nil)
		token := a.Token(nil)
		impatient, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			_, err := v.Verify(impatient, token)
			if !errors.Is(err, core.ErrKeysUnavailable) || !errors.Is(err, context.Canceled) {
				t.Errorf("the first: got %v, want unavailable because canceled", err)
			}
		})
		synctest.Wait()
		for range 20 {
			all.Go(func() { mustReason(t, v, token, "") })
		}
		synctest.Wait()
		leave()
		all.Wait()
		if got := e.timesAsked(); got != 1 {
			t.Errorf("got Config asked %d times, want once", got)
		}
	})
}

// Lookups that hang are bounded, stop nobody whose tenant is known, and hold no
// caller for more than 5 seconds.
func TestTenantsBoundLookups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEstate()
		known, late := e.tenant("known"), e.tenant("late")
		v := e.verifier(t, nil)
		mustReason(t, v, known.Token(nil), "")
		release := make(chan struct{})
		e.setEdit(func(_ context.Context, c *core.Config) error {
			if strings.Contains(c.Issuer, "hanging") {
				<-release // heeds no context
			}
			return nil
		})
		began := time.Now()
		var all sync.WaitGroup
		for n := range 32 {
			token := e.tenant(fmt.Sprint("hanging", n)).Token(nil)
			all.Go(func() { mustReason(t, v, token, core.ReasonKeysUnavailable) })
		}
		synctest.Wait()
		mustReason(t, v, known.Token(nil), "")
		if waited := time.Since(began); waited != 0 {
			t.Errorf("got %v of waiting for a tenant that is known, want none", waited)
		}
		mustReason(t, v, late.Token(nil), core.ReasonKeysUnavailable) // it waited in vain for one of them to end
		all.Wait()
		if waited := time.Since(began); waited != 5*time.Second {
			t.Errorf("got callers held for %v, want 5s", waited)
		}
		close(release)
		synctest.Wait()
		mustReason(t, v, late.Token(nil), "")
	})
}

// A tenant ends when Allow says so, whatever is remembered of it.
func TestTenantsEnd(t *testing.T) {
	for name, size := range map[string]int{"without a token cache": 0, "with a token cache": 10} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEstate()
				a := e.tenant("a")
				v := e.verifier(t, func(ts *core.Tenants) { ts.TokenCache = size })
				token := a.Token(nil)
				mustReason(t, v, token, "")
				mustReason(t, v, token, "")
				e.bar(a.URL())
				mustReason(t, v, token, core.ReasonWrongIssuer)
			})
		})
	}
}

// B01: names that take turns do not start a tenant's cooldowns anew.
func TestTenantsInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEstate()
		v := e.verifier(t, nil)
		attacker := jwttest.NewIssuer("https://attacker.test")
		const names = 49
		for round := range 20 {
			for n := range names {
				named := e.tenant(fmt.Sprint("named", n))
				token := attacker.Token(map[string]any{"iss": named.URL()}, jwttest.KeyID(fmt.Sprint("random", round)))
				if _, err := v.Verify(t.Context(), token); err == nil {
					t.Fatal("got the token of an attacker accepted")
				}
			}
		}
		if got := e.timesAsked(); got > names {
			t.Errorf("got Config asked %d times, want at most %d", got, names)
		}
		if got := e.tenant("named0").Fetches(); got > 3 {
			t.Errorf("got %d fetches from one tenant, want at most 3", got)
		}
	})
}

// A tenant that has ended is not asked for its keys, whatever was remembered.
func TestTenantsEndRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEstate()
		tenant := e.tenant("a")
		v := e.verifier(t, func(ts *core.Tenants) { ts.TokenCache = 10 })
		token := tenant.Token(map[string]any{"exp": time.Now().Add(100 * time.Hour)})
		mustReason(t, v, token, "")
		e.bar(tenant.URL())
		before := len(tenant.Requests())
		for range 5 {
			time.Sleep(3 * time.Hour)
			mustReason(t, v, token, core.ReasonWrongIssuer)
		}
		if got := len(tenant.Requests()); got != before {
			t.Errorf("got %d requests to a tenant that has ended, want none", got-before)
		}
	})
}

// U2: a lookup that began before a Forget and fails after it is not remembered: its cause may be what was mended.
func TestU2ForgetWhileALookupFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEstate()
		a := e.tenant("a")
		v := e.verifier(t, nil)
		e.setEdit(func(context.Context, *core.Config) error {
			time.Sleep(time.Second)
			return errors.New("no such column")
		})
		var all sync.WaitGroup
		all.Go(func() { mustReason(t, v, a.Token(nil), core.ReasonKeysUnavailable) })
		synctest.Wait()
		e.setEdit(nil)
		v.Forget(a.URL())
		all.Wait()
		mustReason(t, v, a.Token(nil), "")
	})
}
