package jwttest

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// TestReplayStore holds a store against what core.ReplayStore asks: of any number of claims of one key within its time
// exactly one is the first, keys do not know each other, and a key is free again when its time is over.
//
// It takes some three seconds, and none inside a bubble of testing/synctest.
func TestReplayStore(t *testing.T, s core.ReplayStore) {
	t.Helper()
	for _, problem := range replayStoreProblems(t.Context(), s) {
		t.Error(problem)
	}
}

func replayStoreProblems(ctx context.Context, s core.ReplayStore) (problems []string) {
	claim := func(key string, ttl time.Duration, want bool, when string) {
		switch first, err := s.Claim(ctx, key, ttl); {
		case err != nil:
			problems = append(problems, fmt.Sprintf("%s: got error %v, want none", when, err))
		case first != want:
			problems = append(problems, fmt.Sprintf("%s: got first %t, want %t", when, first, want))
		}
	}
	key, short := newReplayKey(), newReplayKey()
	claim(key, time.Minute, true, "a key that is new")
	claim(key, time.Minute, false, "the same key again")
	claim(newReplayKey(), time.Minute, true, "another key")
	claim(key, time.Second, false, "the same key with another time")

	if passed := claimsAtOnce(ctx, s, newReplayKey()); passed != 1 {
		problems = append(problems, fmt.Sprintf("200 claims of one key at once: got %d to be the first, want 1", passed))
	}

	claim(short, 2*time.Second, true, "a key for two seconds")
	time.Sleep(time.Second)
	claim(short, 2*time.Second, false, "that key after one second")
	time.Sleep(time.Second + 500*time.Millisecond)
	claim(short, 2*time.Second, true, "that key when its time is over")
	claim(key, time.Minute, false, "the first key, whose time is not over")
	return problems
}

// newReplayKey is a key as core makes them, of 22 characters.
func newReplayKey() string { return rand.Text()[:22] }

func claimsAtOnce(ctx context.Context, s core.ReplayStore, key string) (passed int64) {
	var first atomic.Int64
	var all sync.WaitGroup
	start := make(chan struct{})
	for range 200 {
		all.Go(func() {
			<-start
			if ok, err := s.Claim(ctx, key, time.Minute); ok && err == nil {
				first.Add(1)
			}
		})
	}
	close(start)
	all.Wait()
	return first.Load()
}
