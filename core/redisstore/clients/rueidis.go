package clients

import (
	"context"

	"github.com/redis/rueidis"

	"github.com/jwtmw/jwtmw/core/redisstore"
)

func rueidisClient(addr string) (redisstore.Redis, error) {
	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{addr}, DisableRetry: true})
	if err != nil {
		return nil, err
	}
	shared := redisstore.Redis(func(ctx context.Context, args ...any) (any, error) {
		words := make([]string, len(args))
		for i, arg := range args {
			words[i] = arg.(string)
		}
		reply, err := client.Do(ctx, client.B().Arbitrary(words...).Build()).ToAny()
		if rueidis.IsRedisNil(err) {
			return nil, nil
		}
		return reply, err
	})
	return shared, nil
}
