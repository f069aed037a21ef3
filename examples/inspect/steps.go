package main

import (
	"cmp"
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
func order(config core.Config, v view, s *shown) []step {
	algorithms := make([]string, len(config.Algorithms))
	for i, a := range config.Algorithms {
		algorithms[i] = string(a)
	}
	earliest, latest := instant(time.Now().Add(-leeway(config))), instant(time.Now().Add(leeway(config)))
	accepted, required := kind(config)
	return []step{
		{"text", fmt.Sprintf("%d octets", len(v.text)), "strict base64url and JSON, claims of the right types", false},
		{"alg", raw(v.header, "alg"), listed(algorithms), false},
		{"iss", raw(v.payload, "iss"), listed([]string{config.Issuer}), false},
		{"typ", raw(v.header, "typ"), types(accepted), false},
		{"exp", dated(v.payload, "exp"), "later than " + earliest, false},
		{"nbf", dated(v.payload, "nbf"), "none, or at the latest " + latest, false},
		{"iat", dated(v.payload, "iat"), issued(config, latest), false},
		{"aud", raw(v.payload, "aud"), cmp.Or(listed(config.Audiences), "none"), false},
		{"client", listed(slices.DeleteFunc([]string{client(v.payload)}, isEmpty)), listed(config.Clients), len(config.Clients) == 0},
		{"cnf", raw(v.payload, "cnf"), confirmation(s), false},
		{"claims", present(v.payload, required...), strings.Join(required, ", "), len(required) == 0},
		{"key", "kid " + raw(v.header, "kid"), keyFor(config, v), false},
		{"signature", "the token's", "that key's, over header and payload", false},
		proofStep(s),
	}
}

// confirmation is what is wanted of cnf.
func confirmation(s *shown) string {
	if s == nil {
		return "none, since no proof came with it"
	}
	return "jkt, the thumbprint of the proof's key"
}

func proofStep(s *shown) step {
	if s == nil {
		return step{"proof", "", "", true}
	}
	return step{"proof", raw(s.payload, "htm") + " " + raw(s.payload, "htu"), fmt.Sprintf("%q %q, by the key that cnf names, fresh, for this token", s.method, cut(s.url.String())), false}
}

// kind is what the Config's Profile, or without one its Types, asks for.
func kind(config core.Config) (types, claims []string) {
	switch config.Profile {
	case core.ProfileRFC9068:
		return []string{"at+jwt"}, []string{"sub", "client_id", "iat", "jti"}
	case core.ProfileIDToken:
		return []string{"JWT", ""}, []string{"sub", "iat"}
	}
	return config.Types, nil
}

// issued is what is wanted of iat.
func issued(config core.Config, latest string) string {
	if config.MaxAge > 0 {
		return "from " + instant(time.Now().Add(-config.MaxAge-leeway(config))) + " to " + latest
	}
	return "none, or at the latest " + latest
}

// keyFor is the key that the verifier looks for.
func keyFor(config core.Config, v view) string {
	switch config.Keys.(type) {
	case core.PEM, core.Secret:
		return "the only key for this alg, whatever the kid"
	}
	if v.header != nil && find(v.header, "kid") == nil {
		return "the only usable key for this alg, for want of a kid"
	}
	return "one usable key of that kid for this alg"
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
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return find(members, name) == nil })
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func isEmpty(text string) bool { return text == "" }
