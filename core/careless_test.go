package core_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// What a careful person may still write, and what must not come of it.

// T1: append twice to one slice, and the second call writes into the first's.
func TestT1SlicesAreCopied(t *testing.T) {
	s := newStage(t, nil)
	user := verified(t, `"roles":["user"]`)
	for name, group := range map[string]func(...core.Requirement) core.Requirement{"All": core.All, "Any": core.Any} {
		base := make([]core.Requirement, 0, 2)
		admin := group(append(base, core.Role("admin"))...)
		_ = group(append(base, core.Role("user"))...)
		if err := core.Require(core.NewContext(t.Context(), user), admin); err == nil {
			t.Errorf("%s: got a user past the requirement of an admin", name)
		}
	}
	tokens := []core.TokenSource{core.FromHeader("X-Jwt")}
	guard := core.Guard{Verifier: s.verifier, Tokens: tokens}.MustValidate()
	tokens[0] = core.FromBearer()
	if _, err := guard.Check(t.Context(), get("Authorization", "Bearer "+s.Token(nil))); reasonOf(err) != core.ReasonNoToken {
		t.Errorf("got %q, want the sources that the guard was mounted with", reasonOf(err))
	}
}

// T5: what a session gives back grants nothing that the token did not.
func TestT5ClaimsSurviveASession(t *testing.T) {
	c := verified(t, `"scope":"a","ISSUER":"x","Scopes":["admin"],"roles":["r"],"n":1e400`)
	stored, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back core.Claims
	if err := json.Unmarshal(stored, &back); err != nil {
		t.Fatal(err)
	}
	if back.Issuer != c.Issuer || back.Subject != c.Subject || strings.Join(back.Scopes, " ") != "a" || !back.Expiry.Equal(c.Expiry) {
		t.Errorf("got %+v, want the claims as they were", back)
	}
	ctx := core.NewContext(t.Context(), &back)
	if err := core.Require(ctx, core.Role("r"), core.Scope("a")); err != nil {
		t.Errorf("got %v, want what the token granted", err)
	}
	if err := core.Require(ctx, core.Scope("admin")); err == nil {
		t.Error("got a scope that only a custom claim names")
	}
	for _, payload := range []string{`null`, `[]`, `"x"`, `{"sub":1}`, `{"a":1,"a":2}`, `{"exp":"1"}`, `{`, ``, `{} {}`} {
		var c core.Claims
		if err := c.UnmarshalJSON([]byte(payload)); err == nil {
			t.Errorf("got %q read as %+v, want an error", payload, c)
		}
	}
	text := []byte(`{"sub":"alice"}`)
	if err := back.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	copy(text, `{"sub":"mallo"}`)
	if sub, _ := back.Lookup("sub"); sub != "alice" {
		t.Errorf("got %v, want claims of their own", sub)
	}
}

// T6: a Secret prints as [secret], whoever prints it.
func TestT6SecretsArePrintedByNobody(t *testing.T) {
	secret := core.Secret("hunter2-hunter2-hunter2-hunter2!")
	config := core.Config{Issuer: "i", Keys: core.Secrets{secret, secret}}
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("x", "secret", secret, "secrets", core.Secrets{secret}, "config", config)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%c", "%U", "%b"} {
		fmt.Fprintf(&log, "\n"+verb+verb+verb+verb, secret, &secret, core.Secrets{secret}, config)
	}
	fmt.Fprintln(&log, secret, secret.String())
	for _, v := range []any{secret, core.Secrets{secret}, struct{ Key core.KeySource }{secret}} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		log.Write(text)
	}
	for _, spelt := range []string{"hunter2", "68756e746572", "68756E746572", "aHVudGVy", "104 117 110", "104,117,110", "0x68, 0x75", "U+0068", "1101000"} {
		if strings.Contains(log.String(), spelt) {
			t.Errorf("got the secret as %q in %s", spelt, log.String())
		}
	}
	if got := strings.Count(log.String(), "[secret]"); got < 50 {
		t.Errorf("got %d times [secret], want one for each print: %s", got, log.String())
	}
}

// T7: who pastes the secret itself where its file belongs reads it in no log.
func TestT7PastedSecretIsNotQuoted(t *testing.T) {
	for _, pasted := range []string{"hunter2hunter2hunter2hunter2hunter2", "hunter2,,hunter2", "hunter2\x00hunter2"} {
		if strings.Contains(pasted, "\x00") {
			continue // no environment holds one
		}
		setenv(t, map[string]string{"SECRET_FILE": pasted})
		if _, err := core.ConfigFromEnv("API_JWT"); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v, want an error that does not quote the value", err)
		}
	}
}

