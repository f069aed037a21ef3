package main

import "context"

// contender is one verifier, made for one fixture: issuer, audience and expiry checked, one algorithm allowed, the key
// set loaded.
type contender struct {
	name   string
	verify func(ctx context.Context, token string) error
}

// maker makes a contender, or returns nil if it does not do f's algorithm.
type maker struct {
	name string
	make func(f *fixture) (func(context.Context, string) error, error)

	mldsa bool // it does RFC 9964
}

// second is the one that the goals are set against.
const second = "golang-jwt + keyfunc"

// ours comes first, and second second.
func makers() []maker {
	return []maker{
		{"jwtmw", newJwtmw, true},
		{second, newGolangJWT, false},
		{"go-jose", newGoJose, true},
		{"jwx", newJwx, false},
		{"go-oidc", newGoOIDC, false},
		{"auth0 middleware", newAuth0, false},
	}
}

func contenders(f *fixture) ([]contender, error) {
	var list []contender
	for _, m := range makers() {
		if f.mldsa() && !m.mldsa {
			continue
		}
		verify, err := m.make(f)
		if err != nil {
			return nil, err
		}
		if verify != nil {
			list = append(list, contender{m.name, verify})
		}
	}
	return list, nil
}

// on makes a task of verifying one token.
func (c contender) on(token string) task {
	ctx := context.Background()
	return task{c.name, func() error { return c.verify(ctx, token) }}
}

// inTurn makes a task, for one goroutine, of verifying one token after another.
func (c contender) inTurn(tokens []string) task {
	ctx, next := context.Background(), 0
	return task{c.name, func() error {
		token := tokens[next]
		next = (next + 1) % len(tokens)
		return c.verify(ctx, token)
	}}
}
