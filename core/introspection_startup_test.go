package core_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// I17: New names every mistake in an Introspection, and every one of them at once.
func TestIntrospectionMistakes(t *testing.T) {
	p384, err1 := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	p256, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	t.Setenv("GODEBUG", "rsa1024min=0")
	short, err3 := rsa.GenerateKey(rand.Reader, 1024)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name string
		edit func(*core.Config, *core.Introspection)
		want string // "" is no mistake
	}{
		{"good", nil, ""},
		{"by its metadata", func(_ *core.Config, i *core.Introspection) { i.URL = "" }, ""},
		{"http to loopback", func(_ *core.Config, i *core.Introspection) { i.URL = "http://127.0.0.1:9000/introspect" }, ""},
		{"http on purpose", func(_ *core.Config, i *core.Introspection) {
			i.URL, i.InsecureHTTP = "http://issuer.test/introspect", true
		}, ""},
		{"a key", func(_ *core.Config, i *core.Introspection) { i.Secret, i.Key = nil, p256 }, ""},
		{"what counts of Fetch", func(_ *core.Config, i *core.Introspection) { i.Timeout, i.MaxBytes = time.Second, 1<<16 }, ""},
		{"keys of JWTs", func(c *core.Config, i *core.Introspection) {
			i.Keys, c.Algorithms, c.TokenCache = core.Discovery{}, []core.Algorithm{core.ES256}, 10
		}, ""},
		{"a secret of JWTs", func(_ *core.Config, i *core.Introspection) { i.Keys = core.Secret(strings.Repeat("s", 32)) }, ""},

		{"http", func(_ *core.Config, i *core.Introspection) { i.URL = "http://issuer.test/introspect" }, "Introspection.URL is not usable"},
		{"no URL", func(_ *core.Config, i *core.Introspection) { i.URL = "issuer.test" }, "Introspection.URL is not usable"},
		{"credentials in the URL", func(_ *core.Config, i *core.Introspection) { i.URL = "https://a:hunter2@issuer.test/" }, "user information"},
		{"an issuer that is no URL", func(c *core.Config, i *core.Introspection) { i.URL, c.Issuer = "", "acme" }, "from which Introspection derives"},
		{"no client", func(_ *core.Config, i *core.Introspection) { i.ClientID = "" }, "Introspection.ClientID is empty"},
		{"a client of control characters", func(_ *core.Config, i *core.Introspection) { i.ClientID = "a\n" }, `Introspection.ClientID is "a\n"`},
		{"a client of odd octets", func(_ *core.Config, i *core.Introspection) { i.ClientID = "\xff" }, "UTF-8"},
		{"neither", func(_ *core.Config, i *core.Introspection) { i.Secret = nil }, "neither Secret nor Key"},
		{"an empty secret", func(_ *core.Config, i *core.Introspection) { i.Secret = core.Secret{} }, "neither Secret nor Key"},
		{"both", func(_ *core.Config, i *core.Introspection) { i.Key = p256 }, "a Secret beside a Key"},
		{"a line for a secret", func(_ *core.Config, i *core.Introspection) { i.Secret = core.Secret("hunter2\n") }, "the end of a line"},
		{"P-384", func(_ *core.Config, i *core.Introspection) { i.Secret, i.Key = nil, p384 }, `Introspection.Key is not usable: got a key for ["ES384"]`},
		{"a short RSA key", func(_ *core.Config, i *core.Introspection) { i.Secret, i.Key = nil, short }, "Introspection.Key is not usable"},
		{"a nil pointer", func(_ *core.Config, i *core.Introspection) { i.Secret, i.Key = nil, (*ecdsa.PrivateKey)(nil) }, "Introspection.Key is not usable"},
		{"negative MaxAge", func(_ *core.Config, i *core.Introspection) { i.MaxAge = -1 }, "Introspection.MaxAge is -1ns"},
		{"MaxAge without a unit", func(_ *core.Config, i *core.Introspection) { i.MaxAge = 10 }, "nanoseconds"},
		{"MaxAge of days", func(_ *core.Config, i *core.Introspection) { i.MaxAge = 25 * time.Hour }, "Introspection.MaxAge is 25h0m0s"},
		{"negative Max", func(_ *core.Config, i *core.Introspection) { i.Max = -1 }, "Introspection.Max is -1"},
		{"Timeout without a unit", func(_ *core.Config, i *core.Introspection) { i.Timeout = 5 }, "Fetch.Timeout is 5ns"},
		{"negative MaxBytes", func(_ *core.Config, i *core.Introspection) { i.MaxBytes = -1 }, "Fetch.MaxBytes is -1"},
		{"Fetch.MaxAge", func(_ *core.Config, i *core.Introspection) { i.Fetch.MaxAge = time.Minute }, "Introspection.Fetch.MaxAge is set"},
		{"Fetch.MaxStale", func(_ *core.Config, i *core.Introspection) { i.MaxStale = time.Minute }, "Introspection.Fetch.MaxStale is set"},
		{"Fetch.Cooldown", func(_ *core.Config, i *core.Introspection) { i.Cooldown = time.Minute }, "Introspection.Fetch.Cooldown is set"},
		{"Fetch.MaxKeys", func(_ *core.Config, i *core.Introspection) { i.MaxKeys = 1 }, "Introspection.Fetch.MaxKeys is set"},
		{"Fetch.Store", func(_ *core.Config, i *core.Introspection) { i.Store = core.DirStore("x") }, "Introspection.Fetch.Store is set"},
		{"within itself", func(_ *core.Config, i *core.Introspection) { i.Keys = *i }, "another Introspection"},
		{"keys that are not usable", func(_ *core.Config, i *core.Introspection) { i.Keys = core.JWKS{} }, "JWKS.URL is not usable"},
		{"a pointer", func(_ *core.Config, i *core.Introspection) { i.Keys = &core.JWKS{} }, "Keys is not usable: got a *core.JWKS"},
		{"Algorithms without keys", func(c *core.Config, _ *core.Introspection) { c.Algorithms = []core.Algorithm{core.ES256} }, "Algorithms is set beside an Introspection without Keys"},
		{"Types without keys", func(c *core.Config, _ *core.Introspection) { c.Types = []string{"JWT"} }, "Types is set beside"},
		{"a Profile without keys", func(c *core.Config, _ *core.Introspection) { c.Profile = core.ProfileRFC9068 }, "Profile is set beside"},
		{"a TokenCache without keys", func(c *core.Config, _ *core.Introspection) { c.TokenCache = 1 }, "TokenCache is set beside"},
		{"a Profile of ID tokens", func(c *core.Config, i *core.Introspection) { i.Keys, c.Profile = core.Discovery{}, core.ProfileIDToken }, "ID token"},
		{"HMAC beside public keys", func(c *core.Config, i *core.Introspection) {
			i.Keys, c.Algorithms = core.Discovery{}, []core.Algorithm{core.HS256}
		}, "HMAC needs a Secret"},
		{"ES256 beside a secret", func(c *core.Config, i *core.Introspection) {
			i.Keys, c.Algorithms = core.Secret(strings.Repeat("s", 32)), []core.Algorithm{core.ES256}
		}, "beside a Secret"},
	} {
		t.Run(row.name, func(t *testing.T) {
			config := jwttest.NewIssuer("").OpaqueConfig()
			asked := config.Keys.(core.Introspection)
			if row.edit != nil {
				row.edit(&config, &asked)
			}
			config.Keys = asked
			_, err := core.New(config)
			if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want nothing of a secret", err)
			}
		})
	}
	_, err := core.New(core.Config{Issuer: "https://issuer.test", Audiences: []string{"a"}, TokenCache: 1, Keys: core.Introspection{MaxAge: -1, Max: -1, URL: "x", Fetch: core.Fetch{MaxKeys: 1}}})
	for _, want := range []string{"URL", "ClientID", "neither", "MaxAge", "Introspection.Max ", "MaxKeys", "TokenCache"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q as well", err, want)
		}
	}
}

