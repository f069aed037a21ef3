package keyset

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// fleetMemory is a Store of a fleet, without the turns that Documents of package redisstore takes.
type fleetMemory struct{ *memory }

func (fleetMemory) Shared() bool { return true }

// A refresh takes what another replica has fetched; an unknown kid asks the issuer.
func TestFleetTakesYoungerKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, store := newIssuer(ok(kids("a"))), fleetMemory{newMemory()}
		one, two := restarted(i, store), restarted(i, store)
		wantAnswer(t, one, "a", found, 0)
		synctest.Wait()
		wantAnswer(t, two, "a", found, 0)
		synctest.Wait()
		wantRequests(t, i, 1)
		wantState(t, two, StateFresh)

		time.Sleep(8*time.Minute + time.Second)
		wantAnswer(t, one, "a", found, 0) // fetches in the background
		synctest.Wait()
		wantRequests(t, i, 2)
		time.Sleep(time.Second)
		i.now(broken)
		wantAnswer(t, two, "a", found, 0)
		synctest.Wait()
		wantRequests(t, i, 2)
		wantState(t, two, StateFresh)
		if stats := two.Stats(); stats.Age != time.Second || stats.Fetches != 0 || stats.Failures != 0 {
			t.Errorf("got %+v, want the other's keys a second old, and no fetch of its own", stats)
		}
		i.now(ok(kids("a", "b")))
		wantAnswer(t, two, "b", found, 0) // the Store does not have it
		wantRequests(t, i, 3)
	})
}

// What lies in the Store answers no unknown kid, even to who joins a refresh that is due.
func TestFleetUnknownKidAsksTheIssuer(t *testing.T) {
	for name, wait := range map[string]time.Duration{"at a start": 0, "while a refresh is due": 8*time.Minute + time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i, store := newIssuer(ok(kids("a"))), fleetMemory{newMemory()}
				one, two := restarted(i, store), restarted(i, store)
				wantAnswer(t, one, "a", found, 0)
				synctest.Wait()
				if wait > 0 {
					wantAnswer(t, two, "a", found, 0)
					time.Sleep(wait)
					wantAnswer(t, one, "a", found, 0)
					synctest.Wait()
				}
				before := i.requests()
				i.now(after(time.Second, ok(kids("b"))))
				wantAnswer(t, two, "b", found, time.Second)
				wantAnswer(t, two, "c", unknown, time.Second)
				wantAnswer(t, two, "c", unknown, 0)
				wantRequests(t, i, before+2)
			})
		})
	}
}

// Documents of another issuer or URL, too old or broken are not used by a refresh either.
func TestFleetIgnoresDamage(t *testing.T) {
	set := func(name string, value any) func(map[string]any) {
		return func(e map[string]any) { e[name] = value }
	}
	for name, change := range map[string]func(map[string]any){
		"another source": set("source", "jwks https://evil.test/"),
		"another URL":    set("url", "https://evil.test/"),
		"of the future":  set("fetched_at", time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)),
		"no keys":        set("document", []byte(`{"keys":[]}`)),
		"a page":         set("document", []byte(`<html>`)),
		"age of a year":  set("max_age", "8760h"),
		"too old":        func(e map[string]any) { e["fetched_at"] = time.Now().Add(-71 * time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i, store := newIssuer(ok(kids("a"))), fleetMemory{newMemory()}
				s := restarted(i, store)
				wantAnswer(t, s, "a", found, 0)
				time.Sleep(8*time.Minute + time.Second)
				store.edit(t, func(e map[string]any) {
					e["fetched_at"], e["document"] = time.Now(), []byte(kids("evil"))
					change(e)
				})
				wantAnswer(t, s, "a", found, 0)
				synctest.Wait()
				wantRequests(t, i, 2)
				wantAnswer(t, s, "a", found, 0)
				wantAnswer(t, restarted(newIssuer(broken), store), "evil", unavailable, 0)
			})
		})
	}
}

// A younger document that is due itself is no reason to ask nobody, and serves where the issuer is down.
func TestFleetYoungerButDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, store := newIssuer(ok(kids("a"))), fleetMemory{newMemory()}
		s := restarted(i, store)
		wantAnswer(t, s, "a", found, 0)
		time.Sleep(60 * time.Minute)
		store.edit(t, func(e map[string]any) { e["fetched_at"] = time.Now().Add(-9 * time.Minute) })
		i.now(broken)
		wantAnswer(t, s, "a", found, 0)
		wantRequests(t, i, 2)
		if age := s.Stats().Age; age != 9*time.Minute {
			t.Errorf("got age %v, want that of the younger document", age)
		}
	})
}

// A Store that hangs delays a refresh in the background alone.
func TestFleetStoreHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, store := newIssuer(ok(kids("a"))), fleetMemory{newMemory()}
		s := restarted(i, store)
		wantAnswer(t, s, "a", found, 0)
		synctest.Wait()
		store.get = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		time.Sleep(9 * time.Minute)
		wantAnswer(t, s, "a", found, 0)
		time.Sleep(storeTimeout + 1)
		wantRequests(t, i, 2)
	})
}

// Replicas that are asked all the time ask the issuer hardly more often than one.
func TestFleetAsksAboutAsOftenAsOne(t *testing.T) {
	const hours = 6
	requests := func(t *testing.T, replicas int) (n int) {
		synctest.Test(t, func(t *testing.T) {
			i, store := newIssuer(after(100*time.Millisecond, ok(kids("a")))), &turns{fleetMemory: fleetMemory{newMemory()}}
			var group sync.WaitGroup
			for r := range replicas {
				group.Go(func() {
					time.Sleep(time.Duration(r) * 10 * time.Millisecond)
					s := restarted(i, store)
					for range hours * 3600 {
						if _, _, err := s.Key(context.Background(), "a", true, jws.ES256); err != nil {
							t.Error(err)
						}
						time.Sleep(time.Second)
					}
				})
			}
			group.Wait()
			n = i.requests()
		})
		return n
	}
	one, twenty := requests(t, 1), requests(t, 20)
	if twenty > one+one/10+1 {
		t.Errorf("got %d requests of twenty replicas, want about the %d of one", twenty, one)
	}
}

// turns lets one replica fetch while the others wait, as Documents of package redisstore does.
type turns struct {
	fleetMemory
	mu    sync.Mutex // guards until
	until time.Time
}

func (s *turns) Get(ctx context.Context, name string) ([]byte, error) {
	for end := time.Now().Add(400 * time.Millisecond); ; time.Sleep(25 * time.Millisecond) {
		data, _ := s.fleetMemory.Get(ctx, name)
		var kept struct {
			At time.Time `json:"fetched_at"`
		}
		if json.Unmarshal(data, &kept) == nil && time.Since(kept.At) < 8*time.Minute || time.Now().After(end) {
			return data, nil
		}
		s.mu.Lock()
		mine := time.Now().After(s.until)
		if mine {
			s.until = time.Now().Add(time.Second)
		}
		s.mu.Unlock()
		if mine {
			return data, nil
		}
	}
}
