package redisstore

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core/revoke"
)

// The set's members are entries, "<until in ms>|<JSON>", and one mark, "m<random>".
// Scores count up, and the mark has the highest: it is the log's end, and tells the
// log from another that began after the server was emptied. They begin from the
// clock, so that a server which lost its last writes goes on behind every cursor.

// appendEntries takes now in microseconds, a mark for a new log, a random fraction,
// and entries. It looks at 16 members from a random place on, and removes what ended
// more than a minute ago: all that ended is removed in time, and no call takes long.
const appendEntries = `
local key, now = KEYS[1], tonumber(ARGV[1])
local head = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')
local mark, seq = head[1], tonumber(head[2] or 0)
if not mark or string.sub(mark, 1, 1) ~= 'm' then mark = ARGV[2] end
if seq < now then seq = now end
local last = 0
for i = 4, #ARGV do
  seq = seq + 1
  redis.call('ZADD', key, string.format('%.0f', seq), ARGV[i])
  last = math.max(last, tonumber(string.match(ARGV[i], '^%d+')))
end
redis.call('ZADD', key, string.format('%.0f', seq), mark)
local from = math.floor(tonumber(ARGV[3]) * redis.call('ZCARD', key))
for _, member in ipairs(redis.call('ZRANGE', key, from, from + 15)) do
  local ended = tonumber(string.match(member, '^%d+'))
  if ended and (ended + 60000) * 1000 < now then redis.call('ZREM', key, member) end
end
local life = math.max(last + 60000 - math.floor(now / 1000), 60000)
if redis.call('PTTL', key) < life then redis.call('PEXPIRE', key, string.format('%.0f', life)) end
return 1`

// readEntries takes the mark and the score of a cursor, and a limit. It returns
// the mark, its score, and members with their scores, in one array of strings. A
// cursor with another mark, or beyond the end, reads from the start.
const readEntries = `
local head = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if not head[1] then return {} end
local from = '-inf'
if ARGV[1] == head[1] and tonumber(ARGV[2]) <= tonumber(head[2]) then from = '(' .. ARGV[2] end
local reply = redis.call('ZRANGEBYSCORE', KEYS[1], from, '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
table.insert(reply, head[1])
table.insert(reply, head[2])
return reply`

const (
	readPart = 10_000 // entries of one reply, after which a List asks again
	addPart  = 1_000
)

type revocations struct {
	server *server
	key    string
}

// record is an entry as JSON. Instants are microseconds since 1970.
type record struct {
	Issuer  string `json:"iss"`
	ID      string `json:"jti,omitempty"`
	Session string `json:"sid,omitempty"`
	Subject string `json:"sub,omitempty"`
	Before  *int64 `json:"before,omitempty"`
	Until   int64  `json:"until"`
}

func (r *revocations) Add(ctx context.Context, entries ...revoke.Entry) error {
	for len(entries) > 0 {
		n := min(len(entries), addPart)
		args := []string{"EVAL", appendEntries, "1", r.key,
			strconv.FormatInt(time.Now().UnixMicro(), 10), "m" + rand.Text(), strconv.FormatFloat(mathrand.Float64(), 'f', 9, 64)}
		for _, e := range entries[:n] {
			member, err := encode(e)
			if err != nil {
				return err
			}
			args = append(args, member)
		}
		if _, err := r.server.do(ctx, args...); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

func (r *revocations) Since(ctx context.Context, cursor string) ([]revoke.Entry, string, error) {
	mark, score, ok := strings.Cut(cursor, ".")
	if _, err := strconv.ParseInt(score, 10, 64); !ok || err != nil {
		mark, score = "", "0"
	}
	reply, err := r.server.do(ctx, "EVAL", readEntries, "1", r.key, mark, score, strconv.Itoa(readPart))
	if err != nil {
		return nil, "", err
	}
	rows, err := texts(reply)
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("redis: EVAL: %w", err)
	case len(rows) == 0:
		return nil, "", nil // nothing there, and nothing to go on from
	case len(rows)%2 != 0:
		return nil, "", fmt.Errorf("redis: EVAL: got %d strings, want pairs", len(rows))
	}
	rows, mark, score = rows[:len(rows)-2], rows[len(rows)-2], rows[len(rows)-1]
	if !strings.HasPrefix(mark, "m") {
		return nil, "", fmt.Errorf("redis: %s: got a last member %s, want the mark of a revocation log", quote(r.key), quote(mark))
	}
	var entries []revoke.Entry
	for i := 0; i < len(rows); i += 2 {
		if rows[i] == mark {
			continue
		}
		e, err := decode(rows[i])
		if err != nil {
			// To leave it out could let a revoked token pass.
			return nil, "", fmt.Errorf("redis: %s: got member %s: %w", quote(r.key), quote(rows[i]), err)
		}
		entries = append(entries, e)
	}
	if len(rows)/2 == readPart {
		score = rows[len(rows)-1]
	}
	return entries, mark + "." + score, nil
}

func encode(e revoke.Entry) (string, error) {
	r := record{Issuer: e.Issuer, ID: e.ID, Session: e.Session, Subject: e.Subject, Until: e.Until.UnixMicro()}
	if !e.Before.IsZero() {
		before := e.Before.UnixMicro()
		r.Before = &before
	}
	if r.Until <= 0 {
		return "", errors.New("got an Until before 1970, want the end of a token's life")
	}
	text, err := json.Marshal(r)
	return strconv.FormatInt(r.Until/1000, 10) + "|" + string(text), err
}

func decode(member string) (revoke.Entry, error) {
	var r record
	_, text, _ := strings.Cut(member, "|")
	if err := json.Unmarshal([]byte(text), &r); err != nil || r.Issuer == "" || r.Until == 0 {
		return revoke.Entry{}, errors.New("want an entry as Add writes it")
	}
	e := revoke.Entry{Issuer: r.Issuer, ID: r.ID, Session: r.Session, Subject: r.Subject, Until: time.UnixMicro(r.Until)}
	if r.Before != nil {
		e.Before = time.UnixMicro(*r.Before)
	}
	return e, nil
}
