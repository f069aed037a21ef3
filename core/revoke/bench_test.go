package revoke

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// BenchmarkRevoked asks a list of a million entries about tokens that it does not
// know, as nearly all are.
func BenchmarkRevoked(b *testing.B) {
	const n = 1_000_000
	for _, kinds := range []int{1, 2} {
		b.Run(fmt.Sprintf("%d kinds of entries", kinds), func(b *testing.B) {
			log := Memory()
			l, err := New(Config{Log: log, MaxAge: time.Hour})
			if err != nil {
				b.Fatal(err)
			}
			until := time.Now().Add(time.Hour)
			entries := make([]Entry, n)
			for i := range entries {
				if entries[i] = (Entry{Issuer: "https://issuer.test", ID: fmt.Sprint("id-", i), Until: until}); i%kinds == 1 {
					entries[i] = Entry{Issuer: "https://issuer.test", Subject: fmt.Sprint("subject-", i), Until: until}
				}
			}
			if err := log.Add(b.Context(), entries...); err != nil {
				b.Fatal(err)
			}
			entries = nil
			before := heap()
			if _, err := l.Revoked(b.Context(), new(core.Claims)); err != nil {
				b.Fatal(err)
			}
			octets := heap() - before
			tokens := make([]*core.Claims, 1<<10)
			for i := range tokens {
				tokens[i] = &core.Claims{Issuer: "https://issuer.test", ID: fmt.Sprint("other-", i), Subject: fmt.Sprint("else-", i), IssuedAt: time.Now()}
			}
			i := 0
			for b.Loop() {
				if revoked, err := l.Revoked(context.Background(), tokens[i%len(tokens)]); revoked || err != nil {
					b.Fatalf("got %t, %v", revoked, err)
				}
				i++
			}
			b.ReportMetric(float64(octets)/n, "octets/entry")
			runtime.KeepAlive(log)
		})
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
