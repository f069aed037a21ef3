// Package redisstore keeps what the replicas of a service share in Redis (6.0 or
// later) or Valkey: revocations, used DPoP proofs, an issuer's key ring, and the
// keys that one replica has fetched for all. It has no client of its own, and no
// dependency: a Redis is a function, which yours fits in a few lines.
//
//	shared := redisstore.Redis(func(ctx context.Context, args ...any) (any, error) { ... })
//
//	list, err := revoke.New(revoke.Config{Log: shared.Revocations("api:revoked")})
//	config := core.Config{
//		Issuer:    "https://login.example.com",
//		Audiences: []string{"https://api.example.com"},
//		Keys:      core.Discovery{Fetch: core.Fetch{Store: shared.Documents("api:keys:")}},
//		Revoked:   list.Revoked,
//	}
//
// # The client
//
// Tests compile and run each of these against a server. go-redis needs
// ContextTimeoutEnabled: without it, it ignores the deadline of a call to a server
// that does not answer, and holds its connection for 5 seconds.
//
//	// github.com/redis/go-redis/v9
//	client := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true, MaxRetries: -1})
//	shared := redisstore.Redis(func(ctx context.Context, args ...any) (any, error) {
//		reply, err := client.Do(ctx, args...).Result()
//		if err == redis.Nil {
//			return nil, nil
//		}
//		return reply, err
//	})
//
//	// github.com/redis/rueidis; the same with github.com/valkey-io/valkey-go
//	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{addr}, DisableRetry: true})
//	shared := redisstore.Redis(func(ctx context.Context, args ...any) (any, error) {
//		words := make([]string, len(args))
//		for i, arg := range args {
//			words[i] = arg.(string)
//		}
//		reply, err := client.Do(ctx, client.B().Arbitrary(words...).Build()).ToAny()
//		if rueidis.IsRedisNil(err) {
//			return nil, nil
//		}
//		return reply, err
//	})
//
//	// github.com/gomodule/redigo/redis
//	pool := &redis.Pool{MaxIdle: 64, DialContext: func(ctx context.Context) (redis.Conn, error) {
//		return redis.DialContext(ctx, "tcp", addr)
//	}}
//	shared := redisstore.Redis(func(ctx context.Context, args ...any) (any, error) {
//		conn, err := pool.GetContext(ctx)
//		if err != nil {
//			return nil, err
//		}
//		defer conn.Close()
//		return redis.DoContext(conn, ctx, args[0].(string), args[1:]...)
//	})
//
// # When the server is down
//
// A call ends with its ctx, and after 2 seconds at most, whatever the client does.
// After a failure each use is refused at once for a second, and then for a tenth of
// the time that the outage has lasted, up to 30 seconds, less up to a quarter; then
// one call tries, while the others are still refused. So a service is whole
// again soon after its server is. What a request gets meanwhile:
//
//	Revocations   answers from the last list for MaxStale, 1 minute; then 503
//	Replays       503: a proof that nobody can remember is not taken
//	Ring          signs with the keys in hand until they end
//	Documents     each replica asks the issuer itself
//
// # The server
//
// Everything is lost when a server without persistence restarts: revocations of
// the last hours, the proofs of the last minutes, and a Ring. Give a Ring a server
// that writes to disk (appendonly yes) and evicts nothing (maxmemory-policy
// noeviction). Whoever can write to the server can do harm; SECURITY.md says
// which. Each call is about one key, so that a cluster needs nothing special;
// EVAL must be allowed.
package redisstore