// T9: what runs inside of a verification sees the claims of its own token, not
// those that an outer guard left.
func TestT9OwnClaimsInContext(t *testing.T) {
	outer := verified(t, `"scope":"admin","jti":"outer"`)
	var seen []string
	see := func(ctx context.Context) {
		c, _ := core.FromContext(ctx)
		seen = append(seen, c.ID)
	}
	inner := newStage(t, func(c *core.Config) {
		c.RequireClaims = []core.Requirement{core.Func(func(ctx context.Context, _ *core.Claims) error {
			see(ctx)
			return core.Require(ctx, core.Scope("admin"))
		})}
		c.Revoked = func(ctx context.Context, _ *core.Claims) (bool, error) { see(ctx); return false, nil }
	})
	ctx := core.NewContext(t.Context(), outer)
	if _, err := inner.verifier.Verify(ctx, inner.Token(map[string]any{"jti": "inner"})); reasonOf(err) != core.ReasonInsufficientScope {
		t.Errorf("got %q, want a token without the scope refused whoever stands before it", reasonOf(err))
	}
	if _, err := inner.verifier.Verify(ctx, inner.Token(map[string]any{"jti": "inner", "scope": "admin"})); err != nil {
		t.Errorf("got %v, want the token's own scope to count", err)
	}
	if got := strings.Join(seen, " "); got != "inner inner inner" {
		t.Errorf("got %q, want the token's own claims each time", got)
	}
}

// T10: a cause lends its sentinel to no refusal of another reason.
func TestT10CauseLendsNoSentinel(t *testing.T) {
	broken := errors.New("list down")
	for _, sentinel := range []error{core.ErrNoToken, core.ErrInvalidToken, core.ErrForbidden, core.ErrKeysUnavailable} {
		s := newStage(t, func(c *core.Config) {
			c.Revoked = func(context.Context, *core.Claims) (bool, error) {
				return false, fmt.Errorf("ask: %w: %w", sentinel, &timeout{broken})
			}
		})
		_, err := s.verifier.Verify(t.Context(), s.Token(nil))
		if reasonOf(err) != core.ReasonRevocationUnavailable || errors.Is(err, sentinel) {
			t.Errorf("got %q that is %v: %t", reasonOf(err), sentinel, errors.Is(err, sentinel))
		}
		if found, ok := errors.AsType[*timeout](err); !errors.Is(err, broken) || !ok || found.error != broken {
			t.Errorf("got %v, want its cause to be found", err)
		}
	}
}

type timeout struct{ error }

func (t *timeout) Unwrap() error { return t.error }