// I18: an opaque token names no issuer, so that one alone can be asked, and no tenant.
func TestIntrospectionOfOneIssuer(t *testing.T) {
	one, two := jwttest.NewIssuer("https://one.test"), jwttest.NewIssuer("https://two.test")
	if _, err := core.New(one.OpaqueConfig(), two.OpaqueConfig()); err == nil || !strings.Contains(err.Error(), `"https://two.test": a second Config has an Introspection`) {
		t.Errorf("got %v, want the second refused", err)
	}
	tenants := core.Tenants{
		Allow:  func(string) bool { return true },
		Config: func(_ context.Context, _ string) (core.Config, error) { return two.OpaqueConfig(), nil },
	}
	v, err := core.NewTenants(tenants, one.OpaqueConfig())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), one.Opaque(nil)); err != nil {
		t.Errorf("got %v for a fixed issuer beside tenants, want its token to pass", err)
	}
	if _, err := v.Verify(t.Context(), two.Token(nil)); reasonOf(err) != core.ReasonMisconfigured || !strings.Contains(errors.Unwrap(err).Error(), "tenant") {
		t.Errorf("got %v, want a tenant's Introspection refused as misconfigured", errors.Unwrap(err))
	}
}

// I19: Ready finds the endpoint, and asks about no token.
func TestIntrospectionIsReady(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	config := issuer.OpaqueConfig()
	asked := config.Keys.(core.Introspection)
	asked.URL = ""
	config.Keys = asked
	v := mustNew(t, config)
	issuer.Misbehave(jwttest.Fail(500))
	if err := v.Ready(t.Context()); core.RefusalOf(err).Reason != core.ReasonIntrospectionUnavailable {
		t.Errorf("got %v while the metadata cannot be had, want introspection_unavailable", err)
	}
	issuer.Recover()
	if err := v.Ready(t.Context()); err != nil {
		t.Errorf("got %v, want it ready", err)
	}
	if _, err := v.Verify(t.Context(), issuer.Opaque(nil)); err != nil || issuer.MetadataFetches() != 2 || issuer.Introspections() != 1 {
		t.Errorf("got %v after %d fetches and %d calls, want 2 and 1", err, issuer.MetadataFetches(), issuer.Introspections())
	}
	if s := v.Stats()[0]; s.State != core.KeysStatic || s.Keys != 0 || s.Introspection.Calls != 1 {
		t.Errorf("got %+v, want no keys and one call", s)
	}
	if s := mustNew(t, issuer.Config()).Stats()[0]; s.Introspection != nil {
		t.Errorf("got %+v of an issuer that is not asked, want nil", s.Introspection)
	}
}

// I20: neither the secret nor the key of a client is printed with the Config that holds it.
func TestIntrospectionIsPrintedByNobody(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	number, err := key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	var private crypto.Signer = key
	config := core.Config{Keys: core.Introspection{ClientID: "me", Secret: core.Secret("hunter2"), Key: private}}
	text, err := json.Marshal(struct{ Keys core.KeySource }{config.Keys})
	if err != nil {
		t.Fatal(err)
	}
	all := string(text) + fmt.Sprintf("%v %+v %#v %s %x", config, config, config, config.Keys, config.Keys)
	decimal := fmt.Sprint(number)
	for _, secret := range []string{"hunter2", "68756e", fmt.Sprintf("%x", number), decimal[1 : len(decimal)-1], "PrivateKey"} {
		if strings.Contains(all, secret) {
			t.Errorf("got %q in %s", secret, all)
		}
	}
	if !strings.Contains(all, `[introspection as "me"]`) {
		t.Errorf("got %s, want who asks", all)
	}
}
