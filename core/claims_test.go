package core_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// verified is the claims of a token with these members beside those it needs.
func verified(t testing.TB, more string) *core.Claims {
	t.Helper()
	return claimsOf(t, nil, more)
}

func claimsOf(t testing.TB, edit func(*core.Config), more string) *core.Claims {
	t.Helper()
	s := newStage(t, edit)
	payload := "{" + s.members() + "}"
	if more != "" {
		payload = "{" + s.members() + "," + more + "}"
	}
	c, err := s.verifier.Verify(t.Context(), s.withPayload(payload))
	if err != nil {
		t.Fatalf("Verify: %v", errors.Unwrap(err))
	}
	return c
}

func TestClaimsFields(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{"b"}, Leeway: core.NoLeeway, Keys: core.JWKSDocument(issuer.JWKS())})
	token := issuer.Sign("ES256", []byte(`{"alg":"ES256","typ":"Application/JWT"}`),
		[]byte(`{"\u0069ss":"https:\/\/issuer.test","sub":"\u00e4\ud83d\ude00","jti":"7","aud":["a","b"],"exp":9999999999.25,"nbf":1.5e1,"iat":0,"client_id":"c","scope":"x y"}`))
	got, err := v.Verify(t.Context(), token)
	if err != nil {
		t.Fatalf("got %v", errors.Unwrap(err))
	}
	if got.Issuer != issuer.URL() || got.Subject != "ä😀" || got.ID != "7" || got.ClientID != "c" {
		t.Errorf("got %q, %q, %q, %q", got.Issuer, got.Subject, got.ID, got.ClientID)
	}
	if !slices.Equal(got.Audience, []string{"a", "b"}) || !slices.Equal(got.Scopes, []string{"x", "y"}) {
		t.Errorf("got %q and %q, want a, b and x, y", got.Audience, got.Scopes)
	}
	if !got.Expiry.Equal(time.Unix(9999999999, 250e6)) || !got.NotBefore.Equal(time.Unix(15, 0)) || !got.IssuedAt.Equal(time.Unix(0, 0)) {
		t.Errorf("got %v, %v, %v, want the dates of the token", got.Expiry, got.NotBefore, got.IssuedAt)
	}
	if want := (core.Header{Algorithm: core.ES256, Type: "Application/JWT"}); got.Header != want {
		t.Errorf("got %+v, want %+v", got.Header, want)
	}
}

func TestClaimsAbsent(t *testing.T) {
	s := newStage(t, nil)
	c, err := s.verifier.Verify(t.Context(), s.withClaims(map[string]any{"sub": nil, "iat": nil}))
	if err != nil {
		t.Fatal(err)
	}
	if c.Subject != "" || c.ID != "" || c.ClientID != "" || len(c.Scopes) != 0 || !c.NotBefore.IsZero() || !c.IssuedAt.IsZero() {
		t.Errorf("got %+v, want zero fields for absent claims", c)
	}
}