// T12: a logout token or a security event is no access token, whatever its typ.
func TestT12EventsAreNoAccess(t *testing.T) {
	events := map[string]any{"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}}
	for name, profile := range map[string]core.Profile{"none": "", "ID token": core.ProfileIDToken} {
		s := newStage(t, func(c *core.Config) { c.Profile = profile })
		for _, option := range []jwttest.TokenOption{jwttest.Type("JWT"), jwttest.Header(map[string]any{"typ": nil})} {
			if _, err := s.verifier.Verify(t.Context(), s.Token(events, option)); reasonOf(err) != core.ReasonWrongType {
				t.Errorf("profile %s: got %q, want wrong_type", name, reasonOf(err))
			}
		}
	}
}

// T13: what the log says of a foreign issuer was put in order once, by New.
func TestT13WrongIssuerCostsNoSorting(t *testing.T) {
	var configs []core.Config
	document := jwttest.NewIssuer("").JWKS()
	for n := range 2000 {
		configs = append(configs, core.Config{Issuer: fmt.Sprintf("https://%d.test", n), Audiences: []string{"a"}, Keys: core.JWKSDocument(document)})
	}
	v := mustNew(t, configs...)
	_, err := v.Verify(t.Context(), jwttest.NewIssuer("https://mallory.test").Token(nil))
	cause := errors.Unwrap(err)
	if cause == nil || !strings.Contains(cause.Error(), "https://0.test or https://1.test or ") || !strings.Contains(cause.Error(), "1992 more") {
		t.Fatalf("got %v, want the first eight", cause)
	}
	if got := testing.AllocsPerRun(10, func() { _ = cause.Error() }); got > 40 {
		t.Errorf("got %v allocations for a line, want it not to grow with the issuers", got)
	}
}

// T15: what no browser sends twice is not read once.
func TestT15OriginTwice(t *testing.T) {
	s := newStage(t, nil)
	guard := core.Guard{Verifier: s.verifier, Tokens: []core.TokenSource{core.FromCookie("sid")}}
	for _, test := range []struct {
		name, host string
		header     http.Header
		want       core.Reason
	}{
		{"two origins", "api.test", http.Header{"Origin": {"https://api.test", "https://evil.test"}}, core.ReasonMalformedRequest},
		{"two sites", "api.test", http.Header{"Sec-Fetch-Site": {"same-origin", "cross-site"}}, core.ReasonMalformedRequest},
		{"null, and no host", "", http.Header{"Origin": {"null"}}, core.ReasonCrossOrigin},
		{"an empty origin, and no host", "", http.Header{"Origin": {""}}, ""},
		{"its own", "api.test", http.Header{"Origin": {"https://api.test"}}, ""},
	} {
		test.header["Cookie"] = []string{"sid=" + s.Token(nil)}
		if _, err := guard.Check(t.Context(), fake{"POST", test.host, "", test.header}); reasonOf(err) != test.want {
			t.Errorf("%s: got %q, want %q", test.name, reasonOf(err), test.want)
		}
	}
}

// T18: a query that others broke is not the token's.
func TestT18UnreadableQuery(t *testing.T) {
	s := newStage(t, nil)
	good := s.Token(nil)
	guard := core.Guard{Verifier: s.verifier, Tokens: []core.TokenSource{core.FromBearer(), core.InsecureFromQuery("t")}}
	for _, test := range []struct {
		query  string
		bearer bool
		want   core.Reason
	}{
		{"q=100%", true, ""},
		{"q=100%&%zz=1&a;b", true, ""},
		{"q=100%", false, core.ReasonNoToken},
		{"q=100%&t=" + good, false, ""},
		{"%74=" + good, false, ""},
		{"t=100%", false, core.ReasonMalformedRequest},
		{"t=" + good + ";x", false, core.ReasonMalformedRequest},
		{"t=" + good, true, core.ReasonMultipleTokens},
		{"t=" + good + "&t=" + good, false, core.ReasonMultipleTokens},
		{"t=", false, core.ReasonNoToken},
	} {
		header := http.Header{}
		if test.bearer {
			header.Set("Authorization", "Bearer "+good)
		}
		if _, err := guard.Check(t.Context(), fake{"GET", "api.test", test.query, header}); reasonOf(err) != test.want {
			t.Errorf("%q: got %q, want %q", strings.ReplaceAll(test.query, good, "T"), reasonOf(err), test.want)
		}
	}
}

// T20: one number that no float64 holds spoils nothing around it.
func TestT20NumberTooLarge(t *testing.T) {
	c := verified(t, `"a":{"b":1e400,"c":2,"d":null,"e":[1,1e400,"x"]}`)
	for _, test := range []struct {
		path []string
		want string
		ok   bool
	}{
		{[]string{"a", "b"}, "null", false},
		{[]string{"a", "c"}, "2", true},
		{[]string{"a", "d"}, "null", true},
		{[]string{"a", "e"}, `[1,null,"x"]`, true},
		{[]string{"a"}, `{"b":null,"c":2,"d":null,"e":[1,null,"x"]}`, true},
	} {
		value, ok := c.Lookup(test.path...)
		text, _ := json.Marshal(value)
		if ok != test.ok || string(text) != test.want {
			t.Errorf("%q: got %s, %t, want %s, %t", test.path, text, ok, test.want, test.ok)
		}
	}
	if whole, ok := c.Lookup(); !ok || whole.(map[string]any)["sub"] != "alice" {
		t.Errorf("got %v, want the whole payload", whole)
	}
}

// T21: a wait longer than any header can say is still a number of seconds.
func TestT21RetryAfterDoesNotOverflow(t *testing.T) {
	got := ""
	(&core.Refusal{Status: 503, RetryAfter: 1<<63 - 1}).SetHeaders(func(_, value string) { got = value })
	if got != "9223372037" {
		t.Errorf("got %q, want 9223372037", got)
	}
}

// U3: a service without a Logger is not silent about what is wrong.
func TestU3NoLoggerWarnsByDefault(t *testing.T) {
	log := &logbook{}
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	issuer := jwttest.NewIssuer("")
	issuer.Misbehave(jwttest.Fail(500))
	told := make(chan struct{}, 1)
	v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience},
		Keys:  core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}},
		Trace: &core.Trace{KeysFetched: func(core.KeyFetch) { told <- struct{}{} }}})
	slog.SetDefault(log.logger()) // after New: a program sets its default when it likes
	if _, err := v.Verify(t.Context(), issuer.Token(nil)); reasonOf(err) != core.ReasonKeysUnavailable {
		t.Fatalf("got %q, want keys_unavailable", reasonOf(err))
	}
	<-told
	lines := log.take(t)
	if len(lines) != 1 || lines[0].Level != "WARN" || !strings.Contains(lines[0].text, "key fetch failed") || !strings.Contains(lines[0].text, issuer.URL()) {
		t.Errorf("got %v, want one WARN about the keys, with their source, and no INFO", lines)
	}
}

