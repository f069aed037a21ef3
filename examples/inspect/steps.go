package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// step is one thing that the verifier looks at.
type step struct {
	name, got, wanted string
	skipped           bool // the Config does not ask for it
}

// order lists the steps as the verifier takes them, for the token as it came.
func order(config core.Config, v view) []step {
	algorithms := make([]string, len(config.Algorithms))
	for i, a := range config.Algorithms {
		algorithms[i] = string(a)
	}
	earliest, latest := instant(time.Now().Add(-leeway(config))), instant(time.Now().Add(leeway(config)))
	profile := !slices.ContainsFunc(config.Types, func(t string) bool { return !sameType(t, "at+jwt") })
	return []step{
		{"text", fmt.Sprintf("%d octets", len(v.text)), "strict base64url and JSON, claims of the right types", false},
		{"alg", raw(v.header, "alg"), listed(algorithms), false},
		{"iss", raw(v.payload, "iss"), listed([]string{config.Issuer}), false},
		{"typ", raw(v.header, "typ"), types(config.Types), false},
		{"exp", dated(v.payload, "exp"), "later than " + earliest, false},
		{"nbf", dated(v.payload, "nbf"), "none, or at the latest " + latest, false},
		{"iat", dated(v.payload, "iat"), "none, or at the latest " + latest, false},
		{"aud", raw(v.payload, "aud"), listed(config.Audiences), len(config.Audiences) == 0},
		{"client", listed(slices.DeleteFunc([]string{client(v.payload)}, isEmpty)), listed(config.Clients), len(config.Clients) == 0},
		{"cnf", raw(v.payload, "cnf"), "none", false},
		{"claims", present(v.payload, "sub", "client_id", "iat", "jti"), "sub, client_id, iat, jti", !profile},
		{"key", "kid " + raw(v.header, "kid"), "one usable key of that kid for this alg; without a kid, the only one", false},
		{"signature", "the token's", "that key's, over header and payload", false},
	}
}

// steps shows every step and how it went.
func (r report) steps(config core.Config, v view, found result) {
	r.line("")
	r.line("Steps of the verifier: ok, NO, ? for not reached, - for not asked")
	steps := order(config, v)
	reached := len(steps)
	failed := map[string]bool{}
	for _, f := range found.findings {
		failed[f.step] = true
		if found.end == stuck {
			reached = slices.IndexFunc(steps, func(s step) bool { return s.name == f.step })
		}
	}
	if found.end == unsigned {
		reached = len(steps) - 2
	}
	for i, s := range steps {
		mark := "ok"
		switch {
		case failed[s.name]:
			mark = "NO"
		case i > reached, s.name == "text" && found.end == stuck && failed["alg"]: // alg comes before the payload
			mark = "?"
		case s.skipped:
			r.line("  -   %-9s  not asked for", s.name)
			continue
		}
		r.line("  %-3s %-9s  got %s, wanted %s", mark, s.name, s.got, s.wanted)
	}
}

func raw(members []member, name string) string {
	if value := find(members, name); value != nil {
		return cut(string(value))
	}
	return "none"
}

func dated(members []member, name string) string {
	at, ok := date(members, name)
	if !ok {
		return raw(members, name)
	}
	off := time.Until(at).Round(time.Second)
	if off < 0 {
		return fmt.Sprintf("%s, %v ago", instant(at), -off)
	}
	return fmt.Sprintf("%s, in %v", instant(at), off)
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func types(accepted []string) string {
	return strings.ReplaceAll(listed(accepted), `""`, "none")
}

func present(members []member, names ...string) string {
	names = slices.DeleteFunc(names, func(name string) bool { return find(members, name) == nil })
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func isEmpty(text string) bool { return text == "" }
