package core

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/jwtmw/jwtmw/core/internal/keyset"
)

// Tenants trusts issuers that become known only at run time: the identity
// providers of a service's customers, say, from its database.
//
// A token names its issuer before anyone has vouched for it, so an
// unauthenticated caller chooses which tenant is asked for. What that may cost
// is bounded. Allow is asked first, and a token that no Config could make valid,
// an expired one for instance, goes no further. So many tenants as Lookups says
// are looked up at a time; up to 1024 others wait, first come first served, for
// at most 5 seconds and no longer than the request that asks. Their keys come
// from public addresses alone. A tenant that failed is not asked for again for
// 10 seconds. And no tenant displaces another before one of its tokens has
// verified.
//
// The narrower Allow is, the less there is to abuse: where it admits names that
// anybody can register, anybody can keep the lookups busy with issuers that
// answer slowly, and then the first token of a new tenant is refused with 503.
type Tenants struct {
	// Allow says whether the exact "iss" may be a tenant. It is asked for every
	// token that no fixed Config is for, also while the tenant is kept, so that
	// a tenant ends when Allow says so. It must be fast, do no I/O and be safe
	// for concurrent use. Required.
	Allow func(issuer string) bool

	// Config describes a tenant; its Issuer must be issuer. It is asked once
	// while the tenant is kept, for all who wait together, with a context of
	// its own that ends after 5 seconds and that it must heed. ErrUnknownTenant
	// refuses with 401; any other error, and keys that cannot be had, with 503.
	// A Config that New would refuse is answered with 500. Required.
	//
	// Unless its Fetch.Client is set, keys are fetched without a proxy and over
	// https from public addresses alone, judged when they are dialled. A Client
	// dials as it likes.
	Config func(ctx context.Context, issuer string) (Config, error)

	// Max is how many tenants are kept that have sent a valid token. The least
	// recently used makes room; it is looked up anew when more than a thousand
	// others have come since, and the Logger is warned, once a minute at most.
	// Set it above the number of your tenants. Default: 100.
	Max int

	// Lookups is how many tenants are looked up at a time. Default: 32.
	Lookups int

	// Hosts are where a tenant's "jwks_uri" may lie beside the host of the
	// metadata that name it, such as "www.googleapis.com"; with a port where it
	// is not https's own. Default: none.
	Hosts []string

	// TokenCache is how many verified tokens to remember, of all tenants
	// together. A tenant's own Config.TokenCache does not count. Default: none.
	TokenCache int

	// Logger receives what happens before a tenant is known, and what concerns a
	// tenant whose Config has no Logger. Default: that of the first fixed Config, or
	// as for a Config without one.
	Logger *slog.Logger

	// Trace is told what happens before a tenant is known, and what concerns a
	// tenant whose Config has no Trace. Default: that of the first fixed Config, or none.
	Trace *Trace
}

const (
	defaultTenants = 100
	defaultLookups = 32
)

// ErrUnknownTenant is what Tenants.Config returns for an issuer that is no
// tenant. The token is refused with ReasonWrongIssuer.
var ErrUnknownTenant = errors.New("unknown tenant")

func (t Tenants) validate() error {
	var found mistakes
	if t.Allow == nil {
		found.add("jwtmw: Tenants.Allow is nil, want a rule for the issuers that may be tenants")
	}
	if t.Config == nil {
		found.add("jwtmw: Tenants.Config is nil, want a function that describes a tenant")
	}
	if t.Max < 0 {
		found.add("jwtmw: Tenants.Max is %d, want a count, or 0 for %d", t.Max, defaultTenants)
	}
	if t.Lookups < 0 {
		found.add("jwtmw: Tenants.Lookups is %d, want a count, or 0 for %d", t.Lookups, defaultLookups)
	}
	if t.TokenCache < 0 {
		found.add("jwtmw: Tenants.TokenCache is %d, want a count, or 0 for none", t.TokenCache)
	}
	for _, host := range t.Hosts {
		if host == "" || keyset.HostOf("https://"+host) != strings.ToLower(host) {
			found.add("jwtmw: Tenants.Hosts holds %s, want a host such as %q", quote(host), "www.googleapis.com")
		}
	}
	return found.join()
}

// withDefaults fills what was left out and copies what the caller could still
// change.
func (t Tenants) withDefaults() Tenants {
	if t.Max == 0 {
		t.Max = defaultTenants
	}
	if t.Lookups == 0 {
		t.Lookups = defaultLookups
	}
	t.Hosts = slices.Clone(t.Hosts)
	return t
}