func TestScopes(t *testing.T) {
	for _, test := range []struct {
		name, members string
		want          []string
	}{
		{"none", ``, nil},
		{"string", `"scope":"a b"`, []string{"a", "b"}},
		{"one", `"scope":"a"`, []string{"a"}},
		{"empty string", `"scope":""`, nil},
		{"blanks around", `"scope":"  a   b  "`, []string{"a", "b"}},
		{"array", `"scope":["a","b"]`, []string{"a", "b"}},
		{"scp string", `"scp":"a b"`, []string{"a", "b"}},
		{"scp array", `"scp":["a","b"]`, []string{"a", "b"}},
		{"T22 both", `"scp":["admin"],"scope":"a b"`, []string{"a", "b"}},
		{"T22 both, one empty", `"scp":["admin"],"scope":""`, nil},
		{"T22 both, one of another type", `"scp":["admin"],"scope":null`, nil},
		{"an element is not split", `"scp":["a b"]`, []string{"a b"}},
		{"number", `"scope":1`, nil},
		{"null", `"scope":null`, nil},
		{"mixed array", `"scope":["admin",1]`, nil},
		{"object", `"scope":{"admin":true}`, nil},
		{"only a blank parts words, RFC 6749 section 3.3", `"scope":"a\tadmin\nb\u00a0admin\u2003c"`, []string{"a\tadmin\nb\u00a0admin\u2003c"}},
		{"comma", `"scope":"a,b"`, []string{"a,b"}},
		{"other case", `"Scope":"admin","SCP":["admin"]`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := verified(t, test.members).Scopes; !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// The lists lie side by side in memory: what is done to one must not be seen in
// the other, however long they are and in whichever order they come.
func TestListsAreApart(t *testing.T) {
	long := strings.Repeat(`"s",`, 20) + `"s"`
	for name, members := range map[string]string{
		"short":          `"aud":["a","b"],"scope":"s s"`,
		"scopes first":   `"scope":"s s","aud":["a","b"],"scp":["s"]`,
		"as many as fit": `"aud":["a","b"],"scp":["s","s","s","s","s","s"]`,
		"one too many":   `"aud":["a","b"],"scp":["s","s","s","s","s","s","s"]`,
		"long scopes":    `"aud":["a","b"],"scp":[` + long + `]`,
		"all three long": `"scp":[` + long + `],"aud":["a","b"],"scope":"` + strings.Repeat("s ", 20) + `"`,
	} {
		for _, remembered := range []int{0, 10} {
			t.Run(fmt.Sprintf("%s, TokenCache %d", name, remembered), func(t *testing.T) {
				s := newStage(t, func(c *core.Config) { c.Audiences, c.TokenCache = []string{"a"}, remembered })
				token := s.withPayload(fmt.Sprintf(`{"iss":%q,"exp":9999999999,%s}`, s.Issuer.URL(), members))
				for range 3 {
					c, err := s.verifier.Verify(t.Context(), token)
					if err != nil {
						t.Fatal(errors.Unwrap(err))
					}
					all := slices.Clone(c.Scopes)
					_, _ = append(c.Audience, "x"), append(c.Scopes, "x")
					if !slices.Equal(c.Audience, []string{"a", "b"}) || !slices.Equal(c.Scopes, all) || strings.Trim(strings.Join(all, ""), "s") != "" {
						t.Fatalf("got %q and %q, want a, b and nothing but s", c.Audience, c.Scopes)
					}
					c.Audience[0], c.Scopes[0] = "y", "y"
				}
			})
		}
	}
}

func TestClientID(t *testing.T) {
	for _, test := range []struct{ members, want string }{
		{`"client_id":"1","azp":"2","cid":"3","appid":"4"`, "1"},
		{`"appid":"4","cid":"3","azp":"2"`, "2"},
		{`"appid":"4","cid":"3"`, "3"},
		{`"appid":"4"`, "4"},
		{`"cid":17,"appid":"4"`, "4"},
		{`"azp":["2"]`, ""},
		{``, ""},
	} {
		t.Run(test.members, func(t *testing.T) {
			if got := verified(t, test.members).ClientID; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestDecode(t *testing.T) {
	c := verified(t, `"email":"a@b.c","EMAIL":"x","realm_access":{"roles":["r"]},"n":9007199254740993`)
	var custom struct {
		Sub   string `json:"sub"`
		Email string `json:"email"`
		Realm struct {
			Roles []string `json:"roles"`
		} `json:"realm_access"`
		N int64 `json:"n"`
	}
	if err := c.Decode(&custom); err != nil {
		t.Fatal(err)
	}
	if custom.Sub != "alice" || custom.Email != "a@b.c" || !slices.Equal(custom.Realm.Roles, []string{"r"}) || custom.N != 9007199254740993 {
		t.Errorf("got %+v", custom)
	}
	if err := c.Decode(&struct {
		Email int `json:"email"`
	}{}); err == nil {
		t.Error("got no error for a string in an int")
	}
	if err := new(core.Claims).Decode(&custom); err == nil {
		t.Error("got no error for Claims that come from no token")
	}
}

func TestDecodeClaims(t *testing.T) {
	type custom struct {
		Sub string `json:"sub"`
	}
	got, err := core.DecodeClaims[custom](core.NewContext(t.Context(), verified(t, "")))
	if err != nil || got.Sub != "alice" {
		t.Errorf("got %+v, %v, want alice", got, err)
	}
	if got, err := core.DecodeClaims[custom](context.Background()); !errors.Is(err, core.ErrNoToken) || got != (custom{}) {
		t.Errorf("got %+v, %v, want ErrNoToken", got, err)
	}
}

func TestLookup(t *testing.T) {
	c := verified(t, `"realm_access":{"roles":["r",1]},"a.b":{"":true},"nothing":null,"\u0065mail":"e","n":1.5`)
	for _, test := range []struct {
		name string
		path []string
		want any
		ok   bool
	}{
		{"nested", []string{"realm_access", "roles"}, []any{"r", 1.0}, true},
		{"object", []string{"realm_access"}, map[string]any{"roles": []any{"r", 1.0}}, true},
		{"dot and empty name", []string{"a.b", ""}, true, true},
		{"null", []string{"nothing"}, nil, true},
		{"escaped name", []string{"email"}, "e", true},
		{"number", []string{"n"}, 1.5, true},
		{"absent", []string{"Email"}, nil, false},
		{"below a string", []string{"email", "x"}, nil, false},
		{"below an array", []string{"realm_access", "roles", "0"}, nil, false},
		{"below null", []string{"nothing", "x"}, nil, false},
		{"absent inside", []string{"realm_access", "x"}, nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, ok := c.Lookup(test.path...); ok != test.ok || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %v, %t, want %v, %t", got, ok, test.want, test.ok)
			}
		})
	}
	if got, ok := c.Lookup(); !ok || got.(map[string]any)["sub"] != "alice" {
		t.Errorf("got %v, %t, want the whole payload", got, ok)
	}
	if got, ok := new(core.Claims).Lookup("sub"); ok || got != nil {
		t.Errorf("got %v, %t from no token, want nothing", got, ok)
	}
	got, _ := c.Lookup("realm_access", "roles")
	got.([]any)[0] = "admin"
	if again, _ := c.Lookup("realm_access", "roles"); again.([]any)[0] != "r" {
		t.Errorf("got %v, want a value of its own for each Lookup", again)
	}
}

func TestMarshalClaims(t *testing.T) {
	s := newStage(t, nil)
	payload := "{ " + s.members() + ",\t\"x\" : 1e2, \"html\":\"<&>\", \"u\":\"\\u00e4\" }"
	c, err := s.verifier.Verify(t.Context(), s.withPayload(payload))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.MarshalJSON(); err != nil || string(got) != payload {
		t.Errorf("got %s, %v, want the bytes that were signed: %s", got, err, payload)
	}
	first, _ := c.MarshalJSON()
	clear(first)
	if again, _ := c.MarshalJSON(); string(again) != payload {
		t.Error("got changed bytes, want a copy for each call")
	}
	for name, c := range map[string]*core.Claims{"nil": nil, "no token": {}} {
		if got, err := json.Marshal(c); err != nil || string(got) != "null" {
			t.Errorf("%s: got %s, %v, want null", name, got, err)
		}
	}
}

// B17: no two callers share anything that can be changed.
func TestClaimsAreFresh(t *testing.T) {
	s := newStage(t, nil)
	token := s.withPayload("{" + s.members() + `,"scope":"a b"}`)
	first, err := s.verifier.Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.verifier.Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	first.Subject, first.Scopes[0], first.Audience[0] = "mallory", "admin", "x"
	_ = append(first.Audience, "admin")
	if second == first || second.Subject != "alice" || !slices.Equal(second.Scopes, []string{"a", "b"}) || second.Audience[0] != jwttest.Audience {
		t.Errorf("got %+v, want claims that the other caller cannot change", second)
	}
}
