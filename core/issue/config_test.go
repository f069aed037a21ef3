package issue_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
)

func TestMistakes(t *testing.T) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := issue.Ring{Store: &memory{}, Sealer: sealer()}
	ring := func(change func(*issue.Ring)) issue.Config {
		r := good
		change(&r)
		return issue.Config{Issuer: issuerURL, Keys: r}
	}
	key32 := make([]byte, 32)
	for _, tt := range []struct {
		name   string
		config issue.Config
		want   []string
	}{
		{"nothing set", issue.Config{}, []string{"Issuer is empty", "Keys is nil"}},
		{"http", issue.Config{Issuer: "http://login.example.com", Keys: good}, []string{"want https unless the host is loopback"}},
		{"no URL", issue.Config{Issuer: "shop", Keys: good}, []string{`got URL "shop"`}},
		{"query", issue.Config{Issuer: issuerURL + "?a=b", Keys: good}, []string{"with a query"}},
		{"fragment", issue.Config{Issuer: issuerURL + "#a", Keys: good}, []string{"with a fragment"}},
		{"dot segments", issue.Config{Issuer: issuerURL + "/a/../b", Keys: good}, []string{"dot segments"}},
		{"one dot", issue.Config{Issuer: issuerURL + "/a/./b", Keys: good}, []string{"dot segments"}},
		{"an empty segment", issue.Config{Issuer: issuerURL + "/a//b", Keys: good}, []string{"empty and dot segments"}},
		{"escapes", issue.Config{Issuer: issuerURL + "/a%2fb", Keys: good}, []string{"escapes"}},
		{"several at once", issue.Config{Issuer: issuerURL, Keys: issue.Ring{Every: 1, Ahead: -1}, Lifetime: 25 * time.Hour, Type: "at+jwt; v=1"},
			[]string{"Lifetime is 25h", "Type is", "Ring.Store is nil", "Ring.Every is 1ns", "Ring.Ahead is -1ns"}},
		{"lifetime without a unit", issue.Config{Issuer: issuerURL, Keys: good, Lifetime: 900}, []string{"Lifetime is 900ns", "900 * time.Second"}},
		{"type with a parameter", issue.Config{Issuer: issuerURL, Keys: good, Type: "at+jwt;v=1"}, []string{`Type is "at+jwt;v=1"`}},
		{"type with a blank", issue.Config{Issuer: issuerURL, Keys: good, Type: "at jwt"}, []string{`Type is "at jwt"`}},
		{"type beyond ASCII", issue.Config{Issuer: issuerURL, Keys: good, Type: "jwt\x7f"}, []string{"Type is"}},
		{"a pointer", issue.Config{Issuer: issuerURL, Keys: &good}, []string{"*issue.Ring", "no pointer"}},
		{"no sealer", ring(func(r *issue.Ring) { r.Sealer = nil }), []string{"Ring.Sealer is nil"}},
		{"sealing key of 16 octets", ring(func(r *issue.Ring) { r.Sealer = issue.SealWith(key32, key32[:16]) }), []string{"key 2 has 16 octets, want 32"}},
		{"no sealing key", ring(func(r *issue.Ring) { r.Sealer = issue.SealWith() }), []string{"got no key"}},
		{"bad sealing key over a file", issue.Config{Issuer: issuerURL, Keys: issue.Ring{Store: issue.FileStore("x"), Sealer: issue.SealWith(nil)}}, []string{"has 0 octets"}},
		{"no path", issue.Config{Issuer: issuerURL, Keys: issue.Ring{Store: issue.FileStore("")}}, []string{"without a path"}},
		{"ahead too short", ring(func(r *issue.Ring) { r.Ahead = 16*time.Minute - 1 }), []string{"Ring.Ahead is 15m59.9"}},
		{"ahead shorter than max-age", ring(func(r *issue.Ring) { r.MaxAge = 1<<63 - 1 }), []string{"Ring.Ahead is 24h"}},
		{"every shorter than ahead", ring(func(r *issue.Ring) { r.Every = 23 * time.Hour }), []string{"Ring.Every is 23h"}},
		{"a ring of secrets", ring(func(r *issue.Ring) { r.Algorithm = core.HS256 }), []string{`Ring.Algorithm is "HS256"`}},
		{"none", ring(func(r *issue.Ring) { r.Algorithm = "none" }), []string{`Ring.Algorithm is "none"`}},
		{"no directory", issue.Config{Issuer: issuerURL, Keys: issue.KeyDir("")}, []string{"KeyDir is empty"}},
		{"no signer", issue.Config{Issuer: issuerURL, Keys: issue.Signers{}}, []string{"Signers is empty"}},
		{"signers", issue.Config{Issuer: issuerURL, Keys: issue.Signers{{}, {Key: (*ecdsa.PrivateKey)(nil)}, {Key: p256, Algorithm: core.RS256}, {Key: p256, ID: strings.Repeat("x", 257)}}},
			[]string{"Signers[0]: Key is not usable: got no key", "Signers[1]: Key is not usable: panic", `Signers[2]: Key is not usable: got algorithm "RS256"`, "Signers[3]: ID is"}},
		{"two that sign at once", issue.Config{Issuer: issuerURL, Keys: issue.Signers{{Key: p256}, {Key: p256}}}, []string{"ID", "which of them signs"}},
		{"weak key", issue.Config{Issuer: issuerURL, Keys: issue.Signers{{Key: weak(t), Algorithm: core.RS256}}}, []string{"rsa_size"}},
		{"no secret", issue.Config{Issuer: issuerURL, Keys: issue.Secrets{}}, []string{"Secrets has 0 entries"}},
		{"five secrets, one short", issue.Config{Issuer: issuerURL, Keys: issue.Secrets{key32, key32, key32, key32, key32[:31]}}, []string{"5 entries, want 1 to 4", "Secrets[4] has 31 octets"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i, err := issue.New(tt.config)
			if err == nil || i != nil {
				t.Fatalf("got %v, want an error", i)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
			for _, line := range strings.Split(err.Error(), "\n") {
				if !strings.HasPrefix(line, "jwtmw: issue: ") {
					t.Errorf("got line %q, want the prefix", line)
				}
			}
		})
	}
}

