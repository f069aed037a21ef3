package proof_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/proof"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// A proof that does not pass is refused for what is wrong with it, and for nothing
// that happens to be wrong as well. The tables of package core have what a client
// is told.
func TestFaults(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	p := jwttest.NewProver("ES256")
	jkt := p.Confirmation()["jkt"].(string)
	raw := func(text string) json.RawMessage { return json.RawMessage(text) }
	claim := func(name string, value any) map[string]any { return map[string]any{"iat": now.Unix(), name: value} }
	header := func(name string, value any) []jwttest.TokenOption {
		return []jwttest.TokenOption{jwttest.Header(map[string]any{name: value})}
	}
	key := func(members string) []jwttest.TokenOption {
		return header("jwk", raw(strings.TrimSuffix(string(p.PublicJWK()), "}")+","+members+"}"))
	}
	for _, test := range []struct {
		name    string
		claims  map[string]any
		options []jwttest.TokenOption
		want    string // in the fault's text; "": it passes
	}{
		{"good", claim("iat", now.Unix()), nil, ""},
		{"jti of 256 octets", claim("jti", strings.Repeat("j", 256)), nil, ""},
		{"jti of 257 octets", claim("jti", strings.Repeat("j", 257)), nil, `jti: got "jjj`},
		{"typ with its prefix", nil, header("typ", "application/DPoP+jwt"), ""},
		{"typ with another prefix as long", nil, header("typ", "applicatiom/dpop+jwt"), `typ: got "applicatiom/dpop+jwt", want`},
		{"no iat", claim("iat", nil), nil, `got no "iat"`},
		{"iat a string", claim("iat", "1"), nil, `iat: got "\"1\"", want another type`},
		{"exp before 1970", claim("exp", -1), nil, `exp: got "-1", want another type`},
		{"exp in 1970", claim("exp", 0), nil, `exp: got 1970-01-01T00:00:00Z, want a date after`},
		{"exp in the year 10000", claim("exp", 253402300800), nil, `want another type`},
		{"exp in the year 9999", claim("exp", 253402300799), nil, ""},
		{"exp beyond a float", claim("exp", raw("1e999")), nil, `want another type`},
		{"nbf a string", claim("nbf", "1"), nil, `nbf: got "\"1\"", want another type`},
		{"nbf to come", claim("nbf", now.Unix()+31), nil, `nbf: got `},
		{"nbf within the leeway", claim("nbf", now.Unix()+30), nil, ""},
		{"exp within the leeway", claim("exp", now.Unix()-29), nil, ""},
		{"exp past it", claim("exp", now.Unix()-30), nil, `exp: got `},
		{"iat at its oldest", claim("iat", now.Unix()-90), nil, ""},
		{"iat too old", claim("iat", now.Unix()-91), nil, `iat: got `},
		{"iat at its newest", claim("iat", now.Unix()+30), nil, ""},
		{"iat to come", claim("iat", now.Unix()+31), nil, `want a date not after`},
		{"jti a number", claim("jti", 7), nil, `jti: got "7", want another type`},
		{"no jti", claim("jti", nil), nil, `jti: got "", want 1 to 256 octets`},
		{"htm a number", claim("htm", 7), nil, `htm: got "7", want another type`},
		{"htu a number", claim("htu", 7), nil, `htu: got "7", want another type`},
		{"ath a number", claim("ath", 7), nil, `ath: got "7", want another type`},
		{"another htm", claim("htm", "POST"), nil, `htm: got "POST", want GET`},
		{"another htu", claim("htu", "x"), nil, `htu: got "x", want the URL`},
		{"a long htu is cut", claim("htu", strings.Repeat("x", 100)), nil, `htu: got "` + strings.Repeat("x", 64) + `", want`},
		{"alg a number", nil, header("alg", 7), `header: "alg": got no string`},
		{"typ a number", nil, header("typ", 7), `header: "typ": got no string`},
		{"another typ", nil, header("typ", "JWT"), `typ: got "JWT", want dpop+jwt`},
		{"another alg", nil, header("alg", "ES384"), `alg: got "ES384", want one of those`},
		{"crit", nil, header("crit", []string{"b64"}), `header: got "crit", which is not supported`},
		{"no jwk", nil, header("jwk", nil), `header: got no "jwk"`},
		{"a private key", nil, header("jwk", p.PrivateJWK()), "jwk: got a private or a secret key"},
		{"use enc", nil, key(`"use":"enc"`), `jwk: got use "\"enc\"", want sig`},
		{"use a number", nil, key(`"use":1`), `jwk: got use "1", want sig`},
		{"key_ops", nil, key(`"key_ops":["sign"]`), `want verify among them`},
		{"a key of another alg", nil, key(`"alg":"ES384"`), `jwk: got alg "ES384" beside alg "ES256" of the header`},
		{"a key of no alg", nil, key(`"alg":""`), `jwk: got alg "" beside alg "ES256" of the header`},
		{"a key of a number", nil, key(`"alg":1`), `jwk: "alg": got no string`},
		{"kty of nothing", nil, header("jwk", raw(`{"kty":"AKP"}`)), `jwk: got kty "AKP" and crv ""`},
		{"kty of nothing with an EC curve", nil, header("jwk", raw(`{"kty":"oct","crv":"P-256"}`)), `jwk: got kty "oct" and crv "P-256"`},
		{"kty of nothing with Ed25519", nil, header("jwk", raw(`{"kty":"oct","crv":"Ed25519"}`)), `jwk: got kty "oct" and crv "Ed25519"`},
		{"kty of nothing with e", nil, header("jwk", raw(`{"kty":"oct","e":"AQ"}`)), `jwk: got kty "oct" and crv ""`},
		{"kty of nothing with n", nil, header("jwk", raw(`{"kty":"oct","e":"AQAB","n":"AA"}`)), `jwk: got kty "oct" and crv ""`},
		{"short x", nil, header("jwk", raw(`{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}`)), `jwk: "x": got 1 octets, want 32`},
		{"long x", nil, header("jwk", raw(`{"kty":"OKP","crv":"Ed25519","x":"`+strings.Repeat("A", 44)+`"}`)), `jwk: "x": got more than 32 octets`},
		{"x of another alphabet", nil, header("jwk", raw(`{"kty":"OKP","crv":"Ed25519","x":"`+strings.Repeat("+", 43)+`"}`)), `jwk: "x": malformed`},
		{"e of 1", nil, header("jwk", raw(`{"kty":"RSA","e":"AQ","n":"AA"}`)), "got e of 1"},
		{"n of 2047 bits", nil, header("jwk", raw(`{"kty":"RSA","e":"AQAB","n":"`+strings.Repeat("B", 340)+`"}`)), `jwk: "n": got 255 octets, want 256`},
		{"n with a zero before it", nil, header("jwk", raw(`{"kty":"RSA","e":"AQAB","n":"AA`+strings.Repeat("B", 341)+`A"}`)), `jwk: "n": got a leading zero octet`},
		{"an even n", nil, header("jwk", raw(`{"kty":"RSA","e":"AQAB","n":"`+strings.Repeat("B", 343)+`A"}`)), `jwk: "n": got an even number`},
		{"another key", nil, header("jwk", jwttest.NewProver("ES256").PublicJWK()), `thumbprint of jwk: got `},
	} {
		t.Run(test.name, func(t *testing.T) {
			claims := test.claims
			if claims == nil {
				claims = claim("iat", now.Unix())
			}
			_, fault := rules(t).Judge(question(p.Proof("GET", ordersURL, token, claims, test.options...), jkt, now))
			switch {
			case fault == nil && test.want != "":
				t.Errorf("got no fault, want %q", test.want)
			case fault != nil && (test.want == "" || !strings.Contains(fault.Error(), test.want)):
				t.Errorf("got %q, want %q", fault.Error(), test.want)
			}
		})
	}
}

