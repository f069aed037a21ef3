package core_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// C14: that a refused token leaves one line, and never itself, is asserted for
// every row of the attack matrix in mustLogOnce.

func TestC14LogOfToken(t *testing.T) {
	s := newStage(t, nil)
	for _, test := range []struct {
		name, token         string
		reason, issuer, kid string
		cause               string
	}{
		{"before the issuer is known", "x.y.z", "malformed_token", "", "", "base64"},
		{"issuer that is not trusted", s.Token(map[string]any{"iss": "https://mallory.test"}), "wrong_issuer", "",
			s.KeyID("RS256"), `"iss": got "https://mallory.test", want https://issuer.test`},
		{"claim", s.Token(map[string]any{"aud": "a\r\nb"}), "wrong_audience", s.URL(),
			s.KeyID("RS256"), `"aud": got "[a\r\nb]", want https://api.test`},
		{"kid cut", s.Token(nil, jwttest.KeyID(strings.Repeat("k", 100))), "unknown_key", s.URL(),
			strings.Repeat("k", 64) + "...", "key"},
		{"U10 kid quoted where it must be", s.Token(nil, jwttest.KeyID("k\r\nlevel=ERROR")), "unknown_key", s.URL(), `"k\r\nlevel=ERROR"`, "key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.log.take(t)
			_, err := s.verifier.Verify(t.Context(), test.token)
			lines := s.log.take(t)
			if len(lines) != 1 {
				t.Fatalf("got %d lines for %v, want 1: %v", len(lines), err, lines)
			}
			got := lines[0]
			if got.Level != "INFO" || got.Reason != test.reason || got.Issuer != test.issuer || got.Kid != test.kid || !strings.Contains(got.Cause, test.cause) {
				t.Errorf("got %s, want reason %s, issuer %q, kid %s and a cause with %q", got.text, test.reason, test.issuer, test.kid, test.cause)
			}
		})
	}
}

func TestLogOfRequest(t *testing.T) {
	s := newStage(t, nil)
	good := s.Token(nil)
	for _, test := range []struct {
		name    string
		request core.Request
		level   string
		reason  string
	}{
		{"no token", get(), "DEBUG", "no_token"},
		{"two tokens", get("Authorization", "Bearer "+good, "Authorization", "Bearer "+good), "INFO", "multiple_tokens"},
		{"malformed", get("Authorization", "Bearer "+good+" "+good), "INFO", "malformed_request"},
		{"control characters", get("Authorization", "Bearer "+good+"\n"), "INFO", "malformed_request"},
		{"good", get("Authorization", "Bearer "+good), "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.log.take(t)
			_, err := core.Guard{Verifier: s.verifier}.Check(t.Context(), test.request)
			lines := s.log.take(t)
			if test.reason == "" {
				if err != nil || len(lines) != 0 {
					t.Fatalf("got %v and lines %v, want none", err, lines)
				}
				return
			}
			if len(lines) != 1 || lines[0].Level != test.level || lines[0].Reason != test.reason {
				t.Fatalf("got %v, want one line at %s with %s", lines, test.level, test.reason)
			}
			for _, segment := range segments(good) {
				if strings.Contains(lines[0].text, segment) {
					t.Errorf("got %s, want no segment of the token", lines[0].text)
				}
			}
		})
	}
}

// What Require refuses goes to the Logger of the guard's Verifier.
func TestLogOfRequirement(t *testing.T) {
	s := newStage(t, nil)
	ctx, err := core.Guard{Verifier: s.verifier}.Check(t.Context(), get("Authorization", "Bearer "+s.Token(nil)))
	if err != nil {
		t.Fatal(err)
	}
	s.log.take(t)
	_ = core.Require(ctx, core.Func(func(context.Context, *core.Claims) error { return errors.New("on the list of debtors") }))
	if lines := s.log.take(t); len(lines) != 1 || lines[0].Reason != "forbidden" || lines[0].Cause != "on the list of debtors" {
		t.Errorf("got %v, want one line with the cause", lines)
	}
}

