package core_test

import (
	"context"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// estate is a service whose tenants are https://NAME.tenants.test.
type estate struct {
	mu      sync.Mutex // guards what follows
	issuers map[string]*jwttest.Issuer
	asked   map[string]int // calls of Config, by issuer
	barred  map[string]bool
	edit    func(context.Context, *core.Config) error // what Config does beside describing the tenant
}

func newEstate() *estate {
	return &estate{issuers: map[string]*jwttest.Issuer{}, asked: map[string]int{}, barred: map[string]bool{}}
}

func (e *estate) tenant(name string) *jwttest.Issuer {
	url := "https://" + name + ".tenants.test"
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.issuers[url] == nil {
		e.issuers[url] = jwttest.NewIssuer(url)
	}
	return e.issuers[url]
}

func (e *estate) bar(issuer string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.barred[issuer] = true
}

func (e *estate) allow(issuer string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strings.HasSuffix(issuer, ".tenants.test") && !e.barred[issuer]
}

func (e *estate) config(ctx context.Context, issuer string) (core.Config, error) {
	e.mu.Lock()
	e.asked[issuer]++
	tenant, edit := e.issuers[issuer], e.edit
	e.mu.Unlock()
	if tenant == nil {
		return core.Config{}, core.ErrUnknownTenant
	}
	config := core.Config{Issuer: issuer, Audiences: []string{jwttest.Audience}}
	config.Keys = core.Discovery{Fetch: core.Fetch{Client: tenant.Client()}}
	if edit != nil {
		if err := edit(ctx, &config); err != nil {
			return core.Config{}, err
		}
	}
	return config, nil
}

func (e *estate) setEdit(edit func(context.Context, *core.Config) error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.edit = edit
}

func (e *estate) timesAsked() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	total := 0
	for n := range maps.Values(e.asked) {
		total += n
	}
	return total
}

func (e *estate) verifier(t testing.TB, edit func(*core.Tenants), configs ...core.Config) *core.Verifier {
	t.Helper()
	tenants := core.Tenants{Allow: e.allow, Config: e.config, Logger: slog.New(slog.DiscardHandler)}
	if edit != nil {
		edit(&tenants)
	}
	v, err := core.NewTenants(tenants, configs...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func mustReason(t testing.TB, v *core.Verifier, token string, want core.Reason) *core.Refusal {
	t.Helper()
	_, err := v.Verify(t.Context(), token)
	refusal := core.RefusalOf(err)
	switch {
	case refusal == nil && want != "":
		t.Errorf("got no refusal, want %q", want)
	case refusal != nil && refusal.Reason != want:
		t.Errorf("got %q (%v), want %q", refusal.Reason, refusal.Unwrap(), want)
	}
	return refusal
}

func keptBy(v *core.Verifier) (issuers []string) {
	for _, s := range v.Stats() {
		issuers = append(issuers, s.Issuer)
	}
	return issuers
}
