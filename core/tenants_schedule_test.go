package core_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

var (
	schedules = flag.Int("schedules", 0, "how many random schedules the model of tenants meets; 0: 500, or 50 with -short")
	oneSeed   = flag.Uint64("seed", 0, "the seed of the only schedule to run; 0: as many others as -schedules says")
)

// visit is one call of Verify.
func (w *tenantWorld) visit(tenant int, forged bool, patience time.Duration) {
	w.mu.Lock()
	v := &visit{tenant: tenant, forged: forged, barred: w.conduct[tenant].barred, patience: patience}
	w.mu.Unlock()
	token := tenantPool()[tenant].good
	if forged {
		token = tenantPool()[tenant].forged
	}
	w.visitors.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		v.start = w.now()
		_, err := w.verifier.Verify(ctx, token)
		v.end = w.now()
		if refusal := core.RefusalOf(err); refusal != nil {
			v.reason = refusal.Reason
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.visits = append(w.visits, v)
	})
}

// step lets one event happen, while all is quiet.
func (w *tenantWorld) step() {
	pause := []time.Duration{0, 0, w.between(time.Millisecond, time.Second), w.between(time.Second, 12*time.Second), w.between(time.Minute, 3*time.Minute)}
	time.Sleep(time.Microsecond + pause[w.random.IntN(len(pause))]) // no two events at one instant
	synctest.Wait()
	tenant, patience := w.random.IntN(poolTenants), time.Minute
	if w.random.IntN(3) == 0 {
		patience = w.between(time.Millisecond, 4*time.Second)
	}
	tell := func(format string, args ...any) {
		w.told = append(w.told, fmt.Sprintf("%-16s tenant %d: ", w.now(), tenant)+fmt.Sprintf(format, args...))
	}
	switch w.random.IntN(10) {
	case 0, 1, 2, 3:
		callers, forged := 1+w.random.IntN(3), w.random.IntN(4) == 0
		tell("%d callers, forged %t, patient for %s", callers, forged, patience)
		for range callers {
			w.visit(tenant, forged, patience)
		}
	case 4, 5:
		tell("one caller for each tenant, patient for %s", patience)
		for n := range poolTenants {
			w.visit(n, false, patience)
		}
	case 6:
		tell("forgotten")
		w.mu.Lock()
		w.forgets = append(w.forgets, roll{w.now(), []int{tenant}})
		for _, l := range w.lookups {
			l.forgotten = l.forgotten || l.ended < 0 // whichever it is of: its tenant is not kept
		}
		w.mu.Unlock()
		w.verifier.Forget(tenantPool()[tenant].url)
	case 7:
		r := roll{at: w.now()}
		for _, s := range w.verifier.Stats() {
			r.held = append(r.held, numberOf(s.Issuer))
		}
		tell("Stats: %v", r.held)
		w.rolls = append(w.rolls, r)
	default:
		c := w.behave()
		tell("%+v", c)
		w.mu.Lock()
		w.conduct[tenant] = c
		w.mu.Unlock()
	}
}

// inTenantBubble runs the schedule of a seed and returns how it broke the contract, and what happened.
func inTenantBubble(t *testing.T, seed uint64) (broken, told []string) {
	defer func() {
		if p := recover(); p != nil { // synctest's, of goroutines that nothing can wake
			broken = append(broken, fmt.Sprint("a goroutine is left: ", p))
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(seed, 19))
		h := &tenantHistory{max: []int{1, 2, 3, 8}[random.IntN(4)], slots: []int{1, 2, 32}[random.IntN(3)]}
		w := &tenantWorld{tenantHistory: h, random: random, zero: time.Now()}
		tenants := core.Tenants{Allow: w.allow, Config: w.config, Max: h.max, Lookups: h.slots, TokenCache: 10 * random.IntN(2)}
		h.remembers = tenants.TokenCache > 0
		for n := range w.conduct {
			w.conduct[n] = conduct{latency: w.between(time.Microsecond, time.Second), takes: w.between(time.Microsecond, time.Second)}
		}
		e := newEstate()
		w.verifier = e.verifier(t, func(ts *core.Tenants) { tenants.Logger = ts.Logger; *ts = tenants })
		w.told = append(w.told, fmt.Sprintf("Max %d, Lookups %d, TokenCache %d", h.max, h.slots, tenants.TokenCache))
		for range 15 + random.IntN(25) {
			w.step()
		}
		w.visitors.Wait()
		time.Sleep(time.Minute)
		synctest.Wait()
		broken, told = h.judged(), w.told
	})
	return broken, told
}

// Tenants in a world where they come, go, fail and hang, held against the contract.
func TestTenantsModel(t *testing.T) {
	first, many := rand.Uint64()>>20+1, *schedules
	switch {
	case many == 0 && testing.Short():
		many = 50
	case many == 0:
		many = 500
	}
	if *oneSeed != 0 {
		first, many = *oneSeed, 1
	}
	tenantPool()
	for n := range uint64(many) {
		if broken, told := inTenantBubble(t, first+n); len(broken) > 0 {
			t.Fatalf("%s\n\nrepeat it with -run TestTenantsModel -seed %d:\n%s", strings.Join(broken, "\n"), first+n, strings.Join(told, "\n"))
		}
	}
}
