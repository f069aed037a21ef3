package main

import (
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/revoke"
	"github.com/jwtmw/jwtmw/examples/demo/internal/playground"
)

// newVerifier trusts the issuer. Its keys age within a minute, so that a person
// can watch them; a service leaves Keys out, and they outlast an hour's outage.
func newVerifier(issuer *jwttest.Issuer, urls []string, list *revoke.List) (*core.Verifier, error) {
	return core.New(core.Config{
		Issuer:    issuer.URL(),
		Audiences: []string{jwttest.Audience},
		DPoP:      core.DPoP{URLs: urls},
		Revoked:   list.Revoked,
		Keys: core.Discovery{Fetch: core.Fetch{
			MaxAge:   20 * time.Second,
			MaxStale: 40 * time.Second,
			Cooldown: 5 * time.Second,
			Timeout:  2 * time.Second,
		}},
	})
}

// startPlayground serves the page that plays with the issuer and the services.
func startPlayground(issuer *jwttest.Issuer, verifier *core.Verifier, list *revoke.List, services []*service) (*service, error) {
	var judges []playground.Service
	for _, s := range services {
		judges = append(judges, playground.Service{Name: s.name, URL: s.url})
	}
	page, err := playground.New(issuer, verifier, list, judges)
	if err != nil {
		return nil, err
	}
	return start("playground", newServer(page))
}
