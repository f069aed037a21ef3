package issue_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
)

var hmacKey = []byte(strings.Repeat("s", 32))

func TestPayload(t *testing.T) {
	type profile struct {
		Email string         `json:"email"`
		Empty string         `json:"empty,omitempty"`
		Cnf   map[string]any `json:"cnf,omitempty"`
	}
	for _, tt := range []struct {
		name   string
		claims issue.Claims
		want   map[string]any
	}{
		{"least", alice(), map[string]any{"sub": "alice", "aud": api, "client_id": "web", "jti": nil, "exp": 900.0}},
		{"all", issue.Claims{Subject: "a", ClientID: "b", ID: "c", Audience: []string{"d", "e"}, Scopes: []string{"r", "w"}, Lifetime: time.Minute},
			map[string]any{"sub": "a", "client_id": "b", "jti": "c", "aud": []any{"d", "e"}, "scope": "r w", "exp": 60.0}},
		{"as long as may be", issue.Claims{Subject: "a", ClientID: "b", ID: "c", Audience: []string{"d"}, Scopes: []string{"~!"}, Lifetime: 15 * time.Minute},
			map[string]any{"sub": "a", "client_id": "b", "jti": "c", "aud": "d", "scope": "~!", "exp": 900.0}},
		{"more, a struct", with(alice(), profile{Email: "a@b", Cnf: map[string]any{"jkt": "x"}}),
			map[string]any{"sub": "alice", "aud": api, "client_id": "web", "jti": nil, "exp": 900.0, "email": "a@b", "cnf": map[string]any{"jkt": "x"}}},
		{"more, a map", with(alice(), map[string]any{"roles": []string{"admin"}, "<&>": "ü"}),
			map[string]any{"sub": "alice", "aud": api, "client_id": "web", "jti": nil, "exp": 900.0, "roles": []any{"admin"}, "<&>": "ü"}},
		{"more, raw", with(alice(), json.RawMessage(` { "n" : 12345678901234567890 } `)),
			map[string]any{"sub": "alice", "aud": api, "client_id": "web", "jti": nil, "exp": 900.0, "n": 12345678901234567890.0}},
		{"more, empty", with(alice(), struct{}{}), map[string]any{"sub": "alice", "aud": api, "client_id": "web", "jti": nil, "exp": 900.0}},
		{"more, a nil map", with(alice(), map[string]any(nil)), map[string]any{"sub": "alice", "aud": api, "client_id": "web", "jti": nil, "exp": 900.0}},
		{"more, a nil pointer", with(alice(), (*profile)(nil)), map[string]any{"sub": "alice", "aud": api, "client_id": "web", "jti": nil, "exp": 900.0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i := newIssuer(t, issue.Secrets{hmacKey})
			var got map[string]any
			synctest.Test(t, func(t *testing.T) {
				token, err := i.Sign(t.Context(), tt.claims)
				if err != nil {
					t.Fatal(err)
				}
				got = segment(t, token, 1)
				tt.want["iss"], tt.want["iat"] = issuerURL, float64(time.Now().Unix())
				tt.want["exp"] = tt.want["exp"].(float64) + float64(time.Now().Unix())
			})
			if id, _ := got["jti"].(string); tt.want["jti"] == nil && len(id) == 26 {
				got["jti"] = nil
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %v\nwant %v", got, tt.want)
			}
		})
	}
}

func with(c issue.Claims, more any) issue.Claims { c.More = more; return c }