func TestFaultsOfTheRequest(t *testing.T) {
	now := time.Now()
	p := jwttest.NewProver("ES256")
	good := question(p.Proof("GET", ordersURL, token, nil), p.Confirmation()["jkt"].(string), now)
	for _, test := range []struct {
		name  string
		spoil func(*proof.Question, *proof.Rules)
		kind  proof.Kind
		want  string
	}{
		{"another token", func(q *proof.Question, _ *proof.Rules) { q.Token = "x" }, proof.Invalid, "ath: got "},
		{"another key", func(q *proof.Question, _ *proof.Rules) { q.Thumbprint = "x" }, proof.OtherKey, "thumbprint of jwk: got "},
		{"another method", func(q *proof.Question, _ *proof.Rules) { q.Method = "POST" }, proof.Invalid, `htm: got "GET", want POST`},
		{"no path", func(q *proof.Question, _ *proof.Rules) { q.Path = "" }, proof.Invalid, "path of the request: got"},
		{"a broken signature", func(q *proof.Question, _ *proof.Rules) { q.Proof = q.Proof[:len(q.Proof)-4] + "AAAA" }, proof.Invalid, "signature"},
		{"a signature that is no base64url", func(q *proof.Question, _ *proof.Rules) { q.Proof += "=" }, proof.Invalid, "strict base64url"},
		{"a header that is no base64url", func(q *proof.Question, _ *proof.Rules) { q.Proof = "=" + q.Proof }, proof.Invalid, "strict base64url"},
		{"a payload that is no base64url", func(q *proof.Question, _ *proof.Rules) { q.Proof = strings.Replace(q.Proof, ".", ".=", 1) }, proof.Invalid, "strict base64url"},
		{"no proof", func(q *proof.Question, _ *proof.Rules) { q.Proof = "" }, proof.Invalid, "number of segments"},
		{"no nonce", func(_ *proof.Question, r *proof.Rules) { r.Nonces = proof.NewNonces([][]byte{make([]byte, 32)}) }, proof.WantsNonce, "nonce: got "},
		{"no URLs", func(_ *proof.Question, r *proof.Rules) { r.URLs = nil }, proof.Invalid, "htu: got "},
		{"the zero Rules", func(_ *proof.Question, r *proof.Rules) { *r = proof.Rules{} }, proof.Invalid, "alg: got "},
	} {
		t.Run(test.name, func(t *testing.T) {
			q, r := good, rules(t)
			test.spoil(&q, r)
			proven, fault := r.Judge(q)
			if fault == nil || fault.Kind != test.kind || !strings.Contains(fault.Error(), test.want) || proven != (proof.Proven{}) && proven.ID != (proof.ID{}) {
				t.Errorf("got %v, want kind %d and %q", fault, test.kind, test.want)
			}
		})
	}
	if _, fault := rules(t).Judge(question("a.b.c", "x", now)); errors.Unwrap(fault) == nil {
		t.Errorf("got %v, want the cause that package jws gives with it", fault)
	}
}

