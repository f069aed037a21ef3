package clients

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/jwtmw/jwtmw/core/redisstore"
)

func goRedis(addr string) redisstore.Redis {
	client := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true, MaxRetries: -1})
	shared := redisstore.Redis(func(ctx context.Context, args ...any) (any, error) {
		reply, err := client.Do(ctx, args...).Result()
		if err == redis.Nil {
			return nil, nil
		}
		return reply, err
	})
	return shared
}
