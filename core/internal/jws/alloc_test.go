//go:build !race

// Under the race detector sync.Pool drops what it is given at random, so that
// allocations are not what they are without it.

package jws

import (
	"runtime"
	"strings"
	"testing"
)

func TestAllocationsOfReading(t *testing.T) {
	header := `{"alg":"RS256","typ":"at+jwt","kid":"2024-11-01"}`
	segment := encode(claims)
	buffer := make([]byte, 0, len(claims))
	for _, test := range []struct {
		name string
		read func() error
	}{
		{"Split", func() error { _, err := Split("aaaa.bbbb.cccc"); return err }},
		{"AppendDecode", func() error { _, err := AppendDecode(buffer, segment); return err }},
		{"ParseHeader", func() error { _, err := ParseHeader(header); return err }},
		{"ReadObject", func() error {
			return ReadObject(claims, func(_ string, value Value) error { value.Text(); return nil })
		}},
	} {
		if err := test.read(); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if got := testing.AllocsPerRun(100, func() { test.read() }); got != 0 {
			t.Errorf("%s: got %v allocations, want 0", test.name, got)
		}
	}
}

// A verification allocates what the primitive does, and no more.
func TestAllocationsOfVerify(t *testing.T) {
	for _, alg := range allAlgorithms {
		pair := trusted(t, alg)
		signed := encode(`{"alg":"RS256"}`) + "." + encode(claims)
		signature := pair.sign(t, alg, signed)
		bare := primitive(t, alg, pair, signed)
		if !bare() {
			t.Fatalf("%s: got a refusal by the primitive", alg)
		}
		want := testing.AllocsPerRun(20, func() { bare() })
		got := testing.AllocsPerRun(20, func() {
			if err := pair.key.Verify(alg, signed, signature); err != nil {
				t.Fatal(err)
			}
		})
		if got > want {
			t.Errorf("%s: got %v allocations, want %v as the primitive", alg, got, want)
		}
		if alg.Symmetric() && got != 0 {
			t.Errorf("%s: got %v allocations, want 0", alg, got)
		}
	}
}

// What is too long costs the same, however long it is.
func TestAllocationsOfLongTokens(t *testing.T) {
	for _, test := range []struct{ name, token string }{
		{"A21 one million dots", strings.Repeat(".", 1_000_000)},
		{"A21 8 MB segment", "a." + strings.Repeat("b", 8<<20) + ".c"},
	} {
		// The count is the process's: what the runtime allocates meanwhile is spread over many calls.
		const calls = 1000
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range calls {
			Split(test.token)
		}
		runtime.ReadMemStats(&after)
		if got := (after.TotalAlloc - before.TotalAlloc) / calls; got > 1024 {
			t.Errorf("%s: got %d octets allocated, want at most 1024", test.name, got)
		}
	}
}
