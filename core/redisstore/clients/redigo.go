package clients

import (
	"context"

	"github.com/gomodule/redigo/redis"

	"github.com/jwtmw/jwtmw/core/redisstore"
)

func redigo(addr string) redisstore.Redis {
	pool := &redis.Pool{MaxIdle: 64, DialContext: func(ctx context.Context) (redis.Conn, error) {
		return redis.DialContext(ctx, "tcp", addr)
	}}
	shared := redisstore.Redis(func(ctx context.Context, args ...any) (any, error) {
		conn, err := pool.GetContext(ctx)
		if err != nil {
			return nil, err
		}
		defer conn.Close()
		return redis.DoContext(conn, ctx, args[0].(string), args[1:]...)
	})
	return shared
}
