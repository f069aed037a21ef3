package proof_test

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/jwtmw/jwtmw/core/internal/jws"
	"github.com/jwtmw/jwtmw/core/internal/proof"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

const (
	token     = "the.access.token"
	ordersURL = "https://api.example.com/orders"
)

func rules(t testing.TB) *proof.Rules {
	t.Helper()
	u, err := proof.ParseURL("https://api.example.com")
	if err != nil {
		t.Fatal(err)
	}
	return &proof.Rules{
		URLs: []proof.URL{u}, MaxAge: time.Minute, Leeway: 30 * time.Second,
		Algorithms: []jws.Algorithm{jws.ES256, jws.RS256, jws.PS256, jws.EdDSA},
	}
}

func question(text, jkt string, now time.Time) proof.Question {
	return proof.Question{Proof: text, Token: token, Thumbprint: jkt, Method: "GET", Path: "/orders", Now: now}
}

// FuzzProof judges any text, as if the token were bound to whatever key it brings.
// What passes must pass go-jose and encoding/json as well.
func FuzzProof(f *testing.F) {
	now := time.Now()
	for _, alg := range []string{"ES256", "RS256", "PS256", "EdDSA"} {
		p := jwttest.NewProver(alg)
		good := p.Proof("GET", ordersURL, token, nil)
		f.Add(good)
		f.Add(good + "=")
		f.Add(p.Proof("GET", ordersURL, token, map[string]any{"exp": now.Add(time.Minute), "nbf": now, "nonce": "x"}))
		f.Add(p.Proof("GET", ordersURL, token, nil, jwttest.Header(map[string]any{"jwk": p.PrivateJWK()})))
		f.Add(p.Proof("POST", ordersURL, token, nil))
		f.Add(p.Proof("GET", ordersURL+"?a#b", "another.token", nil))
	}
	f.Add("")
	f.Add("e30.e30.")
	f.Add(jwttest.Compact([]byte(`{"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}}`), []byte("{}"), []byte("x")))
	r := rules(f)
	f.Fuzz(func(t *testing.T, text string) {
		jkt := thumbprintByJose(text)
		proven, fault := r.Judge(question(text, jkt, now))
		if fault != nil {
			if len(fault.Error()) > 2000 {
				t.Errorf("got a cause of %d octets", len(fault.Error()))
			}
			return
		}
		secondOpinion(t, text, jkt)
		if proven.Until.Before(now) || proven.Until.After(now.Add(2*time.Minute)) {
			t.Errorf("got a proof that could pass until %v, want within two minutes of %v", proven.Until, now)
		}
		if again, fault := r.Judge(question(text, jkt, now)); fault != nil || again != proven {
			t.Errorf("got %v and %v the second time, want %v", again, fault, proven)
		}
		if _, fault := r.Judge(question(text, jkt[1:]+"A", now)); fault == nil || fault.Kind != proof.OtherKey {
			t.Errorf("got %v for a token of another key, want OtherKey", fault)
		}
	})
}

// thumbprintByJose is that of the key in the proof, "" where go-jose reads none.
func thumbprintByJose(text string) string {
	segment, _, _ := strings.Cut(text, ".")
	octets, err := base64.RawURLEncoding.DecodeString(segment)
	if err != nil {
		return ""
	}
	var header struct{ JWK jose.JSONWebKey }
	if json.Unmarshal(octets, &header) != nil || !header.JWK.Valid() {
		return ""
	}
	thumbprint, err := header.JWK.Thumbprint(crypto.SHA256)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(thumbprint)
}

func secondOpinion(t *testing.T, text, jkt string) {
	t.Helper()
	parsed, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.ES256, jose.RS256, jose.PS256, jose.EdDSA})
	if err != nil {
		t.Fatalf("passed, and go-jose says %v", err)
	}
	key := parsed.Signatures[0].Header.JSONWebKey
	if key == nil || !key.IsPublic() {
		t.Fatal("passed, and go-jose sees no public key")
	}
	if jkt != thumbprintByJose(text) {
		t.Error("passed with another thumbprint than go-jose's")
	}
	payload, err := parsed.Verify(key)
	if err != nil {
		t.Fatalf("passed, and go-jose says %v", err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatalf("passed, and encoding/json says %v", err)
	}
	sum := sha256.Sum256([]byte(token))
	if claims["ath"] != base64.RawURLEncoding.EncodeToString(sum[:]) || claims["htm"] != "GET" {
		t.Errorf("passed with ath %q and htm %q", claims["ath"], claims["htm"])
	}
	if jti, ok := claims["jti"].(string); !ok || jti == "" || len(jti) > 256 {
		t.Errorf("passed with jti %.300v", claims["jti"])
	}
}

// FuzzURL wants what matches to be the same URL for net/url too.
func FuzzURL(f *testing.F) {
	for _, seed := range [][2]string{
		{ordersURL, "/orders"}, {"HTTPS://API.EXAMPLE.COM:443/%6frders?x#y", "/orders"}, {"https://api.example.com", "/"},
		{"https://api.example.com/a/../b", "/b"}, {"https://api.example.com/a%2fb", "/a%2Fb"}, {"https://api@evil/", "/"}, {"https://api.example.com/\xff", "/\xff"},
	} {
		f.Add(seed[0], seed[1])
	}
	u, err := proof.ParseURL("https://api.example.com")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, htu, path string) {
		if !proof.Matches([]proof.URL{u}, htu, path) {
			return
		}
		if err := sameURL(htu, path); err != nil {
			t.Errorf("htu %q matches path %q, and %v", htu, path, err)
		}
		if !proof.Matches([]proof.URL{u}, "https://api.example.com"+path, path) {
			t.Errorf("path %q does not match itself", path)
		}
	})
}