// U4: a duration without its unit counts nanoseconds, and New says so.
func TestU4DurationsWithoutAUnit(t *testing.T) {
	config := core.Config{Issuer: "https://issuer.test", Audiences: []string{"a"}, Leeway: 30, MaxAge: 3600,
		Keys: core.Discovery{Fetch: core.Fetch{Cooldown: 1, Timeout: 5, MaxAge: 600, MaxStale: 1<<63 - 1}}} // K15 the last
	_, err := core.New(config)
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{"Leeway is 30ns", "MaxAge is 3.6µs", "Fetch.Cooldown is 1ns", "Fetch.Timeout is 5ns", "Fetch.MaxAge is 600ns",
		"Fetch.MaxStale is 2562047h", "without a unit", "24h0m0s"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want it to say %q", err, want)
		}
	}
	config = core.Config{Issuer: "https://issuer.test", Audiences: []string{"a"}, Leeway: core.NoLeeway, MaxAge: time.Second,
		Keys: core.Discovery{Fetch: core.Fetch{Cooldown: time.Second, Timeout: 10 * time.Millisecond, MaxStale: 24 * time.Hour}}}
	if _, err := core.New(config); err != nil {
		t.Errorf("got %v, want the shortest and the longest accepted", err)
	}
}

// U5: a guard with mistakes names them all at start-up.
func TestU5ValidateNamesEveryMistake(t *testing.T) {
	s := newStage(t, nil)
	err := core.Guard{
		Tokens: []core.TokenSource{core.FromCookie(""), core.FromBearer(), core.FromBearer(), core.FromHeader("authorization"), nil,
			core.FromHeader("cookie"), core.FromHeader("a b"), core.FromHeader("X-Jwt"), core.FromHeader("x-jwt"), core.FromSubprotocol(""),
			core.InsecureFromQuery(""), core.FromCookie("sid", "app.test", "https://app.test/x", "HTTPS://app.test", "https://app.test:443", "null", "*")},
		Realm: "orders\r\nX-Injected: yes", ResourceMetadata: "api.test/metadata",
	}.Validate()
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{"Verifier is not set", `FromCookie was given the name ""`, "two sources of the Authorization header", "want FromBearer",
		"nil TokenSource", "want FromCookie", `FromHeader was given the name "a b"`, "two sources of the header X-Jwt", `FromSubprotocol was given the name ""`,
		"InsecureFromQuery was given an empty name", `trusts "app.test"`, `trusts "https://app.test/x"`, `trusts "HTTPS://app.test"`,
		`trusts "https://app.test:443"`, `trusts "null"`, `trusts "*"`, "Realm", "ResourceMetadata"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want it to say %q", err, want)
		}
	}
	for name, guard := range map[string]core.Guard{
		"default": {Verifier: s.verifier},
		"full": {Verifier: s.verifier, Realm: `the "orders" service`, ResourceMetadata: "https://api.test/.well-known/oauth-protected-resource",
			Tokens: []core.TokenSource{core.FromBearer(), core.FromCookie("sid"), core.FromCookie("SID", "https://app.test", "http://localhost:3000"),
				core.FromHeader("X-Jwt"), core.FromSubprotocol("bearer."), core.InsecureFromQuery("access token")}},
	} {
		if err := guard.Validate(); err != nil {
			t.Errorf("%s: got %v, want nil", name, err)
		}
	}
	defer func() {
		if got := recover(); got == nil {
			t.Error("got no panic from MustValidate of the zero Guard")
		}
	}()
	core.Guard{}.MustValidate()
}

