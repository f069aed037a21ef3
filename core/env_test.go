package core_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// setenv sets variables with the prefix API_JWT. PATH and the like stay.
func setenv(t *testing.T, variables map[string]string) {
	t.Helper()
	for name, value := range variables {
		t.Setenv("API_JWT_"+name, value)
	}
}

func TestConfigFromEnv(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	pem := fileOf(t, issuer.PublicKeyPEM("ES256"))
	for _, test := range []struct {
		name      string
		variables map[string]string
		want      core.Config
	}{
		{"nothing", nil, core.Config{}},
		{"issuer and audience", map[string]string{"ISSUER": "https://issuer.test/", "AUDIENCE": "https://api.test"},
			core.Config{Issuer: "https://issuer.test/", Audiences: []string{"https://api.test"}}},
		{"lists", map[string]string{"AUDIENCE": "a, b", "CLIENTS": "web ,app", "ALGORITHMS": "RS256,PS256", "TYPES": "at+jwt,absent"},
			core.Config{Audiences: []string{"a", "b"}, Clients: []string{"web", "app"},
				Algorithms: []core.Algorithm{core.RS256, core.PS256}, Types: []string{"at+jwt", ""}}},
		{"durations", map[string]string{"LEEWAY": "1m", "MAX_AGE": "1h30m", "TOKEN_CACHE": "100"},
			core.Config{Leeway: time.Minute, MaxAge: 90 * time.Minute, TokenCache: 100}},
		{"no leeway", map[string]string{"LEEWAY": "0s"}, core.Config{Leeway: core.NoLeeway}},
		{"JWKS", map[string]string{"JWKS_URL": "https://issuer.test/keys"}, core.Config{Keys: core.JWKS{URL: "https://issuer.test/keys"}}},
		{"Discovery", map[string]string{"DISCOVERY_URL": "https://issuer.test/m"}, core.Config{Keys: core.Discovery{URL: "https://issuer.test/m"}}},
		{"JWKS file", map[string]string{"JWKS_FILE": "/etc/keys.json"}, core.Config{Keys: core.JWKSFile("/etc/keys.json")}},
		{"PEM file", map[string]string{"PEM_FILE": pem}, core.Config{Keys: core.PEM(issuer.PublicKeyPEM("ES256"))}},
		{"secret", map[string]string{"SECRET_FILE": fileOf(t, []byte(" s\n\n"))}, core.Config{Keys: core.Secret(" s\n")}},
		{"secret of another system", map[string]string{"SECRET_FILE": fileOf(t, []byte("s\r\n"))}, core.Config{Keys: core.Secret("s")}},
		{"U6 two secrets", map[string]string{"SECRET_FILE": fileOf(t, []byte("new\n")) + ", " + fileOf(t, []byte("old"))},
			core.Config{Keys: core.Secrets{core.Secret("new"), core.Secret("old")}}},
		{"introspection", map[string]string{"INTROSPECTION_CLIENT_ID": "me", "INTROSPECTION_SECRET_FILE": fileOf(t, []byte("s\n"))},
			core.Config{Keys: core.Introspection{ClientID: "me", Secret: core.Secret("s")}}},
		{"introspection with all there is", map[string]string{"INTROSPECTION_CLIENT_ID": "me", "INTROSPECTION_URL": "https://issuer.test/i",
			"INTROSPECTION_MAX_AGE": "10s", "JWKS_URL": "https://issuer.test/keys"},
			core.Config{Keys: core.Introspection{ClientID: "me", URL: "https://issuer.test/i", MaxAge: 10 * time.Second, Keys: core.JWKS{URL: "https://issuer.test/keys"}}}},
		{"T19 absent twice", map[string]string{"TYPES": "absent,JWT,absent"}, core.Config{Types: []string{"", "JWT", ""}}},
		{"profile", map[string]string{"PROFILE": "RFC9068"}, core.Config{Profile: core.ProfileRFC9068}},
		{"secret of random octets", map[string]string{"SECRET_FILE": fileOf(t, []byte("s\r"))}, core.Config{Keys: core.Secret("s\r")}},
	} {
		t.Run(test.name, func(t *testing.T) {
			setenv(t, test.variables)
			t.Setenv("API_JWTX_ISSUER", "another prefix")
			for _, prefix := range []string{"API_JWT", "API_JWT_"} {
				got, err := core.ConfigFromEnv(prefix)
				if err != nil || !reflect.DeepEqual(got, test.want) {
					t.Errorf("%s: got %+v, %v, want %+v", prefix, got, err, test.want)
				}
			}
		})
	}
}

