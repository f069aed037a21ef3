package core_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// spare is an issuer whose keys nobody trusts.
var spare = jwttest.NewIssuer("https://spare.test")

// mistakes are what New must refuse, each with words that its error must hold.
var mistakes = []struct {
	name  string
	spoil func(*core.Config)
	want  []string
}{
	{"A17b no issuer", func(c *core.Config) { c.Issuer = "" }, []string{"Issuer", `""`}},
	{"A17b no audience and no client", func(c *core.Config) { c.Audiences = nil }, []string{"Audiences", "Clients"}},
	{"A17b empty audience", func(c *core.Config) { c.Audiences = []string{"a", ""} }, []string{"Audiences", `"a" ""`}},
	{"A17b empty client", func(c *core.Config) { c.Clients = []string{""} }, []string{"Clients", `""`}},
	{"empty name in RolesAt", func(c *core.Config) { c.RolesAt = []string{"realm", ""} }, []string{"RolesAt", `"realm" ""`}},
	{"empty name in PermissionsAt", func(c *core.Config) { c.PermissionsAt = []string{""} }, []string{"PermissionsAt", `""`}},
	{"A16d leeway above 5 minutes", func(c *core.Config) { c.Leeway = 5*time.Minute + 1 }, []string{"Leeway", "5m0.000000001s", "5m0s"}},
	{"A16d negative leeway", func(c *core.Config) { c.Leeway = -2 }, []string{"Leeway", "-2ns", "NoLeeway"}},
	{"negative MaxAge", func(c *core.Config) { c.MaxAge = -time.Second }, []string{"MaxAge", "-1s"}},
	{"negative TokenCache", func(c *core.Config) { c.TokenCache = -1 }, []string{"TokenCache", "-1"}},
	{"type with a parameter", func(c *core.Config) { c.Types = []string{"at+jwt; v=1"} }, []string{"Types", `"at+jwt; v=1"`}},
	{"two types in one", func(c *core.Config) { c.Types = []string{"jwt,at+jwt"} }, []string{"Types", `"jwt,at+jwt"`}},
	{"type outside ASCII", func(c *core.Config) { c.Types = []string{"\u212ab+jwt"} }, []string{"Types", "\u212ab+jwt"}},
	{"A01 none", func(c *core.Config) { c.Algorithms = []core.Algorithm{"RS256", "none"} }, []string{"Algorithms", `"none"`}},
	{"A01 nOnE", func(c *core.Config) { c.Algorithms = []core.Algorithm{"nOnE"} }, []string{"Algorithms", `"nOnE"`}},
	{"unknown algorithm", func(c *core.Config) { c.Algorithms = []core.Algorithm{"ES256K"} }, []string{"Algorithms", `"ES256K"`, `"RS256"`}},
	{"empty algorithm", func(c *core.Config) { c.Algorithms = []core.Algorithm{""} }, []string{"Algorithms", `""`}},
	{"algorithm in lower case", func(c *core.Config) { c.Algorithms = []core.Algorithm{"rs256"} }, []string{"Algorithms", `"rs256"`}},
	{"A03 HMAC beside Discovery", func(c *core.Config) { c.Algorithms = []core.Algorithm{"HS256"} }, []string{"Algorithms", `"HS256"`, "Secret"}},
	{"A03 HMAC beside a JWKS", func(c *core.Config) {
		c.Keys, c.Algorithms = core.JWKS{URL: "https://issuer.test/jwks"}, []core.Algorithm{"RS256", "HS512"}
	}, []string{"Algorithms", `"HS512"`, "Secret"}},
	{"A03 RS256 beside a Secret", func(c *core.Config) { c.Keys, c.Algorithms = core.Secret(make([]byte, 32)), []core.Algorithm{"RS256"} }, []string{`"RS256"`, "Secret"}},
	{"A11 empty secret", func(c *core.Config) { c.Keys = core.Secret(nil) }, []string{"Secret", "0 octets", "32"}},
	{"A11 secret of 31 octets", func(c *core.Config) { c.Keys = core.Secret(make([]byte, 31)) }, []string{"Secret", "31 octets", "32", "HS256"}},
	{"A11 secret of 47 octets for HS384", func(c *core.Config) {
		c.Keys, c.Algorithms = core.Secret(make([]byte, 47)), []core.Algorithm{"HS384"}
	}, []string{"Secret", "47 octets", "48", "HS384"}},
	{"A11 secret of 63 octets for HS512", func(c *core.Config) {
		c.Keys, c.Algorithms = core.Secret(make([]byte, 63)), []core.Algorithm{"HS256", "HS512"}
	}, []string{"Secret", "63 octets", "64", "HS512"}},
	{"issuer that is no URL under Discovery", func(c *core.Config) { c.Issuer = "acme.com" }, []string{"Issuer", `"acme.com"`, "https"}},
	{"issuer over http under Discovery", func(c *core.Config) { c.Issuer = "http://issuer.test" }, []string{"Issuer", `"http://issuer.test"`}},
	{"Discovery over http", func(c *core.Config) { c.Keys = core.Discovery{URL: "http://issuer.test/x"} }, []string{"Discovery.URL", `"http://issuer.test/x"`}},
	{"JWKS without URL", func(c *core.Config) { c.Keys = core.JWKS{} }, []string{"JWKS.URL", `""`}},
	{"JWKS over http", func(c *core.Config) { c.Keys = core.JWKS{URL: "http://10.0.0.1/jwks"} }, []string{"JWKS.URL", `"http://10.0.0.1/jwks"`}},
	{"JWKS of a file", func(c *core.Config) { c.Keys = core.JWKS{URL: "file:///etc/keys"} }, []string{"JWKS.URL", `"file:///etc/keys"`}},
	{"negative durations", func(c *core.Config) {
		c.Keys = core.JWKS{URL: "https://issuer.test", Fetch: core.Fetch{MaxAge: -1, MaxStale: -2, Cooldown: -3, Timeout: -4}}
	}, []string{"Fetch.MaxAge", "-1ns", "Fetch.MaxStale", "-2ns", "Fetch.Cooldown", "-3ns", "Fetch.Timeout", "-4ns"}},
	{"negative limits", func(c *core.Config) { c.Keys = core.Discovery{Fetch: core.Fetch{MaxBytes: -1, MaxKeys: -2}} }, []string{"MaxBytes", "-1", "MaxKeys", "-2"}},
	{"no key set", func(c *core.Config) { c.Keys = core.JWKSDocument(nil) }, []string{"JWKSDocument"}},
	{"key set without a key", func(c *core.Config) { c.Keys = core.JWKSDocument(`{"keys":[]}`) }, []string{"JWKSDocument"}},
	{"A22b key set of secrets", func(c *core.Config) {
		c.Keys = core.JWKSDocument(`{"keys":[{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}`)
	}, []string{"JWKSDocument", "secret 1"}},
	{"no key file", func(c *core.Config) { c.Keys = core.JWKSFile("") }, []string{"JWKSFile"}},
	{"no PEM", func(c *core.Config) { c.Keys = core.PEM(nil) }, []string{"PEM"}},
	{"PEM whose key fits no algorithm", func(c *core.Config) {
		c.Keys, c.Algorithms = core.PEM(spare.PublicKeyPEM("ES256")), []core.Algorithm{"RS256", "ES384"}
	}, []string{"PEM", `"RS256" "ES384"`}},
	{"PEM with two keys for one algorithm", func(c *core.Config) {
		c.Keys = core.PEM(string(spare.PublicKeyPEM("RS256")) + string(spare.PublicKeyPEM("RS384")))
	}, []string{"PEM", "RS256", "JWKSDocument"}},
	{"key set whose keys fit no algorithm", func(c *core.Config) {
		c.Keys, c.Algorithms = core.JWKSDocument(spare.JWKS()), []core.Algorithm{"Ed25519"}
	}, []string{"JWKSDocument", `"Ed25519"`}},
	{"A11 short secret beside the wrong algorithm", func(c *core.Config) {
		c.Keys, c.Algorithms = core.Secret("short"), []core.Algorithm{"RS256"}
	}, []string{"5 octets", "32", `"RS256" beside a Secret`}},
	{"PEM that is none", func(c *core.Config) { c.Keys = core.PEM("ssh-rsa AAAA") }, []string{"PEM"}},
	{"C12 nil pointer to a source", func(c *core.Config) { c.Keys = (*core.JWKS)(nil) }, []string{"Keys", "*core.JWKS"}},
	{"C12 pointer to a Secret", func(c *core.Config) { c.Keys = new(core.Secret) }, []string{"Keys", "*core.Secret"}},
}

