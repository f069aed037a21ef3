package main

import (
	"context"
	"strings"
	"testing"
	"time"
)

// Every contender takes the good token, so that all of them did the whole work.
func TestContendersAcceptTheGoodToken(t *testing.T) {
	for _, alg := range algorithms() {
		f := newFixture(alg)
		bare, err := primitive(f)
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		if err := bare.run(); err != nil {
			t.Errorf("%s: bare primitive: got %v, want nil", alg, err)
		}
		all, err := contenders(f)
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		for _, c := range all {
			if err := c.verify(context.Background(), f.token); err != nil {
				t.Errorf("%s: %s: got %v, want nil", alg, c.name, err)
			}
		}
	}
}

// unacceptable are the tokens that anyone must refuse who checks what the comparison says they check.
func unacceptable(f *fixture) []bad {
	return []bad{
		{"expired", f.sign(f.header(), payload(map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}))},
		{"another audience", f.sign(f.header(), payload(map[string]any{"aud": "https://other.example"}))},
		{"another issuer", f.sign(f.header(), payload(map[string]any{"iss": "https://other.example/"}))},
		{"another key", newFixture(f.alg).token},
	}
}

func TestContendersCheckTheSame(t *testing.T) {
	for _, alg := range algorithms() {
		f := newFixture(alg)
		all, err := contenders(f)
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		for _, b := range unacceptable(f) {
			for _, c := range all {
				if err := c.verify(context.Background(), b.token); err == nil {
					t.Errorf("%s: %s, %s: got no error, want a refusal", alg, c.name, b.name)
				}
			}
		}
	}
}

// Behind every framework both middlewares let the good token pass, and nothing else.
func TestAppsCheckTheSame(t *testing.T) {
	f := newFixture("RS256")
	for _, a := range apps() {
		for _, b := range append(unacceptable(f), bad{"good", f.token}) {
			sent := *f
			sent.token = b.token
			_, own, peer, err := a.tasks(&sent)
			if err != nil {
				t.Fatalf("%s: %v", a.name, err)
			}
			for _, app := range []task{own, peer} {
				if err := app.run(); (err == nil) != (b.name == "good") {
					t.Errorf("%s, %s: got error %v", app.name, b.name, err)
				}
			}
		}
	}
}

func TestJwtmwRefusesWhatTheTableSays(t *testing.T) {
	f := newFixture("RS256")
	for _, m := range []maker{{name: "jwtmw", make: newJwtmw}, {name: "jwtmw with TokenCache", make: newJwtmwCached}} {
		verify, err := m.make(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range badTokens(f) {
			if verify(context.Background(), b.token) == nil {
				t.Errorf("%s, %s: got no error, want a refusal", m.name, b.name)
			}
		}
	}
}

func TestQuickRun(t *testing.T) {
	var out strings.Builder
	if err := run(&out, quickPlan(), nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"### Verification", "### Refusals", "### Keys in the set", "### Two threads", "### Whole requests", "### Reading a key set",
		"### Introspection", "### Tokens bound to a certificate", "### Memory of proofs", "### Signing", "### Cold start", "### A program that uses it", "### Memory\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got output without %q", want)
		}
	}
	if err := run(&out, quickPlan(), []string{"nonsense"}); err == nil {
		t.Error(`got no error for the table "nonsense", want one`)
	}
}

// Whoever is set up in the table of checks takes the good token, and jwtmw nothing else.
func TestChecks(t *testing.T) {
	f := newFixture("RS256")
	for _, m := range checkers() {
		verify, err := m.make(f)
		if err != nil {
			t.Fatalf("%s: %v", m.name, err)
		}
		if err := verify(context.Background(), f.token); err != nil {
			t.Errorf("%s: got %v for the good token, want nil", m.name, err)
		}
		for _, b := range doubtful(f) {
			if m.name == "jwtmw" && verify(context.Background(), b.token) == nil {
				t.Errorf("%s: got no error, want a refusal", b.name)
			}
		}
	}
}