func TestConfigFromEnvRefuses(t *testing.T) {
	for _, test := range []struct {
		name      string
		variables map[string]string
		want      []string
	}{
		{"misspelt", map[string]string{"AUDIENCES": "a"}, []string{`"API_JWT_AUDIENCES"`, "known"}},
		{"empty", map[string]string{"ISSUER": ""}, []string{`"API_JWT_ISSUER"`, "empty"}},
		{"hole in a list", map[string]string{"AUDIENCE": "a,,b"}, []string{`"API_JWT_AUDIENCE"`, `"a,,b"`}},
		{"duration without a unit", map[string]string{"LEEWAY": "30"}, []string{`"API_JWT_LEEWAY"`, `"30"`}},
		{"negative duration", map[string]string{"LEEWAY": "-1ns"}, []string{`"-1ns"`}},
		{"negative age", map[string]string{"MAX_AGE": "-1h"}, []string{`"API_JWT_MAX_AGE"`, `"-1h"`}},
		{"count that is none", map[string]string{"TOKEN_CACHE": "many"}, []string{`"many"`}},
		{"T7 file that is not there", map[string]string{"SECRET_FILE": "/nowhere/secret"}, []string{`"API_JWT_SECRET_FILE"`, "no such file"}},
		{"misspelt introspection", map[string]string{"INTROSPECTION_SECRET": "hunter2"}, []string{`"API_JWT_INTROSPECTION_SECRET"`, "known"}},
		{"introspection without its file", map[string]string{"INTROSPECTION_SECRET_FILE": "/nowhere/secret"}, []string{`"API_JWT_INTROSPECTION_SECRET_FILE"`, "no such file"}},
		{"introspection of a bare number", map[string]string{"INTROSPECTION_MAX_AGE": "10", "AUDIENCE": "a,,b"}, []string{`"API_JWT_INTROSPECTION_MAX_AGE"`, `"10"`, "AUDIENCE"}},
		{"introspection beside two sources", map[string]string{"INTROSPECTION_CLIENT_ID": "me", "JWKS_URL": "x", "PEM_FILE": "/nowhere"}, []string{"second source"}},
		{"T19 age of nothing", map[string]string{"MAX_AGE": "0s"}, []string{`"API_JWT_MAX_AGE"`, "no limit"}},
		{"U6 hole between secrets", map[string]string{"SECRET_FILE": "a,"}, []string{`"API_JWT_SECRET_FILE"`, "empty element"}},
		{"two sources of keys", map[string]string{"JWKS_URL": "https://issuer.test/keys", "JWKS_FILE": "keys"}, []string{"API_JWT_JWKS_URL", "second"}},
		{"every mistake", map[string]string{"ISSUER": "", "LEEWAY": "x", "SECRET": "s"}, []string{"_ISSUER", "_LEEWAY", "_SECRET"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			setenv(t, test.variables)
			got, err := core.ConfigFromEnv("API_JWT")
			if err == nil {
				t.Fatalf("got %+v, want an error", got)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want it to say %q", err, want)
				}
			}
		})
	}
	if _, err := core.ConfigFromEnv(""); err == nil {
		t.Error("got no error without a prefix, want one")
	}
}

// The value of a variable that is not known may be the secret itself.
func TestConfigFromEnvTellsNoSecret(t *testing.T) {
	setenv(t, map[string]string{"SECRET": "hunter2hunter2", "LEEWAY": "x"})
	if _, err := core.ConfigFromEnv("API_JWT"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v, want an error without the value", err)
	}
}

func TestConfigFromEnvVerifies(t *testing.T) {
	secret := strings.Repeat("s", 32)
	setenv(t, map[string]string{"ISSUER": "https://issuer.test", "AUDIENCE": jwttest.Audience, "SECRET_FILE": fileOf(t, []byte(secret+"\n"))})
	config, err := core.ConfigFromEnv("API_JWT")
	if err != nil {
		t.Fatal(err)
	}
	token := jwttest.NewIssuer("https://issuer.test").Token(nil, jwttest.HMAC("HS256", []byte(secret)))
	if _, err := mustNew(t, config).Verify(t.Context(), token); err != nil {
		t.Errorf("got %v, want claims", err)
	}
}

func fileOf(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A deployment sets API_JWT_ISSUER and API_JWT_AUDIENCE.
func ExampleConfigFromEnv() {
	os.Setenv("API_JWT_ISSUER", "https://login.example.com/")
	os.Setenv("API_JWT_AUDIENCE", "https://api.example.com")
	defer os.Unsetenv("API_JWT_ISSUER")
	defer os.Unsetenv("API_JWT_AUDIENCE")

	config, err := core.ConfigFromEnv("API_JWT")
	fmt.Println(config.Issuer, config.Audiences, err)
	// Output: https://login.example.com/ [https://api.example.com] <nil>
}
