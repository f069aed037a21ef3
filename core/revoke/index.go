package revoke

import (
	"hash/maphash"
	"math"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// index finds the entries that mean a token. It does not change: with returns
// another one, which shares with it what is the same.
type index struct {
	seeds  *seeds
	tables [kinds]*table // nil: no entry of that kind
}

// table is parted, so that one more entry costs the copy of a small part.
type table struct {
	shards [1024]*shard // nil: empty
	size   int
}

// fingerprint stands for an issuer and one of its names. 128 bits of a hash that
// nobody outside can compute: of a million entries and a million lookups a second
// none is mistaken in the age of the universe.
type fingerprint [2]uint64

// span is what one entry revokes: what was issued at before or earlier, as long
// as the clock stands below until. Both count nanoseconds since 1970.
type span struct{ before, until int64 }

func (s span) covers(other span) bool { return s.before >= other.before && s.until >= other.until }

type seeds [kinds][2]maphash.Seed

func newIndex() *index {
	x := &index{seeds: new(seeds)}
	for k := range x.seeds {
		x.seeds[k] = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	}
	return x
}

// fingerprint mixes the issuer's hash with the name's, so that the issuer is
// hashed once for all kinds. It is never zero.
func (x *index) fingerprint(k kind, issuer fingerprint, name string) fingerprint {
	return fingerprint{
		issuer[0] ^ maphash.String(x.seeds[k][0], name),
		issuer[1] ^ maphash.String(x.seeds[k][1], name) | 1,
	}
}

func (x *index) issuer(name string) fingerprint {
	return x.fingerprint(byIssuer, fingerprint{}, name)
}

// revokes reports whether an entry means the token.
func (x *index) revokes(c *core.Claims, now time.Time) bool {
	issuer, instant := x.issuer(c.Issuer), nanoseconds(now)
	issued := nanoseconds(c.IssuedAt) // without iat the zero time, which is before everything
	for k, table := range x.tables {
		if table == nil {
			continue
		}
		name := nameOf(kind(k), c)
		if name == "" && kind(k) != byIssuer {
			continue
		}
		if table.revokes(x.fingerprint(kind(k), issuer, name), issued, instant) {
			return true
		}
	}
	return false
}

// nameOf reads from a token what entries of a kind name.
func nameOf(k kind, c *core.Claims) string {
	switch k {
	case byID:
		return c.ID
	case bySession:
		session, _ := c.Lookup("sid")
		name, _ := session.(string)
		return name
	case bySubject:
		return c.Subject
	}
	return ""
}

func (t *table) revokes(f fingerprint, issued, now int64) bool {
	shard := t.shards[f.shard()]
	if shard == nil {
		return false
	}
	if s := shard.find(f); s == nil || s.revokes(issued, now) {
		return s != nil
	}
	for _, s := range shard.more[f] {
		if s.revokes(issued, now) {
			return true
		}
	}
	return false
}

func (s span) revokes(issued, now int64) bool { return issued <= s.before && now < s.until }

func (f fingerprint) shard() int { return int(f[0] % uint64(len(table{}.shards))) }

// size is how many entries there are, ended ones included until the next sweep.
func (x *index) size() (n int) {
	for _, table := range x.tables {
		if table != nil {
			n += table.size
		}
	}
	return n
}

// nanoseconds is t since 1970. Instants that do not fit count as the nearest.
func nanoseconds(t time.Time) int64 {
	const most = math.MaxInt64/int64(time.Second) - 1 // the year 2262
	switch seconds := t.Unix(); {
	case seconds < -most:
		return math.MinInt64
	case seconds > most:
		return math.MaxInt64
	}
	return t.UnixNano()
}