// Each issuer has its own Logger; what happens before the issuer is known goes
// to the first.
func TestLogOfIssuers(t *testing.T) {
	a, b := jwttest.NewIssuer("https://a.test"), jwttest.NewIssuer("https://b.test")
	first, second := &logbook{}, &logbook{}
	v := mustNew(t,
		core.Config{Issuer: a.URL(), Audiences: []string{"x"}, Keys: core.JWKSDocument(a.JWKS()), Logger: first.logger()},
		core.Config{Issuer: b.URL(), Audiences: []string{"x"}, Keys: core.JWKSDocument(b.JWKS()), Logger: second.logger()})
	for _, test := range []struct {
		name, token   string
		first, second int
	}{
		{"a", a.Token(nil), 1, 0},
		{"b", b.Token(nil), 0, 1},
		{"neither", "x", 1, 0},
	} {
		_, _ = v.Verify(t.Context(), test.token)
		if one, two := len(first.take(t)), len(second.take(t)); one != test.first || two != test.second {
			t.Errorf("%s: got %d and %d lines, want %d and %d", test.name, one, two, test.first, test.second)
		}
	}
}

// Without a Logger there is silence, slog's default included.
func TestLogDefault(t *testing.T) {
	text := silence(t)
	issuer := jwttest.NewIssuer("")
	v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.JWKSDocument(issuer.JWKS())})
	_, _ = v.Verify(t.Context(), "x")
	_, _ = core.Guard{Verifier: v}.Check(t.Context(), get())
	if text.Len() != 0 {
		t.Errorf("got %q, want silence", text)
	}
}

// A mistake of the program is told though nobody set a Logger, and nothing else is.
func TestLogOfMistakes(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.JWKSDocument(issuer.JWKS())})
	bearer := get("Authorization", "Bearer "+issuer.Token(nil))
	guarded, err := core.Guard{Verifier: v}.Check(t.Context(), bearer)
	if err != nil {
		t.Fatal(err)
	}
	unguarded := core.NewContext(t.Context(), &core.Claims{Subject: "alice"})
	check := func(g core.Guard) error { _, err := g.Check(t.Context(), bearer); return err }
	for _, test := range []struct {
		name string
		err  func() error
		told bool
	}{
		{"no Verifier", func() error { return check(core.Guard{}) }, true},
		{"zero Verifier", func() error { return check(core.Guard{Verifier: &core.Verifier{}}) }, true},
		{"nil source", func() error { return check(core.Guard{Verifier: v, Tokens: []core.TokenSource{nil}}) }, true},
		{"no guard", func() error { return core.Require(t.Context()) }, true},
		{"nil Requirement", func() error { return core.Require(guarded, nil) }, true},
		{"nil Requirement without a guard", func() error { return core.Require(unguarded, nil) }, true},
		{"a scope that is missing", func() error { return core.Require(guarded, core.Scope("x")) }, false},
		{"a scope that is missing, without a guard", func() error { return core.Require(unguarded, core.Scope("x")) }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := silence(t)
			if test.err() == nil {
				t.Fatal("got no error, want a refusal")
			}
			if got := text.String(); (got != "") != test.told || test.told && !strings.Contains(got, "level=ERROR") {
				t.Errorf("got %q, want a line at ERROR: %t", got, test.told)
			}
		})
	}
}

// A Logger that hears only warnings hears of no refused token.
func TestLogLevel(t *testing.T) {
	var text bytes.Buffer
	s := newStage(t, func(c *core.Config) {
		c.Logger = slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelWarn}))
	})
	_, _ = s.verifier.Verify(t.Context(), "x")
	if text.Len() != 0 {
		t.Errorf("got %q, want silence below WARN", &text)
	}
}

// C14: a flood of foreign tokens does not write out the configuration each time.
func TestLogOfManyIssuers(t *testing.T) {
	log := &logbook{}
	issuer := jwttest.NewIssuer("")
	var configs []core.Config
	for n := range 100 {
		configs = append(configs, core.Config{Issuer: fmt.Sprintf("https://issuer%d.test", n), Audiences: []string{"a"},
			Keys: core.JWKSDocument(issuer.JWKS()), Logger: log.logger()})
	}
	v := mustNew(t, configs...)
	if _, err := v.Verify(t.Context(), issuer.Token(nil)); reasonOf(err) != core.ReasonWrongIssuer {
		t.Fatalf("got %q, want wrong_issuer", reasonOf(err))
	}
	if got := log.text.String(); len(got) > 1000 || !strings.Contains(got, "92 more") {
		t.Errorf("got a line of %d octets, want a short one: %.1000s", len(got), got)
	}
}
