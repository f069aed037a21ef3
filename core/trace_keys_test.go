package core_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// keysOf is a Trace that hears of keys alone.
func keysOf(l *ledger) *core.Trace {
	trace := l.trace()
	trace.TokenVerified, trace.Refused = nil, nil
	return trace
}

// fetching trusts issuer, whose keys are fresh for ten minutes to the second.
func fetching(t *testing.T, issuer *jwttest.Issuer, trace *core.Trace, store core.Store) *core.Verifier {
	t.Helper()
	issuer.SetHeader("Cache-Control", "max-age=600")
	return mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Trace: trace,
		Keys: core.JWKS{URL: issuer.JWKSURL(), Fetch: core.Fetch{Client: issuer.Client(), Store: store}}})
}

// use asks for the keys once, and lets what that causes come to its end.
func use(v *core.Verifier) {
	_ = v.Ready(context.Background())
	synctest.Wait()
}

func TestTraceOfAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l ledger
		issuer := jwttest.NewIssuer("")
		v := fetching(t, issuer, keysOf(&l), nil)
		issuer.Misbehave(jwttest.Delay(time.Second))
		use(v)
		l.want(t, `fetched "https://issuer.test" well in 1s, 2 keys, skipped map[]`, `changed "https://issuer.test" 2 +2 -0`,
			`state "https://issuer.test" empty to fresh`)
		use(v)
		l.want(t) // from memory

		issuer.Misbehave(jwttest.Fail(500))
		const ill = `fetched "https://issuer.test" ill in 0s, 2 keys, skipped map[]`
		time.Sleep(9 * time.Minute)
		use(v)
		l.want(t, `state "https://issuer.test" fresh to refresh_ahead`, ill)
		time.Sleep(5 * time.Minute)
		use(v)
		l.want(t, `state "https://issuer.test" refresh_ahead to stale`, ill)
		time.Sleep(5 * time.Minute)
		use(v)
		l.want(t, ill)
		time.Sleep(2 * time.Hour)
		use(v)
		l.want(t, `state "https://issuer.test" stale to expired`, ill)

		issuer.Recover()
		time.Sleep(5 * time.Minute)
		use(v)
		l.want(t, `fetched "https://issuer.test" well in 0s, 2 keys, skipped map[]`, `state "https://issuer.test" expired to fresh`)
		time.Sleep(2 * time.Hour) // nobody asked: the states in between were never noticed
		use(v)
		l.want(t, `state "https://issuer.test" fresh to expired`,
			`fetched "https://issuer.test" well in 0s, 2 keys, skipped map[]`, `state "https://issuer.test" expired to fresh`)
	})
}

func TestTraceOfARotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l ledger
		issuer := jwttest.NewIssuer("")
		v := fetching(t, issuer, keysOf(&l), nil)
		use(v)
		l.want(t, `fetched "https://issuer.test" well in 0s, 2 keys, skipped map[]`, `changed "https://issuer.test" 2 +2 -0`,
			`state "https://issuer.test" empty to fresh`)
		verify := func() {
			_, _ = v.Verify(t.Context(), issuer.Token(nil))
			synctest.Wait()
		}
		issuer.Rotate("RS256")
		verify()
		l.want(t, `fetched "https://issuer.test" well in 0s, 3 keys, skipped map[]`, `changed "https://issuer.test" 3 +1 -0`)
		issuer.Replace("RS256")
		issuer.Publish(issuer.PrivateJWK("ES256"))
		time.Sleep(time.Minute)
		verify()
		l.want(t, `fetched "https://issuer.test" well in 0s, 2 keys, skipped map[private:1]`, `changed "https://issuer.test" 2 +1 -2`)
	})
}

// Keys from the Store are a change, and the state that they are in; nobody was asked.
func TestTraceOfAWarmStart(t *testing.T) {
	store := core.DirStore(t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		var l ledger
		issuer := jwttest.NewIssuer("")
		use(fetching(t, issuer, nil, store))
		issuer.Misbehave(jwttest.Delay(time.Second))
		v := fetching(t, issuer, keysOf(&l), store)
		use(v)
		l.want(t, `changed "https://issuer.test" 2 +2 -0`, `state "https://issuer.test" empty to refresh_ahead`)
		use(v) // if the refresh was due while the restoring was still being told, nobody began it
		time.Sleep(time.Second)
		synctest.Wait()
		l.want(t, `fetched "https://issuer.test" well in 1s, 2 keys, skipped map[]`, `state "https://issuer.test" refresh_ahead to fresh`)
	})
}

func TestTraceOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jwks.json")
	synctest.Test(t, func(t *testing.T) {
		var l ledger
		issuer := jwttest.NewIssuer("")
		v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.JWKSFile(path), Trace: keysOf(&l)})
		write := func(document string) {
			time.Sleep(time.Minute) // a file is looked at once a second
			if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, time.Now(), time.Now()); err != nil {
				t.Fatal(err)
			}
			use(v)
		}
		use(v)
		l.want(t, `fetched "https://issuer.test" ill in 0s, 0 keys, skipped map[]`)
		write(string(issuer.JWKS()))
		l.want(t, `fetched "https://issuer.test" well in 0s, 2 keys, skipped map[]`, `changed "https://issuer.test" 2 +2 -0`,
			`state "https://issuer.test" empty to fresh`)
		write("{")
		l.want(t, `fetched "https://issuer.test" ill in 0s, 2 keys, skipped map[]`, `state "https://issuer.test" fresh to stale`)
		use(v)
		l.want(t)
	})
}

// A panic in a function that hears of keys is logged, costs nobody a request,
// and the others hear of the refresh all the same.
func TestTracePanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l ledger
		var log logbook
		issuer := jwttest.NewIssuer("")
		trace := keysOf(&l)
		trace.KeysFetched = func(core.KeyFetch) { panic("out of cheese") }
		v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Trace: trace, Logger: log.logger(),
			Keys: core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}}})
		if _, err := v.Verify(t.Context(), issuer.Token(nil)); err != nil {
			t.Errorf("got %v, want the token to pass", err)
		}
		synctest.Wait()
		l.want(t, `changed "https://issuer.test" 2 +2 -0`, `state "https://issuer.test" empty to fresh`)
		panics := 0
		for _, line := range log.take(t) {
			if line.Level == "ERROR" && line.Msg == "trace panicked" && strings.Contains(line.text, "out of cheese") {
				panics++
			}
		}
		if panics != 1 {
			t.Errorf("got %d lines of the panic, want 1", panics)
		}
	})
}