func TestBadClaims(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	for _, tt := range []struct {
		name   string
		claims issue.Claims
		want   []string
	}{
		{"nothing", issue.Claims{}, []string{"Subject, Audience, ClientID", "RFC 9068"}},
		{"no client", issue.Claims{Subject: "a", Audience: []string{"b"}}, []string{"lack ClientID,"}},
		{"empty audience", issue.Claims{Subject: "a", Audience: []string{""}, ClientID: "c"}, []string{"Audience"}},
		{"scope with a space", issue.Claims{Subject: "a", Audience: []string{"b"}, ClientID: "c", Scopes: []string{"a b", ""}}, []string{`"a b"`, `""`}},
		{"scopes of other characters", issue.Claims{Subject: "a", Audience: []string{"b"}, ClientID: "c", Scopes: []string{`a"`, `b\`, "c\x7f"}},
			[]string{`holds "a\""`, `holds "b\\"`, `holds "c\x7f"`}},
		{"longer than the issuer's", func() issue.Claims { c := alice(); c.Lifetime = time.Hour; return c }(), []string{"Claims.Lifetime is 1h0m0s, want at most Config.Lifetime, 15m0s"}},
		{"no unit", func() issue.Claims { c := alice(); c.Lifetime = 900; return c }(), []string{"900ns"}},
		{"negative", func() issue.Claims { c := alice(); c.Lifetime = -time.Hour; return c }(), []string{"-1h"}},
		{"no UTF-8", issue.Claims{Subject: "a\xff", Audience: []string{"b"}, ClientID: "c"}, []string{"want UTF-8"}},
		{"more, iss", with(alice(), map[string]any{"iss": "x"}), []string{`the name "iss"`}},
		{"more, sub", with(alice(), map[string]any{"sub": "x"}), []string{`the name "sub"`}},
		{"more, aud", with(alice(), map[string]any{"aud": "x"}), []string{`the name "aud"`}},
		{"more, exp", with(alice(), map[string]any{"exp": 1}), []string{`the name "exp"`}},
		{"more, nbf", with(alice(), map[string]any{"nbf": 1}), []string{`the name "nbf"`}},
		{"more, iat", with(alice(), map[string]any{"iat": 1}), []string{`the name "iat"`}},
		{"more, jti", with(alice(), map[string]any{"jti": "x"}), []string{`the name "jti"`}},
		{"more, client_id", with(alice(), map[string]any{"client_id": "x"}), []string{`the name "client_id"`}},
		{"more, scope", with(alice(), map[string]any{"scope": "x"}), []string{`the name "scope"`}},
		{"more, in another case", with(alice(), map[string]any{"ISS": "x"}), []string{`the name "ISS"`}},
		{"more, in another case of Unicode", with(alice(), map[string]any{"i\u017f\u017f": "x"}), []string{"the name"}},
		{"more, escaped", with(alice(), json.RawMessage(`{"\u0069ss":"x"}`)), []string{`the name "iss"`}},
		{"more, twice", with(alice(), json.RawMessage(`{"a":1,"a":2}`)), []string{"More"}},
		{"more, twice below", with(alice(), json.RawMessage(`{"a":{"b":1,"b":2}}`)), []string{"More"}},
		{"more, twice but for case", with(alice(), map[string]any{"role": 1, "Role": 2}), []string{"twice, case apart"}},
		{"more, no object", with(alice(), []string{"a"}), []string{"More"}},
		{"more, a string", with(alice(), "a"), []string{"More"}},
		{"more, cannot be written", with(alice(), map[string]any{"a": make(chan int)}), []string{"unsupported type"}},
		{"more, too deep", with(alice(), json.RawMessage(deep)), []string{"nested deeper"}},
		{"too long", with(alice(), map[string]any{"a": strings.Repeat("x", 13000)}), []string{"want at most 16384"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i := newIssuer(t, issue.Secrets{hmacKey})
			token, err := i.Sign(t.Context(), tt.claims)
			if err == nil || token != "" {
				t.Fatalf("got %q, want an error", token)
			}
			for _, want := range tt.want {
				if !strings.HasPrefix(err.Error(), "jwtmw: issue: sign: ") || !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
		})
	}
}

// A token of exactly 16 KiB passes, in core too.
func TestLongestToken(t *testing.T) {
	i := newIssuer(t, issue.Secrets{hmacKey})
	var longest string
	for n := 12_000; ; n++ {
		token, err := i.Sign(t.Context(), with(alice(), map[string]any{"a": strings.Repeat("x", n)}))
		if err != nil {
			break
		}
		longest = token
	}
	if len(longest) != 16384 {
		t.Errorf("got a token of %d octets at most, want 16384", len(longest))
	}
	if got := reasonOf(verifier(t, i.Config(api)), t, longest); got != "" {
		t.Errorf("got %q, want claims", got)
	}
}

func TestType(t *testing.T) {
	for _, tt := range []struct {
		typ  string
		want string // part of the error; "" for a token
	}{
		{"JWT", ""},
		{"at+jwt", "lack Subject, Audience, ClientID"},
		{"AT+JWT", "lack Subject"},
		{"application/at+jwt", "lack Subject"},
		{"secevent+jwt", ""},
	} {
		t.Run(tt.typ, func(t *testing.T) {
			i := newIssuer(t, issue.Secrets{hmacKey}, func(c *issue.Config) { c.Type = tt.typ })
			token, err := i.Sign(t.Context(), issue.Claims{})
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Fatalf("got %v, want %q", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			payload := segment(t, token, 1)
			if got := segment(t, token, 0)["typ"]; got != tt.typ || len(payload) != 4 {
				t.Errorf("got typ %v and %v, want %s and iss, exp, iat, jti alone", got, payload, tt.typ)
			}
		})
	}
}

func TestEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	i := newIssuer(t, issue.Secrets{hmacKey})
	if _, err := i.Sign(ctx, alice()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// The token and what core reads of it, with the profile of RFC 9068 in force.
func TestCoreReadsToken(t *testing.T) {
	i := newIssuer(t, issue.Ring{Store: &memory{}, Sealer: sealer()})
	token, err := i.Sign(t.Context(), issue.Claims{Subject: "alice", Audience: []string{api, "other"}, ClientID: "web", Scopes: []string{"a", "b"}, ID: "1"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := verify(t, i, token)
	if err != nil {
		t.Fatal(core.RefusalOf(err).Unwrap())
	}
	if c.Subject != "alice" || c.ClientID != "web" || c.ID != "1" || len(c.Scopes) != 2 || len(c.Audience) != 2 || c.Header.Type != "at+jwt" || c.Header.KeyID == "" {
		t.Errorf("got %+v, want what was signed", c)
	}
	if got := c.Expiry.Sub(c.IssuedAt); got != 15*time.Minute {
		t.Errorf("got a lifetime of %v, want 15m", got)
	}
}
