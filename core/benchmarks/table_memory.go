package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// memoryTable says what a Verifier holds, by the number of its issuers. Each issuer
// has two keys, RSA 2048 and P-256, which are fetched over loopback by the default
// client.
func memoryTable(w io.Writer, p plan) error {
	rs, es := newFixture("RS256"), newFixture("ES256")
	second := es.jwk()
	second.KeyID = "2026-11-second-key"
	document := documentOf(rs.jwk(), second)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(document) // fails only if the client has left
	}))
	defer server.Close()
	m := markdown{columns: []string{"one Verifier, issuers", "after New, kB", "with all keys, kB", "for each issuer, kB", "goroutines"}}
	// A Verifier of one issuer is too small to be weighed alone.
	for _, size := range []struct{ issuers, copies int }{{1, 2000}, {100, 20}, {10_000, 1}} {
		if p.small && size.issuers > 100 {
			continue
		}
		if p.small {
			size.copies = 2
		}
		held, err := weigh(server.URL, size.issuers, size.copies)
		if err != nil {
			return err
		}
		each := held.loaded / float64(size.issuers)
		m.add(fmt.Sprintf("of %d", size.issuers), kilobytes(held.made), kilobytes(held.loaded), kilobytes(each), fmt.Sprint(held.goroutines))
	}
	m.write(w, "Memory", "The heap after garbage collection, the Configs included. Each issuer has two keys, RSA 2048 and P-256.")
	return nil
}

// weight is what one Verifier holds, in octets.
type weight struct {
	made, loaded float64
	goroutines   int // of all copies
}

func weigh(url string, issuers, copies int) (weight, error) {
	before, goroutines := heapNow(), runtime.NumGoroutine()
	verifiers := make([]*core.Verifier, copies)
	for n := range verifiers {
		configs := make([]core.Config, issuers)
		for i := range configs {
			issuer := fmt.Sprintf("https://issuer-%d-%d.example/", n, i)
			// Ready asks all of them at once, which takes this machine longer than the default of 5 s.
			keys := core.JWKS{URL: fmt.Sprintf("%s/%d", url, i), Fetch: core.Fetch{Timeout: time.Minute}}
			configs[i] = core.Config{Issuer: issuer, Audiences: []string{audience}, Keys: keys}
		}
		v, err := core.New(configs...)
		if err != nil {
			return weight{}, err
		}
		verifiers[n] = v
	}
	made := heapNow()
	for _, v := range verifiers {
		if err := v.Ready(context.Background()); err != nil {
			return weight{}, err
		}
		for _, s := range v.Stats() {
			if s.Keys != 2 {
				return weight{}, fmt.Errorf("%s: got %d keys, want 2", s.Issuer, s.Keys)
			}
		}
	}
	loaded := heapNow()
	held := weight{made: (made - before) / float64(copies), loaded: (loaded - before) / float64(copies), goroutines: runtime.NumGoroutine() - goroutines}
	runtime.KeepAlive(verifiers)
	return held, nil
}

// heapNow is the live heap in octets, without what finalizers hold.
func heapNow() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

func kilobytes(octets float64) string { return fmt.Sprintf("%.1f", octets/1000) }
