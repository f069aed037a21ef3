package core

import (
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
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