// U6: a secret changes without a token that is refused.
func TestU6SecretsRotate(t *testing.T) {
	old, next := bytes.Repeat([]byte("o"), 32), bytes.Repeat([]byte("n"), 32)
	issuer := jwttest.NewIssuer("")
	signed := func(secret []byte) string { return issuer.Token(nil, jwttest.HMAC("HS256", secret)) }
	trusting := func(secrets ...core.Secret) *core.Verifier {
		return mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.Secrets(secrets)})
	}
	for _, step := range []struct {
		name     string
		verifier *core.Verifier
		old, new core.Reason
	}{
		{"before", trusting(old), "", core.ReasonBadSignature},
		{"verify both", trusting(next, old), "", ""},
		{"drop the old one", trusting(next), core.ReasonBadSignature, ""},
	} {
		mustReason(t, step.verifier, signed(old), step.old)
		mustReason(t, step.verifier, signed(next), step.new)
		mustReason(t, step.verifier, signed(bytes.Repeat([]byte("x"), 32)), core.ReasonBadSignature)
	}
	for name, test := range map[string]struct {
		keys core.KeySource
		algs []core.Algorithm
		want string
	}{
		"none":          {core.Secrets{}, nil, "0 secrets"},
		"five":          {core.Secrets{old, next, make([]byte, 32), make([]byte, 33), make([]byte, 34)}, nil, "5 secrets"},
		"one too short": {core.Secrets{old, next[:31]}, nil, "31 octets"},
		"for the hash":  {core.Secrets{old, make([]byte, 64)}, []core.Algorithm{core.HS512}, "64 for HS512"},
		"twice":         {core.Secrets{old, old}, nil, "twice"},
		"public":        {core.Secrets{old, next}, []core.Algorithm{core.RS256}, "RS256"},
	} {
		_, err := core.New(core.Config{Issuer: "i", Audiences: []string{"a"}, Keys: test.keys, Algorithms: test.algs})
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "ooooo") {
			t.Errorf("%s: got %v, want it to say %q", name, err, test.want)
		}
	}
}

// U7: a page of a sibling origin may send the cookie, if it is trusted by name.
func TestU7TrustedOrigins(t *testing.T) {
	s := newStage(t, nil)
	guard := core.Guard{Verifier: s.verifier, Tokens: []core.TokenSource{core.FromCookie("sid", "https://app.test", "https://app.test:8443")}}.MustValidate()
	for _, test := range []struct {
		name, origin, site string
		want               core.Reason
	}{
		{"the trusted one", "https://app.test", "same-site", ""},
		{"with a port", "https://app.test:8443", "same-site", ""},
		{"an old browser", "https://app.test", "", ""},
		{"over http", "http://app.test", "cross-site", core.ReasonCrossOrigin},
		{"another port", "https://app.test:9443", "same-site", core.ReasonCrossOrigin},
		{"upper case", "https://APP.test", "same-site", core.ReasonCrossOrigin},
		{"a longer name", "https://app.test.evil.test", "cross-site", core.ReasonCrossOrigin},
		{"no origin", "", "same-site", core.ReasonCrossOrigin},
		{"null", "null", "cross-site", core.ReasonCrossOrigin},
	} {
		header := http.Header{"Cookie": {"sid=" + s.Token(nil)}}
		for name, value := range map[string]string{"Origin": test.origin, "Sec-Fetch-Site": test.site} {
			if value != "" {
				header.Set(name, value)
			}
		}
		if _, err := guard.Check(t.Context(), fake{"POST", "api.test", "", header}); reasonOf(err) != test.want {
			t.Errorf("%s: got %q, want %q", test.name, reasonOf(err), test.want)
		}
	}
}

// U10: a line that says what ClaimIn got and what it wants.
func TestU10ClaimInSaysBoth(t *testing.T) {
	for members, want := range map[string]string{
		`"tier":"tin"`:     `"tier": got "tin", want gold or 3`,
		`"tier":["a","b"]`: `"tier": got "[\"a\",\"b\"]", want gold or 3`,
		``:                 `"tier": got "none", want gold or 3`,
		`"tier":"` + strings.Repeat("x", 99) + `"`: `"tier": got "` + strings.Repeat("x", 64) + `...", want gold or 3`,
	} {
		err := core.Require(core.NewContext(t.Context(), verified(t, members)), core.ClaimIn([]string{"tier"}, "gold", 3))
		if cause := errors.Unwrap(err); cause == nil || cause.Error() != want {
			t.Errorf("got %v, want %s", cause, want)
		}
	}
}

// U17: the words for a missing token fit every place that it may come from.
func TestU17NoTokenInAnyPlace(t *testing.T) {
	if got := core.RefusalOf(core.ErrNoToken); got.Error() == "" {
		t.Error("got no words")
	}
	s := newStage(t, nil)
	_, err := core.Guard{Verifier: s.verifier, Tokens: []core.TokenSource{core.FromCookie("sid")}}.Check(t.Context(), get())
	if got := err.Error(); got != "a token is required" {
		t.Errorf("got %q, want words that name no bearer", got)
	}
}