func goodConfig() core.Config {
	return core.Config{Issuer: "https://issuer.test", Audiences: []string{"https://api.test"}}
}

func TestNewRefuses(t *testing.T) {
	for _, test := range mistakes {
		t.Run(test.name, func(t *testing.T) {
			config := goodConfig()
			test.spoil(&config)
			v, err := core.New(config)
			if err == nil || v != nil {
				t.Fatalf("got %v, %v, want an error", v, err)
			}
			for _, want := range append(test.want, fmt.Sprintf("%q", config.Issuer)) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got error %q, want it to name %q", err, want)
				}
			}
		})
	}
}

// A secret must not stand in the error that refuses it.
func TestNewKeepsSecrets(t *testing.T) {
	config := goodConfig()
	config.Keys = core.Secret("correct horse battery staple")
	if _, err := core.New(config); err == nil || strings.Contains(err.Error(), "horse") {
		t.Errorf("got error %v, want one that does not quote the secret", err)
	}
}

func TestNewNamesEveryMistake(t *testing.T) {
	first := core.Config{Leeway: time.Hour, MaxAge: -1, TokenCache: -1, Algorithms: []core.Algorithm{"none", "HS256", "x"}, Types: []string{"a b"}, Keys: core.JWKS{}}
	second := goodConfig()
	second.Audiences = nil
	third := goodConfig()
	_, err := core.New(first, second, third)
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{
		"Issuer is empty", "Audiences nor Clients", "Leeway", "MaxAge", "TokenCache", `"none"`, `"HS256"`, `"x"`, `"a b"`, "JWKS.URL", "second Config",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got error %q, want it to name %s too", err, want)
		}
	}
}

