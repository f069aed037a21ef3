package proof_test

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/proof"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func nth(n int, until time.Time) proof.Proven {
	p := proof.Proven{Until: until}
	// Spread as hashes are.
	binary.LittleEndian.PutUint64(p.ID[:], uint64(n)*0x9E3779B97F4A7C15)
	binary.LittleEndian.PutUint64(p.ID[8:], uint64(n))
	return p
}

func TestMemory(t *testing.T) {
	m := proof.NewMemory()
	until := noon.Add(90 * time.Second)
	p := nth(1, until)
	for _, test := range []struct {
		name  string
		at    time.Time
		first bool
	}{{"first", noon, true}, {"again", noon, false}, {"at its end", until, false}, {"when its slice is over", until.Add(30 * time.Second), true}} {
		if first, wait := m.Claim("key", p, test.at); first != test.first || wait != 0 {
			t.Errorf("%s: got %t and %v, want %t", test.name, first, wait, test.first)
		}
	}
	// The same name with another end is the same name.
	m.Claim("key", nth(2, until), noon)
	if first, _ := m.Claim("key", nth(2, noon.Add(time.Hour)), noon); first {
		t.Error("got a name to pass twice, with another end")
	}
}

// One key fills half of the memory, and no more of it than 45 MB; nobody else is
// harmed, and nothing is evicted.
func TestS84OneKeyFloods(t *testing.T) {
	const capacity = 1 << 20
	m := proof.NewMemory()
	taken := 0
	for n := range capacity {
		// Two minutes at line rate.
		at := noon.Add(time.Duration(n) * 60 * time.Second / capacity)
		first, wait := m.Claim("flood", nth(n, at.Add(time.Minute)), at)
		if first {
			taken++
		} else if wait <= 0 || wait > 2*time.Minute {
			t.Fatalf("got %v to wait, want until the next proofs are forgotten", wait)
		}
	}
	if taken != capacity/2 {
		t.Errorf("S84 got %d proofs of one key, want half of %d", taken, capacity)
	}
	now := noon.Add(time.Minute)
	for n := range 200_000 { // so many that some share one of their two counters with the flood
		if first, _ := m.Claim(fmt.Sprint("other", n), nth(capacity+n, now.Add(time.Minute)), now); !first {
			t.Fatalf("S84 got proof %d of another key refused", n)
		}
	}
	if first, _ := m.Claim("flood", nth(7, now), now); first {
		t.Error("S84 got an early proof forgotten")
	}
	later := now.Add(90 * time.Second)
	if first, _ := m.Claim("flood", nth(2*capacity, later.Add(time.Minute)), later); !first {
		t.Error("S84 got the flood's key refused after its proofs have ended")
	}
}

func TestS85ManyKeysFlood(t *testing.T) {
	const capacity, keys = 1 << 20, 10_000
	before := heap()
	m := proof.NewMemory()
	until := noon.Add(time.Minute)
	taken, refused := 0, 0
	for n := range capacity + 100_000 {
		first, wait := m.Claim(fmt.Sprint("key", n%keys), nth(n, until.Add(time.Duration(n%90)*time.Second)), noon)
		if first {
			taken++
		} else if wait == 90*time.Second { // when the first slice is over
			refused++
		}
	}
	size := (heap() - before) / 1e6
	t.Logf("S85 %d proofs of %d keys take %d MB", taken, keys, size)
	if taken < capacity-capacity/100 || taken > capacity || taken+refused != capacity+100_000 {
		t.Errorf("S85 got %d proofs taken and %d refused, want %d and the rest", taken, refused, capacity)
	}
	if size > 45 {
		t.Errorf("S85 got %d MB, want at most 45", size)
	}
	for n := range 1000 {
		if first, _ := m.Claim(fmt.Sprint("key", n%keys), nth(n, until), noon); first {
			t.Fatalf("S85 got proof %d forgotten", n)
		}
	}
	for n, later := 0, noon.Add(5*time.Minute); n < 1000; n++ {
		if first, _ := m.Claim("late", nth(2*capacity+n, later.Add(time.Minute)), later); !first {
			t.Fatalf("S85 got proof %d refused when the flood is over, want room for it", n)
		}
	}
	runtime.KeepAlive(m)
}

func heap() int {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}

func BenchmarkMemory(b *testing.B) {
	m := proof.NewMemory()
	for n := range 800_000 {
		m.Claim(fmt.Sprint("key", n%100), nth(n, noon.Add(time.Duration(n%90)*time.Second)), noon)
	}
	n := 1 << 21
	for b.Loop() {
		n++
		m.Claim("mine", nth(n, noon.Add(time.Minute)), noon)
	}
}
