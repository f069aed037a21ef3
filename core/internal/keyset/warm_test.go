package keyset

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// kept runs a process that fetches the keys a and b into a Store, and returns the Store.
func kept(t *testing.T) *memory {
	t.Helper()
	store := newMemory()
	s := restarted(newIssuer(ok(kids("a", "b"))), store)
	wantAnswer(t, s, "a", found, 0)
	synctest.Wait()
	if len(store.data) != 1 {
		t.Fatalf("got %d entries, want 1", len(store.data))
	}
	return store
}

func restarted(i *issuer, store Store) *remote {
	o := i.options()
	o.Store = store
	return JWKS(keysURL, o).(*remote)
}

func TestWarmStartWhileTheIssuerIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := kept(t)
		time.Sleep(5 * time.Minute)
		i := newIssuer(hang)
		s := restarted(i, store)
		wantAnswer(t, s, "a", found, 0) // and a fetch in the background at once
		synctest.Wait()
		wantRequests(t, i, 1)
		if store.puts != 1 {
			t.Errorf("got %d writes, want the one of the first process", store.puts)
		}
		wantState(t, s, StateAhead)
		if stats := s.Stats(); stats.Age != 5*time.Minute || stats.MaxAge != 10*time.Minute {
			t.Errorf("got age %s of %s, want 5m of 10m", stats.Age, stats.MaxAge)
		}
		time.Sleep(time.Hour)
		wantAnswer(t, s, "a", found, 0)
		wantAnswer(t, s, "x", unavailable, DefaultTimeout) // joins the fetch that the known key started
		wantAnswer(t, s, "x", unavailable, 0)
		time.Sleep(5 * time.Minute)
		wantState(t, s, StateExpired) // 70 minutes after it was fetched
		wantAnswer(t, s, "a", unavailable, DefaultTimeout)
	})
}

func TestWarmStartIsRevalidatedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := kept(t)
		i := newIssuer(after(time.Second, ok(kids("b", "c"))))
		s := restarted(i, store)
		wantAnswer(t, s, "a", found, 0)
		wantAnswer(t, s, "c", found, time.Second) // rotated while we were away: joins the fetch
		wantAnswer(t, s, "a", unknown, time.Second)
		wantRequests(t, i, 2)
	})
}

func TestWarmStartOfAnUnknownKidAsksTheIssuer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := kept(t)
		i := newIssuer(after(time.Second, ok(kids("c"))))
		wantAnswer(t, restarted(i, store), "c", found, time.Second)
		wantRequests(t, i, 1)
	})
}

func TestWarmStartPastMaxAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := kept(t)
		time.Sleep(30 * time.Minute)
		up := newIssuer(after(time.Second, ok(kids("a"))))
		wantAnswer(t, restarted(up, store), "a", found, time.Second) // fetched in the same flight
		wantRequests(t, up, 1)

		store = kept(t)
		time.Sleep(30 * time.Minute)
		s := restarted(newIssuer(after(time.Second, broken)), store)
		wantAnswer(t, s, "a", found, time.Second) // the fetch failed: stale
		wantAnswer(t, s, "a", found, 0)
		wantState(t, s, StateStale)

		time.Sleep(40 * time.Minute)
		wantAnswer(t, restarted(newIssuer(broken), store), "a", unavailable, 0) // 70 minutes old
	})
}

