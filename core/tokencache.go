package core

import (
	"context"
	"crypto/subtle"
	"hash/maphash"
	"strings"
	"sync/atomic"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// tokenCache remembers verified tokens. It is found by a keyed hash, so that
// nobody outside can aim at a slot, and answers only for the very same text. A
// nil tokenCache remembers nothing.
type tokenCache struct {
	seed   maphash.Seed
	recent []atomic.Pointer[rememberedToken] // what shards hold, where a hit takes no lock
	shards []*lru.Cache[uint64, *rememberedToken]
}

// A large cache is parted, since each new token takes its shard's lock.
const (
	maxShards     = 16
	minShard      = 256 // tokens in a shard, where there are several
	recentFor     = 4   // places in recent for a token, so that few tokens share one
	secondChances = 8   // tokens in use that one new token passes over
)

func newTokenCache(size int) *tokenCache {
	if size == 0 {
		return nil
	}
	n := min(max(size/minShard, 1), maxShards)
	c := &tokenCache{maphash.MakeSeed(), make([]atomic.Pointer[rememberedToken], size*recentFor), make([]*lru.Cache[uint64, *rememberedToken], n)}
	for i := range c.shards {
		// The parts add up to size.
		shard, err := lru.NewWithEvict((size+i)/n, func(_ uint64, kept *rememberedToken) { c.recently(kept.hash).CompareAndSwap(kept, nil) })
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

func (c *tokenCache) shard(hash uint64) *lru.Cache[uint64, *rememberedToken] {
	return c.shards[hash%uint64(len(c.shards))]
}

func (c *tokenCache) recently(hash uint64) *atomic.Pointer[rememberedToken] {
	return &c.recent[hash%uint64(len(c.recent))]
}

// find returns what is remembered of a token, or nil. Two threads that bring the same
// token write nothing that both read: the list of use learns of it when the next new
// token asks for room.
func (c *tokenCache) find(token string) *rememberedToken {
	hash := maphash.String(c.seed, token)
	kept := c.recently(hash).Load()
	if kept == nil || kept.hash != hash {
		if kept, _ = c.shard(hash).Get(hash); kept == nil {
			return nil
		}
		c.recently(hash).Store(kept) // where one that is dropped meanwhile stays until the next
	}
	// Two tokens may share a hash, and where they begin to differ is nobody's business.
	if subtle.ConstantTimeCompare([]byte(kept.token), []byte(token)) == 0 {
		return nil
	}
	if !kept.used.Load() {
		kept.used.Store(true)
	}
	return kept
}

// recall fills in t from the same token's earlier attempt if all that made it
// valid then still holds: its dates, and its key in the issuer's present set. A
// Refusal is about the key, and final: to ask again could cost a second fetch.
func (c *tokenCache) recall(ctx context.Context, t *attempt, tenants *tenants) (bool, *Refusal) {
	if c == nil || len(t.token) > jws.MaxLength {
		return false, nil
	}
	earlier := c.find(t.token)
	if earlier == nil {
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
	c.add(&rememberedToken{
		token: strings.Clone(t.token), hash: maphash.String(c.seed, t.token), issuer: t.issuer, header: t.header, key: t.key,
		claims: t.payload.clone(), confirmation: t.payload.confirmation,
	})
}

// add makes room by dropping the token that was used longest ago. One that was used
// since it was last looked at goes to the end of the list instead.
func (c *tokenCache) add(kept *rememberedToken) {
	shard := c.shard(kept.hash)
	for range secondChances {
		hash, oldest, ok := shard.GetOldest()
		if !ok || !oldest.used.Swap(false) {
			break
		}
		shard.Get(hash)
	}
	shard.Add(kept.hash, kept)
	c.recently(kept.hash).Store(kept) // over what this token replaces, which the shard does not evict
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

// rememberedToken is a token that verified. Nothing of it changes but used.
type rememberedToken struct {
	token  string
	hash   uint64
	used   atomic.Bool // since room was last looked for
	issuer *issuer
	header jws.Header
	key    *jws.Key
	claims *Claims

	confirmation confirmation // possession is proved for each request anew
}