// weak is a key that no verifier takes.
func weak(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestNewDoesNoIO(t *testing.T) {
	store := &memory{}
	newIssuer(t, issue.Ring{Store: store, Sealer: sealer()})
	if store.loads+store.swaps > 0 {
		t.Errorf("got %d loads and %d swaps, want none", store.loads, store.swaps)
	}
	newIssuer(t, issue.KeyDir("/nowhere/at/all"))
}

func TestGoodIssuers(t *testing.T) {
	for _, issuer := range []string{"https://login.example.com", "https://login.example.com/", "https://h/a/b", "http://127.0.0.1:8080", "http://localhost:8080/x"} {
		if _, err := issue.New(issue.Config{Issuer: issuer, Keys: issue.Secrets{make([]byte, 32)}}); err != nil {
			t.Errorf("%s: got %v, want none", issuer, err)
		}
	}
}

// The last values that are good still.
func TestBoundsOfConfig(t *testing.T) {
	for name, config := range map[string]issue.Config{
		"shortest lifetime": {Lifetime: time.Second}, "longest lifetime": {Lifetime: 24 * time.Hour}, "type of the last character": {Type: "!~"},
	} {
		config.Issuer, config.Keys = issuerURL, issue.Secrets{make([]byte, 32)}
		if _, err := issue.New(config); err != nil {
			t.Errorf("%s: got %v, want none", name, err)
		}
	}
}

func TestZeroIssuer(t *testing.T) {
	var i issue.Issuer
	if _, err := i.Sign(t.Context(), alice()); err == nil {
		t.Error("Sign: got no error, want one")
	}
	if err := i.Ready(t.Context()); err == nil {
		t.Error("Ready: got no error, want one")
	}
	if got := get(t, &i, jwksPath).Code; got != 500 {
		t.Errorf("ServeHTTP: got %d, want 500", got)
	}
	if _, err := core.New(i.Config(api)); err == nil || !strings.Contains(err.Error(), "want one made by New") {
		t.Errorf("Config: got %v, want an error that says where an Issuer comes from", err)
	}
	for name, f := range map[string]func(context.Context) error{"Rotate": i.Rotate, "Replace": i.Replace} {
		if err := f(t.Context()); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
	if got := i.Stats(); len(got) > 0 {
		t.Errorf("Stats: got %v, want none", got)
	}
}

// What is printed, logged or marshalled holds no secret.
func TestNothingPrintsASecret(t *testing.T) {
	secret := bytes.Repeat([]byte("K"), 32)
	config := issue.Config{Issuer: issuerURL, Keys: issue.Secrets{secret}}
	i, err := issue.New(config)
	if err != nil {
		t.Fatal(err)
	}
	private := ed25519Key(t)
	signers := issue.Config{Issuer: issuerURL, Keys: issue.Signers{{ID: "one", Key: private, Algorithm: core.EdDSA}}}
	ring := issue.Config{Issuer: issuerURL, Keys: issue.Ring{Store: &memory{}, Sealer: issue.SealWith(secret)}}
	for _, value := range []any{config, config.Keys, i, *i, signers, signers.Keys, newIssuer(t, signers.Keys), ring} {
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", value)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", value)
		encoded, _ := json.Marshal(value)
		texts := []string{string(encoded), log.String()}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			texts = append(texts, fmt.Sprintf(verb, value))
		}
		for _, text := range texts {
			for _, leak := range []string{"KKKK", "75 75 75", "4b4b4b", "0x4b, 0x4b", "S0tLS0", fmt.Sprint([]byte(private))[1:20], fmt.Sprintf("%x", []byte(private))[:20]} {
				if strings.Contains(text, leak) {
					t.Errorf("%T: got %q in %.200q, want no secret", value, leak, text)
				}
			}
		}
	}
	if got := fmt.Sprintf("%v %d", i, *i); got != "[issuer "+issuerURL+"] [issuer "+issuerURL+"]" {
		t.Errorf("got %q, want the name twice", got)
	}
	if got := fmt.Sprintf("%v %d", config.Keys, config.Keys); got != "[secret] [secret]" {
		t.Errorf("got %q, want [secret] twice", got)
	}
}

