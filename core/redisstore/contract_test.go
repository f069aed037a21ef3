//go:build unix

package redisstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/storetest"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/redisstore"
	"github.com/jwtmw/jwtmw/core/revoke"
)

func TestContracts(t *testing.T) {
	server := storetest.StartRedis(t)
	r := redisstore.Redis(server.Do)
	t.Run("Revocations", func(t *testing.T) {
		storetest.Log(t, func() revoke.Log { return r.Revocations("log") })
	})
	t.Run("Replays", func(t *testing.T) {
		jwttest.TestReplayStore(t, r.Replays("p:"))
		storetest.Replays(t, r.Replays("p:"), r.Replays("p:"))
	})
	t.Run("Ring", func(t *testing.T) { storetest.Ring(t, r.Ring("ring"), r.Ring("ring")) })
	t.Run("Documents", func(t *testing.T) { storetest.Documents(t, r.Documents("d:"), r.Documents("d:")) })
}

const issuer = "https://issuer.test"

func entry(id string, life time.Duration) revoke.Entry {
	return revoke.Entry{Issuer: issuer, ID: id, Until: time.Now().Add(life)}
}

// A cursor of before means nothing in a server that came back empty.
func TestRevocationsOfAnEmptiedServer(t *testing.T) {
	server := storetest.StartRedis(t)
	log := redisstore.Redis(server.Do).Revocations("log")
	for i := range 20 {
		if err := log.Add(t.Context(), entry(fmt.Sprint(i), time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	_, cursor, err := log.Since(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.Do(t.Context(), "FLUSHALL"); err != nil {
		t.Fatal(err)
	}
	if entries, next, err := log.Since(t.Context(), cursor); len(entries) != 0 || next != "" || err != nil {
		t.Errorf("got %v, %q, %v, want nothing", entries, next, err)
	}
	if err := log.Add(t.Context(), entry("new", time.Hour)); err != nil {
		t.Fatal(err)
	}
	if entries, _, err := log.Since(t.Context(), cursor); len(entries) != 1 || err != nil {
		t.Errorf("got %v, %v, want the entry from the start", entries, err)
	}
}

// What has ended is removed while others are added, and the last takes all with it.
func TestRevocationsEnd(t *testing.T) {
	server := storetest.StartRedis(t)
	log := redisstore.Redis(server.Do).Revocations("log")
	ended := make([]revoke.Entry, 200)
	for i := range ended {
		ended[i] = entry(fmt.Sprint("ended", i), -2*time.Minute)
	}
	if err := log.Add(t.Context(), ended...); err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		if err := log.Add(t.Context(), entry(fmt.Sprint(i), time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	size, err := server.Do(t.Context(), "ZCARD", "log")
	if n, ok := size.(int64); err != nil || !ok || n < 301 || n > 350 {
		t.Errorf("got %v members, %v, want 300 live ones, the mark, and few that ended", size, err)
	}
	ttl, err := server.Do(t.Context(), "TTL", "log")
	if n, ok := ttl.(int64); err != nil || !ok || n < 3600 || n > 3660 {
		t.Errorf("got a life of %v s, %v, want the last entry's and a minute", ttl, err)
	}
}

// Whatever else is under the key is an error, and not skipped.
func TestRevocationsOfAnotherKind(t *testing.T) {
	server := storetest.StartRedis(t)
	for name, command := range map[string][]any{
		"a string":              {"SET", "log", "x"},
		"another sorted set":    {"ZADD", "log", "1", "x"},
		"a damaged member":      {"ZADD", "log", "1", "1|{}"},
		"a member without JSON": {"ZADD", "log", "1", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := server.Do(t.Context(), "DEL", "log"); err != nil {
				t.Fatal(err)
			}
			log := redisstore.Redis(server.Do).Revocations("log")
			if err := log.Add(t.Context(), entry("a", time.Hour)); err != nil {
				t.Fatal(err)
			}
			if _, err := server.Do(t.Context(), command...); err != nil {
				t.Fatal(err)
			}
			if entries, _, err := log.Since(t.Context(), ""); err == nil {
				t.Errorf("got %v, want an error", entries)
			}
		})
	}
}

// A log that needs several replies is read to its end.
func TestRevocationsInParts(t *testing.T) {
	server := storetest.StartRedis(t)
	log := redisstore.Redis(server.Do).Revocations("log")
	const n = 25_000
	all := make([]revoke.Entry, n)
	for i := range all {
		all[i] = entry(fmt.Sprint(i), time.Hour)
	}
	if err := log.Add(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
	seen, cursor := make(map[string]bool), ""
	for range 3 {
		entries, next, err := log.Since(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			seen[e.ID] = true
		}
		cursor = next
	}
	if entries, _, err := log.Since(t.Context(), cursor); len(seen) != n || len(entries) != 0 || err != nil {
		t.Errorf("got %d entries and %d more, %v, want %d and none", len(seen), len(entries), err, n)
	}
}
