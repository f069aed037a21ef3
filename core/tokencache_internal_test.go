package core

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash/maphash"
	"testing"
)

// secretVerifier trusts "iss": "i" and "aud": "a" under a Secret of zeros.
func secretVerifier(t testing.TB, tokens int) *Verifier {
	t.Helper()
	v, err := New(Config{Issuer: "i", Audiences: []string{"a"}, Keys: Secret(make([]byte, 32)), TokenCache: tokens})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func secretToken(subject string) string {
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256"}`)) + "." + encode(fmt.Appendf(nil, `{"iss":"i","aud":"a","sub":%q,"exp":9999999999}`, subject))
	mac := hmac.New(sha256.New, make([]byte, 32))
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}

func subjectOf(t *testing.T, v *Verifier, token string) string {
	t.Helper()
	c, err := v.Verify(t.Context(), token)
	if err != nil {
		t.Fatalf("got %v, want the token to pass", err)
	}
	return c.Subject
}

// A hit is answered from memory. What was remembered is changed to see it.
func TestTokenCacheHit(t *testing.T) {
	v, token := secretVerifier(t, 4), secretToken("alice")
	subjectOf(t, v, token)
	kept, ok := v.tokens.known.Get(maphash.String(v.tokens.seed, token))
	if !ok || v.tokens.known.Len() != 1 {
		t.Fatalf("got %v and %d tokens remembered, want this one", kept, v.tokens.known.Len())
	}
	kept.payload.Subject = "remembered"
	if got := subjectOf(t, v, token); got != "remembered" {
		t.Errorf("got %q, want the answer from memory", got)
	}
}

// Two tokens whose hashes collide are still two tokens.
func TestTokenCacheComparesText(t *testing.T) {
	v, alice, bob := secretVerifier(t, 4), secretToken("alice"), secretToken("bob")
	subjectOf(t, v, alice)
	kept, _ := v.tokens.known.Get(maphash.String(v.tokens.seed, alice))
	v.tokens.known.Add(maphash.String(v.tokens.seed, bob), kept)
	if got := subjectOf(t, v, bob); got != "bob" {
		t.Errorf("got %q, want bob", got)
	}
}

func TestTokenCacheIsBounded(t *testing.T) {
	v := secretVerifier(t, 4)
	for n := range 20 {
		subjectOf(t, v, secretToken(fmt.Sprint(n)))
	}
	if got := v.tokens.known.Len(); got != 4 {
		t.Errorf("got %d tokens remembered, want 4", got)
	}
}

// A token that was refused leaves nothing behind, neither itself nor its header.
func TestRefusedTokenIsNotRemembered(t *testing.T) {
	v, token := secretVerifier(t, 4), secretToken("alice")
	forged := token[:len(token)-2] + "AA"
	if _, err := v.Verify(t.Context(), forged); err == nil {
		t.Fatal("got a forged token accepted")
	}
	if v.tokens.known.Len() != 0 || v.headers.known.Load() != nil {
		t.Errorf("got %d tokens and headers %v remembered, want none", v.tokens.known.Len(), v.headers.known.Load())
	}
}

func TestNoTokenCache(t *testing.T) {
	v := secretVerifier(t, 0)
	subjectOf(t, v, secretToken("alice"))
	if v.tokens != nil {
		t.Error("got a token cache by default, want none")
	}
}

// Many headers under a trusted key take no more than their room.
func TestHeaderMemoryIsBounded(t *testing.T) {
	v := secretVerifier(t, 0)
	encode := base64.RawURLEncoding.EncodeToString
	for n := range 3 * maxHeaders {
		signed := encode(fmt.Appendf(nil, `{"alg":"HS256","n":%d}`, n)) + "." + encode([]byte(`{"iss":"i","aud":"a","exp":9999999999}`))
		mac := hmac.New(sha256.New, make([]byte, 32))
		mac.Write([]byte(signed))
		subjectOf(t, v, signed+"."+encode(mac.Sum(nil)))
		if got := len(*v.headers.known.Load()); got > maxHeaders {
			t.Fatalf("got %d headers remembered, want at most %d", got, maxHeaders)
		}
	}
}
