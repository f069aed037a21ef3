package core

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// FuzzReadPayload: what is read as a Claims Set is a JSON object for
// go-json-experiment too, with dates that time can hold.
func FuzzReadPayload(f *testing.F) {
	for _, text := range []string{
		`{}`, ` {"iss":"i","aud":["a"],"exp":1.5} `, `{"exp":253402300799}`, `{"exp":253402300800}`, `{"nbf":-0}`, `{"iat":1e400}`, `{"exp":"1"}`,
		`{"iss":"a","iss":"b"}`, `{"\u0069ss":"a"}`, `{"ISS":"a"}`, `{"x":"\ud800"}`, "{\"x\":\"\xff\"}", `{}{}`, `null`, `[]`, ``, `{"aud":null}`, `{"aud":["a",1]}`,
		`{"scope":"a b","scp":["c"]}`, `{"client_id":"1","azp":2}`, `{"cnf":{}}`, `{"x":[[[[[[[[]]]]]]]]}`, `{"exp":1e-400}`, `{"exp":0.0000000001}`, `{"x":1e400}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, refusal := readPayload(text)
		if refusal != nil {
			if refusal.Reason != ReasonMalformedToken && refusal.Reason != ReasonMalformedClaims || refusal.cause == nil || len(refusal.cause.Error()) > 1000 {
				t.Fatalf("got %s with %v, want one of two reasons and a short cause", refusal.Reason, refusal.cause)
			}
			return
		}
		var claims map[string]jsontext.Value // a number may be too large for a float64
		if err := json.Unmarshal([]byte(text), &claims); err != nil {
			t.Fatalf("got %q accepted, go-json-experiment says %v", text, err)
		}
		for name, read := range map[string]string{"iss": p.Issuer, "sub": p.Subject, "jti": p.ID} {
			var want string
			value, present := claims[name]
			if present && json.Unmarshal(value, &want) != nil || read != want {
				t.Errorf("got %s %q, want that of %s", name, read, value)
			}
		}
		for name, date := range map[string]time.Time{"exp": p.Expiry, "nbf": p.NotBefore, "iat": p.IssuedAt} {
			var seconds float64
			value, present := claims[name]
			if present == date.IsZero() || present && json.Unmarshal(value, &seconds) != nil {
				t.Errorf("got %s %v, want the date of %s", name, date, value)
			}
			if difference := float64(date.Unix()) - seconds; present && (difference > 0 || difference < -1) {
				t.Errorf("got %s %v, want %v", name, date.Unix(), seconds)
			}
		}
	})
}

// FuzzReadFinding: what is read as an introspection's answer is a JSON object for
// go-json-experiment too, with a boolean "active", and its claims are those that a
// token of the same payload has.
func FuzzReadFinding(f *testing.F) {
	for _, text := range []string{
		`{"active":true}`, `{"active":false}`, ` {"active":true,"iss":"i","aud":["a"],"exp":1.5,"cnf":{"jkt":"x"}} `, `{"active":false,"exp":"x"}`,
		`{"active":true,"exp":"x"}`, `{"active":"true"}`, `{"active":1}`, `{"active":null}`, `{"Active":true}`, `{"\u0061ctive":true}`, `{"active":false,"active":true}`,
		`{"active":true,"sub":"a","sub":"b"}`, `{"active":true}{}`, `[{"active":true}]`, `{"active":true,"token_type":"DPoP"}`, `{"active":true,"typ":"Refresh"}`,
		`{"active":true,"token_use":"refresh_token","token_type":7}`, `{"active":true,"iss":null}`, "{\"active\":true,\"x\":\"\xff\"}", `{"x":{"active":true}}`, `{}`, `null`, ``,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found, err := readFinding(text)
		if err != nil {
			if found != nil || len(err.Error()) > 1000 {
				t.Fatalf("got %+v with %v, want nothing and a short cause", found, err)
			}
			return
		}
		var members map[string]jsontext.Value
		if err := json.Unmarshal([]byte(text), &members); err != nil {
			t.Fatalf("got %q accepted, go-json-experiment says %v", text, err)
		}
		if got := string(members["active"]); got != "true" && got != "false" || found.active != (got == "true") {
			t.Fatalf("got active %t, want that of %q", found.active, got)
		}
		if !found.active {
			if found.Claims != nil || found.kind != "" || found.named {
				t.Fatalf("got %+v of a token that is not active, want nothing", found)
			}
			return
		}
		var claims Claims
		if err := claims.UnmarshalJSON([]byte(text)); err != nil || !reflect.DeepEqual(claims, *found.Claims) {
			t.Errorf("got %+v, want %+v (%v)", *found.Claims, claims, err)
		}
		if _, present := members["iss"]; present != found.named {
			t.Errorf("got iss present %t, want %t", found.named, present)
		}
		refreshes, proofs := false, false
		for _, name := range []string{"token_type", "token_use", "typ"} {
			var kind string
			if value, present := members[name]; present && json.Unmarshal(value, &kind) == nil {
				refreshes = refreshes || slices.Contains([]string{"refresh", "refresh_token", "n_a"}, strings.ToLower(kind))
				proofs = proofs || name == "token_type" && strings.EqualFold(kind, "dpop")
			}
		}
		if proofs != found.proofs || refreshes && found.kind == "" {
			t.Errorf("got kind %q and proofs %t, want refresh %t and proofs %t", found.kind, found.proofs, refreshes, proofs)
		}
	})
}

// FuzzIsOpaque: what goes to an issuer is a token68, and never what jws takes for a JWT.
func FuzzIsOpaque(f *testing.F) {
	for _, text := range []string{"", "a", "a.b", "a.b.c", "a.b.c.d", "a.b.c.d.e", "..", "....", "=", "a=", "a=b", "a b", "\x00", "\xff", "-._~+/", strings.Repeat("a", 4097)} {
		f.Add(text)
	}
	token68 := regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`) // RFC 9110 section 11.2
	f.Fuzz(func(t *testing.T, text string) {
		dots := strings.Count(text, ".")
		want := token68.MatchString(text) && len(text) <= 4096 && dots != 2 && dots != 4
		if got := isOpaque(text); got != want {
			t.Errorf("got %t for %q, want %t", got, text, want)
		}
		if _, err := jws.Split(text); err == nil && isOpaque(text) {
			t.Errorf("got %q taken for an opaque token, and it is a JWT", text)
		}
	})
}
