package main

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"runtime"

	"github.com/go-jose/go-jose/v4"

	"github.com/jwtmw/jwtmw/core/internal/keyset"
)

// documentTable compares how a large key set is read.
func documentTable(w io.Writer, p plan) error {
	count := 10_000
	if p.small {
		count = 20
	}
	p.rounds = min(p.rounds, 9)
	curve, err := otherKeys(count)
	if err != nil {
		return err
	}
	modulus, err := rsaKeys(count)
	if err != nil {
		return err
	}
	m := markdown{columns: []string{fmt.Sprintf("read %d keys", count), "ms", "of go-jose's", "MB allocated", "MB held"}}
	for _, set := range []struct {
		name string
		keys []jose.JSONWebKey
	}{{"RSA 2048", modulus}, {"P-256", curve}} {
		if err := addReaders(&m, p, set.name, documentOf(set.keys...)); err != nil {
			return err
		}
	}
	m.write(w, "Reading a key set", "jwtmw also refuses weak, duplicate and private keys, which go-jose reads.")
	return nil
}

func addReaders(m *markdown, p plan, name string, document []byte) error {
	readers := []func() (any, error){
		func() (any, error) {
			var keys jose.JSONWebKeySet
			return &keys, json.Unmarshal(document, &keys)
		},
		func() (any, error) {
			return keyset.Parse(document, keyset.Limits{MaxBytes: manyBytes, MaxKeys: manyKeys})
		},
	}
	var tasks []task
	for i, read := range readers {
		tasks = append(tasks, task{[]string{"go-jose, ", "jwtmw, "}[i] + name, func() error { _, err := read(); return err }})
	}
	costs, err := measure(p, tasks)
	if err != nil {
		return err
	}
	for i, c := range costs {
		allocated, held := memory(readers[i])
		m.add(c.name, fmt.Sprintf("%.1f", c.median().Seconds()*1000), times(c.ratio(costs[0])), megabytes(allocated), megabytes(held))
	}
	return nil
}

// memory returns what read allocates, and what of that its result keeps.
func memory(read func() (any, error)) (allocated, held uint64) {
	var before, after, kept runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	result, _ := read()
	runtime.ReadMemStats(&after)
	runtime.GC()
	runtime.ReadMemStats(&kept)
	runtime.KeepAlive(result)
	return after.TotalAlloc - before.TotalAlloc, max(kept.HeapAlloc, before.HeapAlloc) - before.HeapAlloc
}

func megabytes(n uint64) string { return fmt.Sprintf("%.1f", float64(n)/1e6) }

// rsaKeys makes odd moduli of the right size. A reader cannot tell that they are no products of two primes.
func rsaKeys(count int) ([]jose.JSONWebKey, error) {
	keys := make([]jose.JSONWebKey, count)
	for i := range keys {
		octets := make([]byte, 256)
		if _, err := rand.Read(octets); err != nil {
			return nil, err
		}
		octets[0] |= 0x80
		octets[255] |= 1
		public := &rsa.PublicKey{N: new(big.Int).SetBytes(octets), E: 65537}
		keys[i] = jose.JSONWebKey{Key: public, KeyID: fmt.Sprintf("other-key-%06d", i), Algorithm: "RS256", Use: "sig"}
	}
	return keys, nil
}
