package jwttest

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// mapStore is a store as a test of it wants one, with a mistake of its choice.
type mapStore struct {
	mu      sync.Mutex // guards until
	until   map[string]time.Time
	mistake string
}

func (s *mapStore) Claim(_ context.Context, key string, ttl time.Duration) (bool, error) {
	if s.mistake == "checks, then sets" {
		s.mu.Lock()
		taken := time.Now().Before(s.until[key])
		s.mu.Unlock()
		time.Sleep(time.Millisecond)
		if taken {
			return false, nil
		}
		s.mu.Lock()
		s.until[key] = time.Now().Add(ttl)
		s.mu.Unlock()
		return true, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.mistake {
	case "every claim is the first":
		return true, nil
	case "forgets at once":
		ttl = 0
	case "never forgets":
		ttl = time.Hour
	case "all keys are one":
		key = ""
	}
	if time.Now().Before(s.until[key]) {
		if s.mistake == "begins anew" {
			s.until[key] = time.Now().Add(ttl)
		}
		return false, nil
	}
	s.until[key] = time.Now().Add(ttl)
	return true, nil
}

func TestS87ReplayStores(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		TestReplayStore(t, &mapStore{until: map[string]time.Time{}})
		for _, mistake := range []string{"every claim is the first", "forgets at once", "never forgets", "all keys are one", "checks, then sets", "begins anew"} {
			s := &mapStore{until: map[string]time.Time{}, mistake: mistake}
			if len(replayStoreProblems(t.Context(), s)) == 0 {
				t.Errorf("S87 a store that %s: got no problem", mistake)
			}
		}
	})
}