func TestWarmStartIgnoresDamage(t *testing.T) {
	now := func(d time.Duration) func(map[string]any) {
		return func(e map[string]any) { e["fetched_at"] = time.Now().Add(d) }
	}
	set := func(name string, value any) func(map[string]any) {
		return func(e map[string]any) { e[name] = value }
	}
	tests := []struct {
		name   string
		change func(map[string]any)
		want   string
		logged int
	}{
		{"intact", func(map[string]any) {}, found, 0},
		{"another member", set("version", 2), found, 0},
		{"half a minute of the future", now(30 * time.Second), found, 0},
		{"D03 an hour of the future", now(time.Hour), unavailable, 1},
		{"too old", now(-2 * time.Hour), unavailable, 0},
		{"no time", func(e map[string]any) { delete(e, "fetched_at") }, unavailable, 0},
		{"time of another type", set("fetched_at", 5), unavailable, 1},
		{"another source", set("source", "jwks https://evil.test/"), unavailable, 1},
		{"no source", func(e map[string]any) { delete(e, "source") }, unavailable, 1},
		{"another URL", set("url", "https://evil.test/"), unavailable, 1},
		{"no URL", set("url", ""), unavailable, 1},
		{"age of a year", set("max_age", "8760h"), unavailable, 1},
		{"age of nothing", set("max_age", "0s"), unavailable, 1},
		{"age in words", set("max_age", "long"), unavailable, 1},
		{"document without keys", set("document", []byte(`{"keys":[]}`)), unavailable, 1},
		{"document not base64", set("document", "!"), unavailable, 1},
		{"no document", set("document", nil), unavailable, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := kept(t)
				store.edit(t, tt.change)
				var j journal
				o := newIssuer(broken).options()
				o.Store, o.Logger = store, j.logger()
				s := JWKS(keysURL, o)
				wantAnswer(t, s, "a", tt.want, 0)
				if age := s.Stats().Age; age < 0 {
					t.Errorf("got age %s, want none below zero", age)
				}
				time.Sleep(2 * time.Second)
				wantAnswer(t, s, "a", tt.want, 0)
				synctest.Wait()
				if stats := s.Stats(); tt.want == unavailable && stats.State != StateEmpty {
					t.Errorf("got state %q, want %q where nothing was restored", stats.State, StateEmpty)
				}
				if got := j.count("kept keys are damaged"); got != tt.logged {
					t.Errorf("got %d lines of damage, want %d", got, tt.logged)
				}
			})
		})
	}
}

func TestWarmStartFromDisk(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := restarted(newIssuer(ok(kids("a"))), DirStore(dir))
		wantAnswer(t, s, "a", found, 0)
		synctest.Wait()
	})
	synctest.Test(t, func(t *testing.T) {
		wantAnswer(t, restarted(newIssuer(broken), DirStore(dir)), "a", found, 0)
	})
}

// K5: the caller that comes while the restored keys are told starts nothing: the fetch that is due must be under way.
func TestK5RestoreGoesOnIntoItsFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := kept(t)
		time.Sleep(5 * time.Minute)
		i := newIssuer(after(time.Second, ok(kids("a", "c"))))
		o := i.options()
		o.Store = store
		o.Hooks.Changed = func(Changed) { time.Sleep(3 * time.Second) }
		s := JWKS(keysURL, o)
		wantAnswer(t, s, "a", found, 0)
		wantAnswer(t, s, "a", found, 0)
		wantState(t, s, StateAhead)
		time.Sleep(2 * time.Second) // nobody asks
		wantState(t, s, StateFresh)
		wantAnswer(t, s, "c", found, 0)
		wantRequests(t, i, 1)
		time.Sleep(time.Minute)
	})
}

// What was kept under a looser configuration is not used under a stricter one.
func TestWarmStartUnderStricterRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		i := newIssuer(byPath(map[string]func(*http.Request) (*http.Response, error){
			"/.well-known/openid-configuration": metadata("https://issuer.test", "https://keys.test/jwks"),
			"/jwks":                             ok(kids("a")),
		}))
		o := i.options()
		o.Store, o.Confined, o.Hosts = store, true, []string{"keys.test"}
		wantAnswer(t, Discovery("https://issuer.test", "", o), "a", found, 0)
		synctest.Wait()
		i.now(broken)
		wantAnswer(t, Discovery("https://issuer.test", "", o), "a", found, 0)
		o.Hosts = nil
		wantAnswer(t, Discovery("https://issuer.test", "", o), "a", unavailable, 0)
	})
}
