package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// bad is a token that must not pass.
type bad struct{ name, token string }

// refusalTable compares what it costs to refuse, with RS256 allowed.
func refusalTable(w io.Writer, p plan) error {
	f := newFixture("RS256")
	bare, err := primitive(f)
	if err != nil {
		return err
	}
	all, err := contenders(f)
	if err != nil {
		return err
	}
	m := markdown{columns: []string{"token"}}
	for _, c := range all {
		m.columns = append(m.columns, c.name)
	}
	for _, b := range badTokens(f) {
		if err := addRefusal(&m, p, bare, all, b.name, []string{b.token}); err != nil {
			return err
		}
	}
	if err := addRefusal(&m, p, bare, all, "unknown kid, another each time", strangers(f)); err != nil {
		return err
	}
	m.write(w, "Refusals", "Times the bare RS256 primitive, allocations. **Bold**: the token was accepted.")
	return nil
}

func addRefusal(m *markdown, p plan, bare task, all []contender, name string, tokens []string) error {
	tasks := []task{bare}
	accepted := map[string]bool{}
	for _, c := range all {
		t := c.inTurn(tokens)
		accepted[c.name] = t.run() == nil
		tasks = append(tasks, task{c.name, func() error { _ = t.run(); return nil }})
	}
	costs, err := measure(p, tasks)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	row := []string{name}
	for _, c := range costs[1:] {
		cell := fmt.Sprintf("%s, %.0f", times(c.ratio(costs[0])), c.allocs)
		if accepted[c.name] {
			cell = "**" + cell + "**"
		}
		row = append(row, cell)
	}
	m.add(row...)
	return nil
}

// strangers are more tokens with a kid that no key has than any memory of such kids may hold.
func strangers(f *fixture) []string {
	_, rest, _ := strings.Cut(f.token, ".")
	tokens := make([]string, 5000)
	header := f.header()
	for i := range tokens {
		header["kid"] = fmt.Sprint("stranger-", i)
		tokens[i] = base64.RawURLEncoding.EncodeToString(mustJSON(header)) + "." + rest
	}
	return tokens
}

func badTokens(f *fixture) []bad {
	header, claims := f.header(), payload(nil)
	unknown := f.header()
	unknown["kid"] = "some-other-key"
	segments := strings.Split(f.token, ".")
	return []bad{
		{"garbage", "garbage"},
		{"garbage in three parts", "eyJ!.eyJ!.AAAA"},
		{"garbage in base64url", jwttest.Compact([]byte("garbage"), []byte("garbage"), []byte("garbage"))},
		{"alg none", jwttest.Compact([]byte(`{"alg":"none","typ":"JWT"}`), claims, nil)},
		{"alg none, signature kept", jwttest.Compact([]byte(`{"alg":"none","typ":"JWT"}`), claims, []byte("signature"))},
		{"HS256 under the public key", jwttest.SignHMAC("HS256", f.signer.PublicKeyPEM("RS256"), mustJSON(map[string]any{"alg": "HS256", "kid": f.kid}), claims)},
		{"expired", f.sign(header, payload(map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}))},
		{"wrong audience", f.sign(header, payload(map[string]any{"aud": "https://other.example"}))},
		{"unknown kid", f.sign(unknown, claims)},
		{"bad signature", segments[0] + "." + segments[1] + "." + strings.Repeat("A", len(segments[2]))},
		{"signed, 20 kB", f.sign(header, payload(map[string]any{"pad": strings.Repeat("x", 20_000)}))},
		{"signed, 1 MB", f.sign(header, payload(map[string]any{"pad": strings.Repeat("x", 1_000_000)}))},
		{"1 MB of dots", strings.Repeat(".", 1<<20)},
		{"1 MB payload, unsigned", segments[0] + "." + base64.RawURLEncoding.EncodeToString(make([]byte, 1_000_000)) + ".AAAA"},
	}
}
