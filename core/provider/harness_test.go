package provider_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// site answers as a provider does: metadata if it has any, and the key set, each
// at its real address and nowhere else.
type site struct {
	*jwttest.Issuer
	metadata string              // URL; "" for none
	keys     string              // URL
	edit     func([]byte) []byte // what the provider's key set looks like; nil: as usual
	asked    func(*http.Request)

	introspection string            // URL; "" for none
	authorization string            // what it wants
	answers       map[string]object // by token
}

func (s *site) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.asked != nil {
		s.asked(r)
	}
	status, body := http.StatusNotFound, []byte("not here")
	switch r.URL.String() {
	case s.metadata:
		status = http.StatusOK
		body, _ = json.Marshal(map[string]string{"issuer": s.URL(), "jwks_uri": s.keys})
	case s.keys:
		status, body = http.StatusOK, s.JWKS()
		if s.edit != nil {
			body = s.edit(body)
		}
	}
	if s.introspection != "" && r.URL.String() == s.introspection {
		status, body = s.introspect(r)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(string(body))), Request: r}, nil
}

// introspect answers about a token, whoever asks as the provider wants it.
func (s *site) introspect(r *http.Request) (status int, body []byte) {
	if r.Method != http.MethodPost || r.Header.Get("Authorization") != s.authorization || r.ParseForm() != nil {
		return http.StatusUnauthorized, []byte(`{"error":"invalid_client"}`)
	}
	answer, known := s.answers[r.PostForm.Get("token")]
	if !known {
		answer = object{"active": false}
	}
	body, _ = json.Marshal(answer)
	return http.StatusOK, body
}

// trial is one token and what must come of it.
type trial struct {
	name    string
	token   string
	want    core.Reason
	grants  []core.Requirement
	refuses []core.Requirement
}

// try holds every trial against the Configs, whose keys come from the site.
func try(t *testing.T, s *site, configs []core.Config, trials []trial) {
	t.Helper()
	for i := range configs {
		configs[i].Keys = through(t, configs[i].Keys, s)
		configs[i].Logger = slog.New(slog.DiscardHandler)
	}
	v, err := core.New(configs...)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range trials {
		t.Run(test.name, func(t *testing.T) {
			claims, err := v.Verify(t.Context(), test.token)
			if got := reasonOf(err); got != test.want {
				t.Fatalf("got %q (%v), want %q", got, core.RefusalOf(err).Unwrap(), test.want)
			}
			if err == nil {
				judge(t, claims, test)
			}
		})
	}
}

func judge(t *testing.T, claims *core.Claims, test trial) {
	t.Helper()
	for i, r := range test.grants {
		if err := core.Require(core.NewContext(t.Context(), claims), r); err != nil {
			t.Errorf("requirement %d: got %v, want it granted", i, core.RefusalOf(err).Unwrap())
		}
	}
	for i, r := range test.refuses {
		if err := core.Require(core.NewContext(t.Context(), claims), r); err == nil {
			t.Errorf("requirement %d: got it granted, want it refused", i)
		}
	}
}

// through sends the fetches of keys to the site.
func through(t *testing.T, keys core.KeySource, s *site) core.KeySource {
	t.Helper()
	client := &http.Client{Transport: s}
	switch keys := keys.(type) {
	case nil:
		return core.Discovery{Fetch: core.Fetch{Client: client}}
	case core.JWKS:
		keys.Client = client
		return keys
	case core.Introspection:
		if keys.Client == nil { // else it authenticates to the provider
			keys.Client = client
		}
		return keys
	}
	t.Fatalf("got keys from a %T, want Discovery, JWKS or Introspection", keys)
	return nil
}

func reasonOf(err error) core.Reason {
	if err == nil {
		return ""
	}
	return core.RefusalOf(err).Reason
}

// with is claims with some of them changed; nil leaves one out.
func with(claims, changes map[string]any) map[string]any {
	changed := maps.Clone(claims)
	maps.Copy(changed, changes)
	return changed
}

// object saves some brackets.
type object = map[string]any

// without takes a member out of every key of a set.
func without(member string) func([]byte) []byte {
	return func(document []byte) []byte {
		var set struct {
			Keys []map[string]any `json:"keys"`
		}
		if err := json.Unmarshal(document, &set); err != nil {
			panic(err)
		}
		for _, key := range set.Keys {
			delete(key, member)
		}
		document, err := json.Marshal(set)
		if err != nil {
			panic(err)
		}
		return document
	}
}

// untyped is a header without "typ", as several providers send it.
var untyped = jwttest.Header(map[string]any{"typ": nil})
