package core_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/internal/jws"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// fuzzKeys are the same in every process, so that a token which one found is
// valid for the next.
type fuzzKeys struct {
	secret []byte
	ec     *ecdsa.PrivateKey
	ed     ed25519.PrivateKey
}

func newFuzzKeys(t testing.TB) fuzzKeys {
	t.Helper()
	scalar := sha256.Sum256([]byte("a key for tests"))
	ec, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	if err != nil {
		t.Fatal(err)
	}
	return fuzzKeys{scalar[:], ec, ed25519.NewKeyFromSeed(scalar[:])}
}

// verifier trusts https://public.test with the two public keys, under the kids
// "ec" and "ed", and https://secret.test with the secret.
func (k fuzzKeys) verifier(t testing.TB) *core.Verifier {
	t.Helper()
	document, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: k.ec.Public(), KeyID: "ec"}, {Key: k.ed.Public(), KeyID: "ed"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return mustNew(t,
		core.Config{Issuer: "https://public.test", Audiences: []string{"a"}, Algorithms: []core.Algorithm{core.ES256, core.EdDSA}, Keys: core.JWKSDocument(document)},
		core.Config{Issuer: "https://secret.test", Audiences: []string{"a"}, Keys: core.Secret(k.secret)})
}

func (k fuzzKeys) sign(t testing.TB, header, payload string) string {
	t.Helper()
	unsigned := strings.TrimSuffix(jwttest.Compact([]byte(header), []byte(payload), nil), ".")
	var signature []byte
	switch {
	case strings.Contains(header, "HS256"):
		mac := hmac.New(sha256.New, k.secret)
		mac.Write([]byte(unsigned))
		signature = mac.Sum(nil)
	case strings.Contains(header, "ES256"):
		digest := sha256.Sum256([]byte(unsigned))
		r, s, err := ecdsa.Sign(rand.Reader, k.ec, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		signature = joined(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32)))
	default:
		signature = ed25519.Sign(k.ed, []byte(unsigned))
	}
	return jwttest.Compact([]byte(header), []byte(payload), signature)
}

// key is what go-jose verifies with.
func (k fuzzKeys) key(alg core.Algorithm) any {
	return map[core.Algorithm]any{core.HS256: k.secret, core.ES256: crypto.PublicKey(k.ec.Public()), core.EdDSA: k.ed.Public()}[alg]
}

// fuzzPayloads are seeds: a payload that passes, and what the tables make of it.
var fuzzPayloads = []string{
	`{"iss":"https://public.test","aud":"a","exp":9999999999}`,
	`{"iss":"https://secret.test","aud":["a","b"],"exp":9.9e9,"nbf":1.5,"iat":0,"sub":"\u00e4","jti":"1"}`,
	`{"iss":"https://public.test","aud":"a","exp":9999999999,"exp":1}`,
	`{"iss":"https://public.test","aud":"a","exp":1e400}`,
	`{"iss":"https://public.test","aud":null,"exp":9999999999,"EXP":1,"cnf":null}`,
	` {"iss":"https:\/\/public.test","aud":"\u0061","exp":253402300799,"x":[[{"y":"\ud83d\ude00"}]],"scope":["a",1]} `,
	"{\"iss\":\"https://public.test\",\"aud\":\"a\",\"exp\":9999999999,\"x\":\"\xff\"}",
	`[]`, `null`, ``, `{}{}`, `{"x":-0}`, `{"exp":00}`, `{"x":"\ud800"}`,
}

var fuzzHeaders = []string{
	`{"alg":"ES256","kid":"ec","typ":"JWT"}`, `{"alg":"EdDSA"}`, `{"alg":"HS256","kid":"x"}`, `{"alg":"ES256","kid":"ed"}`, `{"alg":"none"}`,
	`{"alg":"EdDSA","crit":["x"]}`, `{"alg":"EdDSA","b64":false}`, `{"alg":"EdDSA","jwk":{}}`, `{"alg":"EdDSA","\u0061lg":"HS256"}`, ` { "alg" : "EdDSA" } `,
}

// FuzzVerify holds Verify against go-jose, once with a text as it is and once
// with its first two parts signed.
func FuzzVerify(f *testing.F) {
	keys := newFuzzKeys(f)
	v := keys.verifier(f)
	for _, header := range fuzzHeaders {
		for _, payload := range fuzzPayloads {
			f.Add(keys.sign(f, header, payload), header, payload)
		}
	}
	good := keys.sign(f, fuzzHeaders[0], fuzzPayloads[0])
	for _, token := range []string{good + ".", good + "=", good + "\n", strings.Replace(good, ".", "..", 1), "", ".", "..", "...."} {
		f.Add(token, "", "")
	}
	f.Fuzz(func(t *testing.T, token, header, payload string) {
		holdAgainstJose(t, v, keys, token)
		holdAgainstJose(t, v, keys, keys.sign(t, header, payload))
	})
}

