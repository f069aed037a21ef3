package redisstore_test

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/redisstore"
)

// table is a server of GET, SET and DEL, whose keys expire by a bubble's clock.
type table struct {
	mu   sync.Mutex // guards what follows
	keys map[string]value
	down bool
}

type value struct {
	text string
	end  time.Time
}

func (s *table) do(_ context.Context, args ...any) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return nil, fmt.Errorf("connection refused")
	}
	word := func(i int) string { return args[i].(string) }
	v, there := s.keys[word(1)]
	there = there && time.Now().Before(v.end)
	switch word(0) {
	case "GET":
		if !there {
			return nil, nil
		}
		return []byte(v.text), nil
	case "DEL":
		delete(s.keys, word(1))
		return int64(1), nil
	}
	if word(3) == "NX" && there {
		return nil, nil
	}
	life, err := strconv.Atoi(word(len(args) - 1))
	if err != nil {
		return nil, err
	}
	s.keys[word(1)] = value{word(2), time.Now().Add(time.Duration(life) * time.Millisecond)}
	return "OK", nil
}

// fleet asks with so many verifiers over one Documents for two hours, and returns
// how often the issuer's keys were fetched.
func fleet(t *testing.T, replicas int, server *table, shared bool) (fetches int) {
	synctest.Test(t, func(t *testing.T) {
		server.keys = make(map[string]value)
		i := jwttest.NewIssuer("")
		var group sync.WaitGroup
		for n := range replicas {
			store := redisstore.Redis(server.do).Documents("keys:")
			if !shared {
				store = nil
			}
			v, err := core.New(core.Config{Issuer: i.URL(), Audiences: []string{jwttest.Audience}, Logger: slog.New(slog.DiscardHandler),
				Keys: core.JWKS{URL: i.JWKSURL(), Fetch: core.Fetch{Client: i.Client(), Store: store}}})
			if err != nil {
				t.Fatal(err)
			}
			group.Go(func() {
				time.Sleep(time.Duration(n) * 300 * time.Millisecond) // a rollout
				for end := time.Now().Add(2 * time.Hour); time.Now().Before(end); time.Sleep(time.Minute) {
					if _, err := v.Verify(t.Context(), i.Token(nil, jwttest.Algorithm("ES256"))); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		fetches = i.Fetches()
	})
	return fetches
}

// Twenty verifiers over one Documents ask the issuer about as often as one does.
func TestDocumentsOfAFleet(t *testing.T) {
	one, twenty := fleet(t, 1, new(table), true), fleet(t, 20, new(table), true)
	if twenty > one+one/5+1 {
		t.Errorf("got %d fetches of twenty verifiers, want about the %d of one", twenty, one)
	}
	apart, down := fleet(t, 20, new(table), false), fleet(t, 20, &table{down: true}, true)
	if apart < 15*one || down < 15*one {
		t.Errorf("got %d fetches of twenty without a Store and %d with one that is down, want about twenty times %d", apart, down, one)
	}
	t.Logf("fetches in two hours: %d of one, %d of twenty, %d of twenty without a Store", one, twenty, apart)
}

// Nobody waits longer than 400 ms for a replica that does not put what it fetches.
func TestDocumentsTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &table{keys: make(map[string]value)}
		one, two := redisstore.Redis(server.do).Documents("d:"), redisstore.Redis(server.do).Documents("d:")
		get := func(s core.Store, want time.Duration) {
			t.Helper()
			start := time.Now()
			if data, err := s.Get(t.Context(), "a"); data != nil || err != nil || time.Since(start) != want {
				t.Errorf("got %q, %v after %v, want nothing after %v", data, err, time.Since(start), want)
			}
		}
		get(one, 0)
		get(two, 400*time.Millisecond)
		time.Sleep(700 * time.Millisecond)
		get(two, 0) // the turn of the first is over
		due := fmt.Appendf(nil, `{"fetched_at":%q,"max_age":"1m0s"}`, time.Now().Format(time.RFC3339Nano))
		if err := one.Put(t.Context(), "a", due); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			start := time.Now()
			if data, err := two.Get(t.Context(), "a"); string(data) != string(due) || err != nil || time.Since(start) != 0 {
				t.Errorf("got %q, %v after %v, want the fresh document at once", data, err, time.Since(start))
			}
		}
		time.Sleep(48 * time.Second)
		if data, _ := one.Get(t.Context(), "a"); string(data) != string(due) {
			t.Errorf("got %q, want the document that is due", data)
		}
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if data, err := two.Get(ctx, "a"); string(data) != string(due) || err != nil || time.Since(start) != 100*time.Millisecond {
			t.Errorf("got %q, %v after %v, want the document within the caller's time", data, err, time.Since(start))
		}
	})
}
