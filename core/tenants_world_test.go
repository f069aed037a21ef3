package core_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

const poolTenants = 6

// tenantPool holds what would cost too much for each schedule: documents and tokens.
var tenantPool = sync.OnceValue(func() (pool [poolTenants]struct {
	url          string
	documents    map[string]string // by path
	good, forged string
}) {
	// Tokens of the day on which the clock of a bubble starts.
	day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	claims := func(url string) map[string]any {
		return map[string]any{"iss": url, "iat": day, "exp": day.Add(24 * time.Hour)}
	}
	attacker := jwttest.NewIssuer("https://attacker.test")
	for n := range pool {
		p := &pool[n]
		p.url = fmt.Sprintf("https://t%d.tenants.test", n)
		issuer := jwttest.NewIssuer(p.url)
		p.good = issuer.Token(claims(p.url), jwttest.Algorithm("ES256"))
		p.forged = attacker.Token(claims(p.url), jwttest.Algorithm("ES256"), jwttest.KeyID(issuer.KeyID("ES256")))
		p.documents = make(map[string]string)
		for _, address := range []string{issuer.MetadataURL(), issuer.JWKSURL()} {
			recorder := httptest.NewRecorder()
			issuer.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, address, nil))
			p.documents[strings.TrimPrefix(address, p.url)] = recorder.Body.String()
		}
	}
	return pool
})

// conduct is how a tenant behaves until it changes.
type conduct struct {
	config  string // what Tenants.Config does
	takes   time.Duration
	down    bool // its issuer
	latency time.Duration
	barred  bool
}

// tenantWorld is a Verifier among tenants that come and go.
type tenantWorld struct {
	*tenantHistory
	random   *rand.Rand
	zero     time.Time
	verifier *core.Verifier
	visitors sync.WaitGroup
	told     []string // the schedule, an event a line

	conduct [poolTenants]conduct // guarded by the history's mu
	inside  int                  // calls of Config
}

func (w *tenantWorld) now() time.Duration { return time.Since(w.zero) }

func (w *tenantWorld) between(least, most time.Duration) time.Duration {
	return least + time.Duration(w.random.Int64N(int64(most-least)))
}

// behave draws how a tenant behaves from now on: well, half of the time.
func (w *tenantWorld) behave() conduct {
	c := conduct{latency: w.between(time.Microsecond, 300*time.Millisecond), takes: w.between(time.Microsecond, 300*time.Millisecond)}
	switch w.random.IntN(16) {
	case 0:
		c.config = "unknown"
	case 1:
		c.config = "error"
	case 2:
		c.config = "panic"
	case 3:
		c.config = "hangs"
	case 4:
		c.config = "ignores its context"
	case 5:
		c.config = "mistake"
	case 6:
		c.down = true
	case 7:
		c.latency = w.between(time.Second, 4*time.Second)
	case 8:
		c.takes = w.between(time.Second, 4*time.Second)
	case 9:
		c.barred = true
	}
	return c
}

func numberOf(url string) (n int) {
	if _, err := fmt.Sscanf(url, "https://t%d.", &n); err != nil {
		panic(err)
	}
	return n
}

func (w *tenantWorld) allow(url string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.conduct[numberOf(url)].barred
}

// config is Tenants.Config. A lookup ends here, or else with the fetch of the keys.
func (w *tenantWorld) config(ctx context.Context, url string) (core.Config, error) {
	n := numberOf(url)
	w.mu.Lock()
	c, l := w.conduct[n], &lookup{tenant: n, began: w.now(), ended: -1, ignores: w.conduct[n].config == "ignores its context"}
	w.lookups = append(w.lookups, l)
	if w.inside++; w.inside > w.slots {
		w.fail("%s: got %d calls of Config at a time, want %d", l.began, w.inside, w.slots)
	}
	if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > lookupLimit {
		w.fail("%s: got a deadline %t in %s, want one", l.began, ok, time.Until(deadline))
	}
	w.mu.Unlock()
	end := w.endOf(ctx, l)
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.inside--
	}()
	select {
	case <-time.After(c.takes):
	case <-ctx.Done():
	}
	switch c.config {
	case "unknown":
		end(core.ReasonWrongIssuer)
		return core.Config{}, core.ErrUnknownTenant
	case "error":
		end(core.ReasonKeysUnavailable)
		return core.Config{}, errors.New("database down")
	case "panic":
		end(core.ReasonKeysUnavailable)
		panic("nil map")
	case "hangs":
		<-ctx.Done()
		return core.Config{}, ctx.Err()
	case "ignores its context":
		time.Sleep(ignoring)
	}
	transport := &tenantIssuer{world: w, tenant: n, end: end}
	config := core.Config{Issuer: url, Audiences: []string{jwttest.Audience}}
	config.Keys = core.Discovery{Fetch: core.Fetch{Client: &http.Client{Transport: transport}}}
	if c.config == "mistake" {
		end(core.ReasonMisconfigured)
		config.Audiences = nil
	}
	return config, nil
}

// endOf returns what ends a lookup, the first time. What has not ended in 5 s has failed.
func (w *tenantWorld) endOf(ctx context.Context, l *lookup) func(core.Reason) {
	end := func(outcome core.Reason) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if l.ended < 0 {
			l.ended, l.outcome = w.now(), outcome
		}
	}
	context.AfterFunc(ctx, func() { // also when the lookup is over, and then without effect
		if ctx.Err() == context.DeadlineExceeded {
			end(core.ReasonKeysUnavailable)
		}
	})
	return end
}

// tenantIssuer serves a tenant's documents.
type tenantIssuer struct {
	world  *tenantWorld
	tenant int
	end    func(core.Reason)
}

func (i *tenantIssuer) RoundTrip(r *http.Request) (*http.Response, error) {
	i.world.mu.Lock()
	c := i.world.conduct[i.tenant]
	i.world.mu.Unlock()
	select {
	case <-time.After(c.latency):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	document, ok := tenantPool()[i.tenant].documents[r.URL.Path]
	if c.down || !ok {
		i.end(core.ReasonKeysUnavailable)
		return nil, errors.New("connection refused")
	}
	if strings.Contains(document, `"keys"`) {
		i.end("")
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(document)), Request: r}, nil
}
