package redisstore

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

type replays struct {
	server *server
	prefix string
}

// Claim sets a key that must not be there, which the server does in one step.
func (r *replays) Claim(ctx context.Context, key string, ttl time.Duration) (first bool, err error) {
	reply, err := r.server.do(ctx, "SET", r.prefix+key, "1", "NX", "PX", milliseconds(ttl))
	if err != nil {
		return false, err
	}
	switch status, ok, err := text(reply); {
	case err != nil:
		return false, fmt.Errorf("redis: SET: %w", err)
	case ok && status != "OK":
		return false, fmt.Errorf("redis: SET: got %s, want OK", quote(status))
	default:
		return ok, nil
	}
}

// milliseconds rounds up, and is never zero, which the server would refuse.
func milliseconds(d time.Duration) string {
	return strconv.FormatInt(max(int64((d+time.Millisecond-1)/time.Millisecond), 1), 10)
}
