package clients

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/storetest"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/revoke"
)

// A revocation on one of three replicas is seen by all within 5 seconds, 200 times
// under load, and no verdict is wrong.
func TestThreeReplicas(t *testing.T) {
	for name, client := range clientsOf {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, i := storetest.StartRedis(t), jwttest.NewIssuer("")
			lists := make([]*revoke.List, 3)
			for n := range lists {
				var err error
				if lists[n], err = revoke.New(revoke.Config{Log: client(t, server.Addr).Revocations("log")}); err != nil {
					t.Fatal(err)
				}
			}
			load, stop := context.WithCancel(t.Context())
			var loads, watches sync.WaitGroup
			var asked, slowest atomic.Int64
			innocent := claims(t, i, "innocent")
			for _, l := range lists {
				loads.Go(func() {
					for load.Err() == nil {
						if revoked, err := l.Revoked(context.Background(), innocent); revoked || err != nil {
							t.Errorf("a token that nobody revoked: got %t, %v", revoked, err)
						}
						if asked.Add(1)%1000 == 0 {
							time.Sleep(time.Millisecond) // the server shares these processors
						}
					}
				})
			}
			for n := range 200 {
				c := claims(t, i, fmt.Sprint("out", n))
				for m, l := range lists {
					if revoked, err := l.Revoked(t.Context(), c); revoked || err != nil {
						t.Errorf("%d on replica %d before it is revoked: got %t, %v", n, m, revoked, err)
					}
				}
				if err := lists[n%3].Add(t.Context(), entryOf(i, c.ID)); err != nil {
					t.Fatal(err)
				}
				added := time.Now()
				for m, l := range lists {
					watches.Go(func() {
						seen := func() bool { revoked, _ := l.Revoked(context.Background(), c); return revoked }
						if m == n%3 && !seen() {
							t.Errorf("%d: not seen at once where it was added", n)
						}
						for !seen() {
							if time.Since(added) > 6*time.Second {
								t.Errorf("%d: not seen by replica %d within 5 s", n, m)
								return
							}
							time.Sleep(10 * time.Millisecond)
						}
						for took := int64(time.Since(added)); ; {
							if old := slowest.Load(); took <= old || slowest.CompareAndSwap(old, took) {
								return
							}
						}
					})
				}
				time.Sleep(20 * time.Millisecond)
			}
			watches.Wait()
			stop()
			loads.Wait()
			t.Logf("the slowest of 600 was seen after %v, beside %d other questions", time.Duration(slowest.Load()), asked.Load())
		})
	}
}

// The same proof to three replicas at once passes once.
func TestOneProofOnThreeReplicas(t *testing.T) {
	for name, client := range clientsOf {
		t.Run(name, func(t *testing.T) {
			server := storetest.StartRedis(t)
			for n := range 200 {
				var firsts atomic.Int64
				var group sync.WaitGroup
				for range 3 {
					store := client(t, server.Addr).Replays("p:")
					group.Go(func() {
						first, err := store.Claim(t.Context(), fmt.Sprint("proof", n), time.Minute)
						if err != nil {
							t.Error(err)
						}
						if first {
							firsts.Add(1)
						}
					})
				}
				group.Wait()
				if got := firsts.Load(); got != 1 {
					t.Errorf("proof %d passed %d times, want once", n, got)
				}
			}
		})
	}
}