// holdAgainstJose wants a token that passes to be spelled in the one way, and
// to pass go-jose too; so what go-jose refuses does not pass.
func holdAgainstJose(t *testing.T, v *core.Verifier, keys fuzzKeys, token string) {
	t.Helper()
	c, err := v.Verify(t.Context(), token)
	if err != nil {
		if r := core.RefusalOf(err); c != nil || r.Status != 401 {
			t.Fatalf("got %v, %+v, want 401 without claims", c, r)
		}
		return
	}
	compact, err := jws.Split(token)
	if err != nil {
		t.Fatal(err)
	}
	if again := jwttest.Compact(mustDecode(compact.Header), mustDecode(compact.Payload), mustDecode(compact.Signature)); again != token {
		t.Fatalf("got %q accepted, want only %q", token, again)
	}
	if payload, _ := c.MarshalJSON(); string(payload) != string(mustDecode(compact.Payload)) {
		t.Fatalf("got payload %q, want %q", payload, mustDecode(compact.Payload))
	}
	if !onlyBasic(mustDecode(compact.Header)) {
		return // go-jose reads header members that are of no account here
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.HS256, jose.ES256, jose.EdDSA})
	if err != nil {
		t.Fatalf("go-jose does not parse %q: %v", token, err)
	}
	var claims jwt.Claims
	if err := parsed.Claims(keys.key(c.Header.Algorithm), &claims); err != nil {
		t.Fatalf("go-jose does not verify %q: %v", token, err)
	}
	expected := jwt.Expected{Issuer: c.Issuer, AnyAudience: jwt.Audience{"a"}, Time: time.Now()}
	if err := claims.ValidateWithLeeway(expected, 30*time.Second); err != nil {
		t.Fatalf("go-jose does not accept %q: %v", token, err)
	}
	if claims.Subject != c.Subject || claims.ID != c.ID || fmt.Sprint([]string(claims.Audience)) != fmt.Sprint(c.Audience) {
		t.Fatalf("got %+v, go-jose reads %+v", c, claims)
	}
}

func onlyBasic(header []byte) bool {
	basic := true
	err := jws.ReadObject(string(header), func(name string, _ jws.Value) error {
		basic = basic && (name == "alg" || name == "kid" || name == "typ")
		return nil
	})
	return basic && err == nil
}

// FuzzChallenge puts any text into a challenge: it stays one challenge, and the
// text comes out of it again with question marks for what cannot stand in it.
func FuzzChallenge(f *testing.F) {
	for _, text := range []string{"", "api", `a "b"`, `\`, `x", error="none`, "a\r\nb", "\x00", "ä", "\xff", "\x7f", `\"`} {
		f.Add(text, "https://api.test/"+text, text)
	}
	v := newFuzzKeys(f).verifier(f)
	quotable := func(text string) string {
		octets := []byte(text)
		for i, c := range octets {
			if c < ' ' || c > '~' {
				octets[i] = '?'
			}
		}
		return string(octets)
	}
	f.Fuzz(func(t *testing.T, realm, metadata, scope string) {
		g := core.Guard{Verifier: v, Realm: realm, ResourceMetadata: metadata, Optional: true}
		_, err := g.Check(t.Context(), get("Authorization", "Bearer x"))
		ctx, _ := g.Check(core.NewContext(t.Context(), &core.Claims{}), get())
		for _, text := range []string{
			core.RefusalOf(err).Challenge,
			core.RefusalOf(core.Require(core.NewContext(ctx, &core.Claims{}), core.Scope(scope))).Challenge,
		} {
			c := parseChallenge(t, text)
			if c.scheme != "Bearer" || c.params["realm"] != quotable(realm) || c.params["resource_metadata"] != quotable(metadata) {
				t.Errorf("got %q in %q, want realm %q and metadata %q", c.params, text, quotable(realm), quotable(metadata))
			}
			if asked, ok := c.params["scope"]; ok && asked != quotable(scope) {
				t.Errorf("got scope %q, want %q", asked, quotable(scope))
			}
		}
	})
}

// bearerForm is the reference for FromBearer, on a value without the white
// space around it.
var bearerForm = regexp.MustCompile(`(?is)^bearer(?: +(.*))?$`)

// unprintable is a value whose first word is no scheme.
var unprintable = regexp.MustCompile(`^[!-~]*[^ -~]`)

func FuzzBearer(f *testing.F) {
	keys := newFuzzKeys(f)
	good := keys.sign(f, fuzzHeaders[1], fuzzPayloads[0])
	for _, test := range bearerCases {
		f.Add(withToken(test.value, good))
	}
	v := keys.verifier(f)
	f.Fuzz(func(t *testing.T, value string) {
		_, err := core.Guard{Verifier: v}.Check(t.Context(), fake{"GET", "", "", http.Header{"Authorization": {value}}})
		want := core.ReasonNoToken
		form := bearerForm.FindStringSubmatch(strings.Trim(value, " \t"))
		switch {
		case strings.ContainsAny(value, "\x00\r\n"), unprintable.MatchString(strings.Trim(value, " \t")):
			want = core.ReasonMalformedRequest
		case form == nil:
		case form[1] == "" || strings.Contains(form[1], " "):
			want = core.ReasonMalformedRequest
		default:
			_, err := v.Verify(t.Context(), form[1])
			want = reasonOf(err)
		}
		if got := reasonOf(err); got != want {
			t.Errorf("got %q for %q, want %q", got, value, want)
		}
	})
}
