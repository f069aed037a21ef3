package main

import (
	"context"
	"testing"
)

// BenchmarkVerify runs every contender on a good token of each algorithm, beside the bare primitive.
func BenchmarkVerify(b *testing.B) {
	for _, alg := range algorithms() {
		f := newFixture(alg)
		bare, err := primitive(f)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(alg+"/primitive", func(b *testing.B) { loop(b, bare) })
		all, err := contenders(f)
		if err != nil {
			b.Fatal(err)
		}
		for _, c := range all {
			b.Run(alg+"/"+c.name, func(b *testing.B) { loop(b, c.on(f.token)) })
		}
	}
}

// BenchmarkRefuse runs jwtmw on what must not pass, beside the bare RS256 primitive.
func BenchmarkRefuse(b *testing.B) {
	f := newFixture("RS256")
	bare, err := primitive(f)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("primitive", func(b *testing.B) { loop(b, bare) })
	verify, err := newJwtmw(f)
	if err != nil {
		b.Fatal(err)
	}
	for _, bad := range badTokens(f) {
		b.Run(bad.name, func(b *testing.B) {
			loop(b, task{bad.name, func() error {
				if verify(context.Background(), bad.token) == nil {
					b.Fatal("got no error, want a refusal")
				}
				return nil
			}})
		})
	}
}

// BenchmarkRemembered runs jwtmw on a token that its cache holds, beside one that it does not cache.
func BenchmarkRemembered(b *testing.B) {
	f := newFixture("RS256")
	for _, m := range []maker{{name: "verified", make: newJwtmw}, {name: "remembered", make: newJwtmwCached}} {
		verify, err := m.make(f)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(m.name, func(b *testing.B) { loop(b, contender{m.name, verify}.on(f.token)) })
	}
}

// BenchmarkRequest runs whole requests: the app alone, behind jwtmw, and behind the peer of its framework.
func BenchmarkRequest(b *testing.B) {
	f := newFixture("RS256")
	for _, a := range apps() {
		bare, own, peer, err := a.tasks(f)
		if err != nil {
			b.Fatal(err)
		}
		for _, t := range []task{bare, own, peer} {
			b.Run(t.name, func(b *testing.B) { loop(b, t) })
		}
	}
}

func loop(b *testing.B, t task) {
	b.ReportAllocs()
	for b.Loop() {
		if err := t.run(); err != nil {
			b.Fatal(err)
		}
	}
}