// Each kind of key proves, and the ID of a proof is of its key and its jti.
func TestKeysAndIDs(t *testing.T) {
	now, seen := time.Now(), map[proof.ID]string{}
	for _, alg := range []string{"ES256", "RS256", "PS256", "EdDSA"} {
		for _, jti := range []string{"a", "b"} {
			p := jwttest.NewProver(alg)
			jkt := p.Confirmation()["jkt"].(string)
			proven, fault := rules(t).Judge(question(p.Proof("GET", ordersURL, token, map[string]any{"jti": jti}), jkt, now))
			if fault != nil {
				t.Errorf("%s: got %v, want it to pass", alg, fault)
			}
			again, fault := rules(t).Judge(question(p.Proof("GET", ordersURL, token, map[string]any{"jti": jti, "iat": now.Unix() - 1}), jkt, now))
			if fault != nil || again.ID != proven.ID || len(proven.ID.String()) != 22 {
				t.Errorf("%s: got ID %v and %v, %v, want the same for the same key and jti", alg, proven.ID, again.ID, fault)
			}
			if other, taken := seen[proven.ID]; taken {
				t.Errorf("%s: got the ID of a proof of %s", alg, other)
			}
			seen[proven.ID] = alg + " " + jti
		}
	}
}

// A nonce passes in its own minute, the one before and the one after, and lives no
// longer than the proof; who does not send the newest is given it.
func TestNonceSteps(t *testing.T) {
	minute := time.Unix(1_800_000_000, 0).Truncate(time.Minute)
	p := jwttest.NewProver("ES256")
	jkt := p.Confirmation()["jkt"].(string)
	older, newer := []byte(strings.Repeat("o", 32)), []byte(strings.Repeat("n", 32))
	nonces := proof.NewNonces([][]byte{newer, older})
	for _, test := range []struct {
		name   string
		secret []byte
		given  time.Duration // after the minute began
		judged time.Duration
		passes bool
		next   bool
		until  time.Duration
	}{
		{"the newest", newer, 0, 59 * time.Second, true, false, 2 * time.Minute},
		{"of the step before", newer, 0, 60 * time.Second, true, true, 2 * time.Minute},
		{"of the step before, at its end", newer, 0, 119 * time.Second, true, true, 2 * time.Minute},
		{"two steps old", newer, 0, 120 * time.Second, false, false, 0},
		{"of a clock ahead", newer, 60 * time.Second, 0, true, false, 3 * time.Minute},
		{"of a clock far ahead", newer, 120 * time.Second, 0, false, false, 0},
		{"of the older secret", older, 0, 0, true, true, 2 * time.Minute},
		{"of a stranger", []byte(strings.Repeat("s", 32)), 0, 0, false, false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			given := proof.NewNonces([][]byte{test.secret}).At(minute.Add(test.given))
			now := minute.Add(test.judged)
			r := rules(t)
			r.Nonces = nonces
			proven, fault := r.Judge(question(p.Proof("GET", ordersURL, token, map[string]any{"iat": now.Unix(), "nonce": given}), jkt, now))
			if (fault == nil) != test.passes {
				t.Fatalf("got %v, want it to pass: %t", fault, test.passes)
			}
			if !test.passes {
				return
			}
			want := ""
			if test.next {
				want = nonces.At(now)
			}
			if proven.Nonce != want || !proven.Until.Equal(minute.Add(test.until)) {
				t.Errorf("got next %q until %v, want %q until %v", proven.Nonce, proven.Until, want, minute.Add(test.until))
			}
		})
	}
	r, now := rules(t), minute
	r.Nonces = nonces
	for iat, passes := range map[time.Duration]bool{-301 * time.Second: false, -300 * time.Second: true, 300 * time.Second: true, 301 * time.Second: false} {
		proven, fault := r.Judge(question(p.Proof("GET", ordersURL, token, map[string]any{"iat": now.Add(iat).Unix(), "nonce": nonces.At(now)}), jkt, now))
		if (fault == nil) != passes || passes && iat < 0 && !proven.Until.Equal(now) {
			t.Errorf("iat %v from now: got %v until %v, want it to pass: %t", iat, fault, proven.Until, passes)
		}
	}
}
