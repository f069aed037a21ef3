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
	seed   maphash.Seed
	shards []*lru.Cache[uint64, *attempt] // attempts do not change once they are in one
}

// A large cache is parted, since each hit takes its shard's lock. A small one
// forgets in the exact order of use.
const (
	maxShards = 16
	minShard  = 256 // tokens in a shard, where there are several
)

func newTokenCache(size int) *tokenCache {
	if size == 0 {
		return nil
	}
	n := min(max(size/minShard, 1), maxShards)
	c := &tokenCache{seed: maphash.MakeSeed(), shards: make([]*lru.Cache[uint64, *attempt], n)}
	for i := range c.shards {
		shard, err := lru.New[uint64, *attempt]((size + i) / n) // which add up to size
		if err != nil {
			panic(err) // a size below one, which validate refuses
		}
		c.shards[i] = shard
	}
	return c
}

// slot is where a token is remembered, if it is.
func (c *tokenCache) slot(token string) (shard *lru.Cache[uint64, *attempt], hash uint64) {
	hash = maphash.String(c.seed, token)
	return c.shards[hash%uint64(len(c.shards))], hash
}

// recall fills in t from the same token's earlier attempt if all that made it
// valid then still holds: its dates, and its key in the issuer's present set.
func (c *tokenCache) recall(ctx context.Context, t *attempt) bool {
	if c == nil || len(t.token) > jws.MaxLength {
		return false
	}
	shard, hash := c.slot(t.token)
	earlier, ok := shard.Get(hash)
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
	kept.payload = payload{Claims: t.payload.clone()} // the caller's own need not stay for it
	shard, hash := c.slot(kept.token)
	shard.Add(hash, &kept)
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
