package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/revoke"
)

// revocationTable verifies one ES256 token with and without a revocation list that does not name it.
func revocationTable(w io.Writer, p plan) error {
	entries := 1_000_000
	if p.small {
		entries = 1000
	}
	f := newFixture("ES256")
	base, err := primitive(f)
	if err != nil {
		return err
	}
	token := f.signer.Token(map[string]any{
		"aud": audience, "jti": "5e2c9b1a-7d64-4a55-9a53-2f0c8f5b7d11", "sid": "08a5019c-17e1-4977-8f42-65a12843ea02",
		"scope": "orders:read orders:ship", "client_id": "shop", "exp": time.Now().Add(time.Hour).Unix(),
	}, jwttest.Algorithm("ES256"))
	tasks := []task{base}
	kinds := []struct {
		name  string
		entry func(n int) revoke.Entry
	}{
		{"no list", nil},
		{"a list of tokens", func(n int) revoke.Entry { return revoke.Entry{ID: fmt.Sprint("id-", n)} }},
		{"a list of tokens and users", func(n int) revoke.Entry {
			if n%2 == 0 {
				return revoke.Entry{Subject: fmt.Sprint("user-", n)}
			}
			return revoke.Entry{ID: fmt.Sprint("id-", n)}
		}},
		{"a list of sessions", func(n int) revoke.Entry { return revoke.Entry{Session: fmt.Sprint("session-", n)} }},
	}
	for _, k := range kinds {
		config := core.Config{Issuer: issuerURL, Audiences: []string{audience}, Keys: core.JWKSDocument(f.signer.JWKS())}
		if k.entry != nil {
			if config.Revoked, err = listOf(entries, k.entry); err != nil {
				return err
			}
		}
		v, err := core.New(config)
		if err != nil {
			return err
		}
		tasks = append(tasks, task{k.name, func() error { _, err := v.Verify(context.Background(), token); return err }})
	}
	costs, err := measure(p, tasks)
	if err != nil {
		return err
	}
	without := costs[1]
	m := markdown{columns: []string{"verify one good ES256 token", "µs", "added, µs", "of a verification", "allocations"}}
	for _, c := range costs[1:] {
		m.add(c.name, micros(c.median()), micros(added(c, without).median()), fmt.Sprintf("%.3f", added(c, without).ratio(without)), fmt.Sprintf("%.0f", c.allocs))
	}
	m.write(w, "Revocation", fmt.Sprintf("With a list of %d entries that does not name the token.", entries))
	return nil
}

// listOf is the Revoked of a list with so many entries.
func listOf(entries int, entry func(n int) revoke.Entry) (func(context.Context, *core.Claims) (bool, error), error) {
	list, err := revoke.New(revoke.Config{Log: revoke.Memory(), MaxAge: 24 * time.Hour, Max: entries})
	if err != nil {
		return nil, err
	}
	all := make([]revoke.Entry, entries)
	for n := range all {
		all[n] = entry(n)
		all[n].Issuer, all[n].Until = issuerURL, time.Now().Add(24*time.Hour)
	}
	return list.Revoked, list.Add(context.Background(), all...)
}
