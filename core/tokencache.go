package core

import (
	"context"
	"crypto/subtle"
	"hash/maphash"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// tokenCache remembers verified tokens. It is found by a keyed hash, so that
// nobody outside can aim at a slot, and answers only for the very same text. A
// nil tokenCache remembers nothing.
type tokenCache struct {
	seed  maphash.Seed
	known *lru.Cache[uint64, *attempt] // attempts do not change once they are in it
}

func newTokenCache(size int) *tokenCache {
	if size == 0 {
		return nil
	}
	known, err := lru.New[uint64, *attempt](size)
	if err != nil {
		panic(err) // a size below one, which validate refuses
	}
	return &tokenCache{seed: maphash.MakeSeed(), known: known}
}

// recall fills in t from the same token's earlier attempt if all that made it
// valid then still holds: its dates, and its key in the issuer's present set.
func (c *tokenCache) recall(ctx context.Context, t *attempt) bool {
	if c == nil || len(t.token) > jws.MaxLength {
		return false
	}
	earlier, ok := c.known.Get(maphash.String(c.seed, t.token))
	if !ok || subtle.ConstantTimeCompare([]byte(earlier.token), []byte(t.token)) == 0 {
		return false
	}
	iss, h := earlier.issuer, earlier.header
	if !iss.tenants.keeps(iss) || iss.judgeTime(&earlier.payload, t.now) != nil {
		return false
	}
	key, answered, err := iss.keys.Key(ctx, h.KeyID, h.HasKeyID, h.Algorithm)
	if err != nil || !key.Equal(earlier.key) || iss.judgeTime(&earlier.payload, answered) != nil {
		return false
	}
	t.issuer, t.header, t.key = iss, h, key
	t.payload.Claims = earlier.payload.clone()
	return true
}

func (c *tokenCache) remember(t *attempt) {
	if c == nil || t.issuer.TokenCache == 0 {
		return
	}
	kept := *t
	kept.now = time.Time{}
	kept.token = strings.Clone(t.token)
	kept.payload.Claims = t.payload.clone()
	c.known.Add(maphash.String(c.seed, kept.token), &kept)
}

// clone gives a caller Claims that nobody else can change.
func (p *payload) clone() *Claims {
	claims := &roomyClaims{Claims: *p.Claims}
	lists := append(append(claims.room[:0], p.Audience...), p.Scopes...)
	n := len(p.Audience)
	claims.Audience, claims.Scopes = lists[:n:n], lists[n:len(lists):len(lists)]
	if p.Audience == nil {
		claims.Audience = nil
	}
	if p.Scopes == nil {
		claims.Scopes = nil
	}
	return &claims.Claims
}
