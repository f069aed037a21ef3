package main

import (
	"testing"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

func TestProofs(t *testing.T) {
	const orders = "https://api.example.com/orders"
	issuer, client, thief := jwttest.NewIssuer(""), jwttest.NewProver("ES256"), jwttest.NewProver("ES256")
	bound := issuer.Token(map[string]any{"cnf": client.Confirmation()})
	expired := issuer.Token(map[string]any{"cnf": client.Confirmation(), "exp": 1})
	for _, row := range []struct {
		name, token, proof string
		args               []string
		status             int
		want               []string
	}{
		{"a good one", bound, client.Proof("POST", orders, bound, nil), []string{"-method", "POST", "-url", orders + "?page=2"}, passed,
			[]string{"Proof, as it reads.", "its thumbprint is " + client.Confirmation()["jkt"].(string), "ok  cnf", `ok  proof      got "POST" "https://api.example.com/orders"`, "Verdict: the token passes."}},
		{"as a header line", "DPoP " + bound, "DPoP: " + client.Proof("GET", orders, bound, nil), []string{"-url", orders}, passed, []string{"Verdict: the token passes."}},
		{"another method", bound, client.Proof("POST", orders, bound, nil), []string{"-url", orders}, refused,
			[]string{"ok  signature", "NO  proof", "reason invalid_proof", `proof: htm: got "POST", want GET`}},
		{"another URL", bound, client.Proof("GET", orders, bound, nil), []string{"-url", "https://api.example.com/"}, refused,
			[]string{"NO  proof", "proof: htu: got"}},
		{"another key", bound, thief.Proof("GET", orders, bound, nil), []string{"-url", orders}, refused,
			[]string{"NO  proof", "reason sender_constraint", "another key signed the proof"}},
		{"what is no proof", bound, "x", []string{"-url", orders}, refused, []string{"NO  proof", "its thumbprint is none"}},
		{"an unbound token", issuer.Token(nil), client.Proof("GET", orders, "x", nil), []string{"-url", orders}, refused,
			[]string{"NO  cnf", "bound to no key"}},
		{"an expired token", expired, client.Proof("GET", orders, expired, nil), []string{"-url", orders}, refused,
			[]string{"NO  exp", "ok  signature", "?   proof"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			args := []string{"-jwks", written(t, string(issuer.JWKS())), "-issuer", issuer.URL(), "-audience", jwttest.Audience, "-dpop", written(t, row.proof)}
			holds(t, append(args, row.args...), row.token, row.status, row.want)
		})
	}
	t.Run("no URL", func(t *testing.T) {
		holds(t, []string{"-issuer", issuer.URL(), "-audience", "a", "-dpop", written(t, "x")}, "x", unable, []string{"-url"})
	})
	t.Run("no proof", func(t *testing.T) {
		holds(t, []string{"-issuer", issuer.URL(), "-audience", "a", "-url", orders}, "x", unable, []string{"without -dpop"})
	})
}
