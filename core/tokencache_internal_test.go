package core

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash/maphash"
	"strings"
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

func secretToken(subject string) string { return secretTokenOf("i", subject) }

func secretTokenOf(issuer, subject string) string {
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256"}`)) + "." + encode(fmt.Appendf(nil, `{"iss":%q,"aud":"a","sub":%q,"exp":9999999999}`, issuer, subject))
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
	kept := v.tokens.find(token)
	if kept == nil || remembered(v) != 1 {
		t.Fatalf("got %v and %d tokens remembered, want this one", kept, remembered(v))
	}
	kept.claims.Subject = "remembered"
	if got := subjectOf(t, v, token); got != "remembered" {
		t.Errorf("got %q, want the answer from memory", got)
	}
}

// Two tokens whose hashes collide are still two tokens.
func TestTokenCacheComparesText(t *testing.T) {
	v, alice, bob := secretVerifier(t, 4), secretToken("alice"), secretToken("bob")
	subjectOf(t, v, alice)
	kept, hash := v.tokens.find(alice), maphash.String(v.tokens.seed, bob)
	kept.hash = hash
	for range 2 { // from the list, and then from where no lock is taken
		v.tokens.shard(hash).Add(hash, kept)
		if got := subjectOf(t, v, bob); got != "bob" {
			t.Errorf("got %q, want bob", got)
		}
		v.tokens.recently(hash).Store(kept)
	}
}

func TestTokenCacheIsBounded(t *testing.T) {
	for _, size := range []int{1, 4, 511, 512, 1000} {
		v := secretVerifier(t, size)
		for n := range 3 * size {
			subjectOf(t, v, secretToken(fmt.Sprint(n)))
		}
		if got := remembered(v); got != size {
			t.Errorf("got %d tokens remembered, want %d", got, size)
		}
	}
}

// However large, the shards hold what was asked for and not one more.
func TestTokenCacheShards(t *testing.T) {
	for _, size := range []int{1, 255, 256, 511, 512, 513, 1000, 4095, 4096, 4097, 20_000} {
		c, sum := newTokenCache(size), 0
		for _, shard := range c.shards {
			for n := range uint64(size/len(c.shards) + 2) {
				shard.Add(n, &rememberedToken{hash: n})
			}
			sum += shard.Len()
		}
		if sum != size || len(c.shards) > maxShards || len(c.shards) > 1 && size/len(c.shards) < minShard {
			t.Fatalf("got %d shards for %d tokens in all, want room for %d", len(c.shards), sum, size)
		}
	}
}

// A token in use outlives those that are not, though its hits take no lock. Those that
// went are nowhere.
func TestTokenCacheKeepsWhatIsUsed(t *testing.T) {
	for _, size := range []int{2, 4, 100} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			v, used := secretVerifier(t, size), secretToken("used")
			subjectOf(t, v, used)
			for n := range 3 * size {
				subjectOf(t, v, used)
				subjectOf(t, v, secretToken(fmt.Sprint(n)))
			}
			if v.tokens.find(used) == nil {
				t.Error("got the token in use dropped, want it remembered")
			}
			kept := 0
			for i := range v.tokens.recent {
				if v.tokens.recent[i].Load() != nil {
					kept++
				}
			}
			if got := v.tokens.find(secretToken("0")); got != nil || kept > size {
				t.Errorf("got %v and %d tokens at hand, want the first stranger dropped and at most %d", got, kept, size)
			}
		})
	}
}

// A token that is verified anew, as after its key or its tenant was replaced, takes the
// place of what was remembered, wherever that is looked for.
func TestTokenCacheTakesTheNewer(t *testing.T) {
	v, token := secretVerifier(t, 4), secretToken("alice")
	subjectOf(t, v, token)
	subjectOf(t, v, token)
	earlier := v.tokens.find(token)
	newer := &rememberedToken{
		token: earlier.token, hash: earlier.hash, issuer: earlier.issuer, header: earlier.header, key: earlier.key,
		claims: &Claims{Subject: "newer", Expiry: earlier.claims.Expiry},
	}
	v.tokens.add(newer)
	if got := v.tokens.find(token); got != newer {
		t.Errorf("got what was remembered before, want what was verified last")
	}
	if got := subjectOf(t, v, token); got != "newer" || remembered(v) != 1 {
		t.Errorf("got %q of %d tokens, want the newer one alone", got, remembered(v))
	}
}