// What New was given may be changed afterwards.
func TestGivenIsCopied(t *testing.T) {
	secret := bytes.Repeat([]byte("K"), 32)
	sealing := bytes.Repeat([]byte("L"), 32)
	private := ed25519Key(t)
	signers := issue.Signers{{Key: private, Algorithm: core.EdDSA}}
	store := &memory{}
	bySecret := newIssuer(t, issue.Secrets{secret})
	bySigner := newIssuer(t, signers)
	byRing := newIssuer(t, issue.Ring{Store: store, Sealer: issue.SealWith(sealing)})
	config := bySecret.Config(api)
	clear(secret)
	clear(sealing)
	clear(private)
	signers[0] = issue.Signer{}

	if _, err := verify(t, bySigner, sign(t, bySigner), core.EdDSA); err != nil {
		t.Errorf("Signers: got %v, want a token that verifies", core.RefusalOf(err).Unwrap())
	}
	v, err := core.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), sign(t, bySecret)); err != nil {
		t.Errorf("Secrets: got %v, want a token that verifies", err)
	}
	sign(t, byRing)
	if _, err := issue.SealWith(bytes.Repeat([]byte("L"), 32)).Open(t.Context(), store.document); err != nil {
		t.Errorf("SealWith: got %v, want the document sealed with the key as it was", err)
	}
}
