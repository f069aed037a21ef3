package core

import (
	"context"
	"crypto/subtle"
	"hash/maphash"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// tokenCache remembers verified tokens. It is found by a keyed hash, so that
// nobody outside can aim at a slot, and answers only for the very same text. A
// nil tokenCache remembers nothing.
type tokenCache struct {
	seed   maphash.Seed
	shards []*lru.Cache[uint64, *rememberedToken]
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
	c := &tokenCache{seed: maphash.MakeSeed(), shards: make([]*lru.Cache[uint64, *rememberedToken], n)}
	for i := range c.shards {
		shard, err := lru.New[uint64, *rememberedToken]((size + i) / n) // which add up to size
		if err != nil {
			panic(err) // a size below one, which validate refuses
		}
		c.shards[i] = shard
	}
	return c
}

// rememberedBy adds up what the issuers ask for: they share one cache.
func rememberedBy(configs []Config) (tokens int) {
	for _, config := range configs {
		tokens += config.TokenCache
	}
	return tokens
}

// slot returns the place where a token is remembered, if it is.
func (c *tokenCache) slot(token string) (shard *lru.Cache[uint64, *rememberedToken], hash uint64) {
	hash = maphash.String(c.seed, token)
	return c.shards[hash%uint64(len(c.shards))], hash
}

// recall fills in t from the same token's earlier attempt if all that made it
// valid then still holds: its dates, and its key in the issuer's present set. A
// Refusal is about the key, and final: to ask again could cost a second fetch.
func (c *tokenCache) recall(ctx context.Context, t *attempt, tenants *tenants) (bool, *Refusal) {
	if c == nil || len(t.token) > jws.MaxLength {
		return false, nil
	}
	shard, hash := c.slot(t.token)
	earlier, ok := shard.Get(hash)
	// Two tokens may share a hash, and where they begin to differ is nobody's business.
	if !ok || subtle.ConstantTimeCompare([]byte(earlier.token), []byte(t.token)) == 0 {
		return false, nil
	}
	iss, h := earlier.issuer, earlier.header
	if !tenants.keeps(iss) || iss.judgeTime(earlier.claims, t.now) != nil {
		return false, nil
	}
	t.issuer, t.header = iss, h
	key, answered, err := iss.keys.Key(ctx, h.KeyID, h.HasKeyID, h.Algorithm)
	if err != nil {
		return false, refuseKey(err)
	}
	// Another key may have taken the kid, or the wait for it outlasted the token.
	if !key.Equal(earlier.key) || iss.judgeTime(earlier.claims, answered) != nil {
		return false, nil
	}
	t.key, t.payload.Claims, t.payload.confirmation = key, earlier.claims.clone(), earlier.confirmation
	return true, nil
}

func (c *tokenCache) remember(t *attempt) {
	if c == nil || t.issuer.TokenCache == 0 {
		return
	}
	// Nothing of the caller's is kept: neither its token, which may be a part of
	// a larger text, nor the Claims that it gets.
	kept := &rememberedToken{strings.Clone(t.token), t.issuer, t.header, t.key, t.payload.clone(), t.payload.confirmation}
	shard, hash := c.slot(kept.token)
	shard.Add(hash, kept)
}

// forget drops the tokens of one issuer.
func (c *tokenCache) forget(issuer string) {
	if c == nil {
		return
	}
	for _, shard := range c.shards {
		for _, hash := range shard.Keys() {
			if kept, ok := shard.Peek(hash); ok && kept.issuer.Issuer == issuer {
				shard.Remove(hash)
			}
		}
	}
}

// rememberedToken is a token that verified. It does not change.
type rememberedToken struct {
	token  string
	issuer *issuer
	header jws.Header
	key    *jws.Key
	claims *Claims

	confirmation confirmation // possession is proved for each request anew
}