func TestNewWithoutConfig(t *testing.T) {
	if v, err := core.New(); err == nil || v != nil {
		t.Errorf("got %v, %v, want an error", v, err)
	}
	if _, err := core.New(goodConfig(), goodConfig()); err == nil || !strings.Contains(err.Error(), "second Config") {
		t.Errorf("got error %v, want it to name the second Config of one issuer", err)
	}
}

func TestMustGuard(t *testing.T) {
	if g := core.MustGuard(goodConfig()); g.Verifier == nil {
		t.Error("got no Verifier")
	}
	defer func() {
		if got := recover(); got == nil {
			t.Error("got no panic for a bad Config")
		}
	}()
	core.MustGuard(core.Config{})
}

// New takes copies: what the caller changes later changes nothing.
func TestNewCopies(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	config := core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Algorithms: []core.Algorithm{core.RS256}, Types: []string{"JWT"}, Keys: core.JWKSDocument(issuer.JWKS())}
	v := mustNew(t, config)
	config.Audiences[0], config.Algorithms[0], config.Types[0] = "x", core.ES256, "x"
	clear(config.Keys.(core.JWKSDocument))
	if _, err := v.Verify(t.Context(), issuer.Token(nil)); err != nil {
		t.Errorf("got %v, want the token to pass", err)
	}

	secret := issuer.Secret("HS256")
	hmac := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.Secret(secret)})
	clear(secret)
	if _, err := hmac.Verify(t.Context(), issuer.Token(nil, jwttest.Algorithm("HS256"))); err != nil {
		t.Errorf("got %v, want the token to pass", err)
	}
}

// A Config ends up in logs sooner or later.
func TestSecretIsNotPrinted(t *testing.T) {
	config := core.Config{Keys: core.Secret("correct horse battery staple, again and again")}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		text := fmt.Sprintf(verb, config.Keys) + fmt.Sprintf(verb, config)
		for _, leak := range []string{"correct", fmt.Sprintf("%x", "correct"), "99 111 114"} {
			if strings.Contains(text, leak) {
				t.Errorf("%s: got %q, want nothing of the secret", verb, text)
			}
		}
	}
}