// Where all are in use, the one that was used longest ago goes.
func TestTokenCacheFullOfUsedTokens(t *testing.T) {
	v := secretVerifier(t, 20)
	for n := range 40 {
		for range 2 {
			subjectOf(t, v, secretToken(fmt.Sprint(n)))
		}
		if v.tokens.find(secretToken(fmt.Sprint(n))) == nil {
			t.Fatalf("got token %d dropped, want a new one remembered", n)
		}
	}
}

// remembered is how many tokens v remembers.
func remembered(v *Verifier) (n int) {
	for _, shard := range v.tokens.shards {
		n += shard.Len()
	}
	return n
}

// Tenants and fixed issuers share one cache, and of a tenant that is forgotten nothing stays in it.
func TestTokenCacheOfTenants(t *testing.T) {
	config := func(issuer string, tokens int) Config {
		return Config{Issuer: issuer, Audiences: []string{"a"}, Keys: Secret(make([]byte, 32)), TokenCache: tokens}
	}
	v, err := NewTenants(Tenants{TokenCache: 2, Allow: func(issuer string) bool { return issuer != "i" },
		Config: func(_ context.Context, issuer string) (Config, error) { return config(issuer, 0), nil }}, config("i", 5))
	if err != nil {
		t.Fatal(err)
	}
	subjectOf(t, v, secretTokenOf("other", "alice"))
	for _, subject := range []string{"alice", "bob"} {
		subjectOf(t, v, secretTokenOf("i", subject))
		subjectOf(t, v, secretTokenOf("tenant", subject))
	}
	for _, step := range []struct {
		forget string
		want   int
	}{{"nobody", 5}, {"i", 5}, {"tenant", 3}, {"other", 2}} {
		if v.Forget(step.forget); remembered(v) != step.want {
			t.Errorf("%s forgotten: got %d tokens remembered, want %d", step.forget, remembered(v), step.want)
		}
	}
	for n := range 20 {
		subjectOf(t, v, secretTokenOf("i", fmt.Sprint(n)))
	}
	if got := remembered(v); got != 7 {
		t.Errorf("got %d tokens remembered, want 7 of all issuers together", got)
	}
}

// A token that was refused leaves nothing behind, neither itself nor its header.
func TestRefusedTokenIsNotRemembered(t *testing.T) {
	v, token := secretVerifier(t, 4), secretToken("alice")
	forged := token[:len(token)-2] + "AA"
	if _, err := v.Verify(t.Context(), forged); err == nil {
		t.Fatal("got a forged token accepted")
	}
	if remembered(v) != 0 || v.headers.known.Load() != nil || v.headers.sights != [maxHeaders]uint64{} {
		t.Errorf("got %d tokens and headers %v remembered, want none", remembered(v), v.headers.known.Load())
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
	for n := range 3 * maxHeaders {
		for range 2 {
			subjectOf(t, v, headerToken(fmt.Sprintf(`{"alg":"HS256","n":%d}`, n)))
		}
		if got := len(*v.headers.known.Load()); got > maxHeaders {
			t.Fatalf("got %d headers remembered, want at most %d", got, maxHeaders)
		}
	}
}

// T14: a header that comes once copies nothing, and a long one is never kept.
func TestT14HeadersAreRememberedAtSecondSight(t *testing.T) {
	v := secretVerifier(t, 0)
	for n := range 3 * maxHeaders {
		subjectOf(t, v, headerToken(fmt.Sprintf(`{"alg":"HS256","n":%d}`, n)))
	}
	long := headerToken(`{"alg":"HS256","n":"` + strings.Repeat("x", maxHeaderText) + `"}`)
	subjectOf(t, v, long)
	subjectOf(t, v, long)
	if got := v.headers.known.Load(); got != nil {
		t.Fatalf("got %d headers remembered, want none", len(*got))
	}
	short := headerToken(`{"alg":"HS256"}`)
	subjectOf(t, v, short)
	subjectOf(t, v, short)
	if got := v.headers.known.Load(); got == nil || len(*got) != 1 {
		t.Errorf("got %v remembered, want the one that came twice", got)
	}
}

// headerToken signs claims that pass under a header of the caller's.
func headerToken(header string) string {
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(header)) + "." + encode([]byte(`{"iss":"i","aud":"a","exp":9999999999}`))
	mac := hmac.New(sha256.New, make([]byte, 32))
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}
