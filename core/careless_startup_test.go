package core_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// What a careful person may still configure, and what must not come of it.

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
		"full": {Verifier: s.verifier, Realm: `the ~ "orders" service`, ResourceMetadata: "https://api.test/.well-known/oauth-protected-resource",
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
