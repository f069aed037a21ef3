package redisstore

import (
	"context"
	"fmt"
)

type ring struct {
	server *server
	key    string
}

// swap replaces a value that is still what ARGV[2] says, or is not there where
// ARGV[1] is "none". A script runs in one step.
const swap = `
local there = redis.call('GET', KEYS[1])
if ARGV[1] == 'none' then
  if there then return 0 end
elseif there ~= ARGV[2] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[3])
return 1`

func (r *ring) Load(ctx context.Context) ([]byte, error) {
	reply, err := r.server.do(ctx, "GET", r.key)
	if err != nil {
		return nil, err
	}
	document, ok, err := text(reply)
	if err != nil {
		return nil, fmt.Errorf("redis: GET: %w", err)
	}
	if !ok {
		return nil, nil
	}
	return []byte(document), nil
}

func (r *ring) Swap(ctx context.Context, old, new []byte) (swapped bool, err error) {
	there := "some"
	if old == nil {
		there = "none"
	}
	reply, err := r.server.do(ctx, "EVAL", swap, "1", r.key, there, string(old), string(new))
	if err != nil {
		return false, err
	}
	n, err := integer(reply)
	if err != nil {
		return false, fmt.Errorf("redis: EVAL: %w", err)
	}
	return n == 1, nil
}
