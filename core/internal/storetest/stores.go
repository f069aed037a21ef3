package storetest

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
)

// Replays holds a core.ReplayStore against its contract. Two of them see the same
// proofs.
func Replays(t *testing.T, here, there core.ReplayStore) {
	const keys, calls = 50, 8
	for k := range keys {
		var firsts atomic.Int64
		var group sync.WaitGroup
		for n := range calls {
			store := here
			if n%2 == 1 {
				store = there
			}
			group.Go(func() {
				first, err := store.Claim(t.Context(), fmt.Sprint("key", k), time.Minute)
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
			t.Fatalf("key %d: got %d firsts of %d calls, want 1", k, got, calls)
		}
	}
	for name, ttl := range map[string]time.Duration{"short": 50 * time.Millisecond, "none": 0} {
		if first, err := here.Claim(t.Context(), name, ttl); !first || err != nil {
			t.Errorf("%s: got %t, %v, want the first", name, first, err)
		}
		deadline := time.Now().Add(5 * time.Second)
		for {
			first, err := there.Claim(t.Context(), name, 50*time.Millisecond)
			if err != nil || time.Now().After(deadline) {
				t.Fatalf("%s: got %t, %v, want it free again when its time is over", name, first, err)
			}
			if first {
				break
			}
			time.Sleep(10 * time.Millisecond) // another process's clock runs
		}
	}
}

// Ring holds an issue.Store against its contract. Two of them share the document.
func Ring(t *testing.T, here, there issue.Store) {
	if document, err := here.Load(t.Context()); document != nil || err != nil {
		t.Fatalf("got %q, %v, want nothing there", document, err)
	}
	steps := []struct {
		name     string
		old, new []byte
		want     bool
	}{
		{"something where nothing is", []byte("a"), []byte("b"), false},
		{"an empty document where nothing is", []byte{}, []byte("b"), false},
		{"the first", nil, []byte("a\x00\xff\r\n"), true},
		{"a second first", nil, []byte("b"), false},
		{"not what is there", []byte("a"), []byte("b"), false},
		{"what is there", []byte("a\x00\xff\r\n"), []byte{}, true},
		{"nothing where an empty document is", nil, []byte("b"), false},
		{"an empty document", []byte{}, []byte("c"), true},
	}
	for _, s := range steps {
		if swapped, err := there.Swap(t.Context(), s.old, s.new); swapped != s.want || err != nil {
			t.Errorf("%s: got %t, %v, want %t", s.name, swapped, err, s.want)
		}
	}
	if document, err := here.Load(t.Context()); string(document) != "c" || err != nil {
		t.Errorf("got %q, %v, want the last document", document, err)
	}
	// Of many that swap the same document one does.
	const writers, each = 4, 25
	var group sync.WaitGroup
	for w := range writers {
		store := here
		if w%2 == 1 {
			store = there
		}
		group.Go(func() {
			for done := 0; done < each; {
				old, err := store.Load(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				swapped, err := store.Swap(t.Context(), old, append(bytes.Clone(old), 'x'))
				if err != nil {
					t.Error(err)
					return
				}
				if swapped {
					done++
				}
			}
		})
	}
	group.Wait()
	if document, _ := here.Load(t.Context()); len(document) != 1+writers*each {
		t.Errorf("got %d octets of %d swaps, want none lost", len(document), writers*each)
	}
}

// Documents holds a core.Store against its contract.
func Documents(t *testing.T, here, there core.Store) {
	fresh := fmt.Appendf(nil, `{"fetched_at":%q,"max_age":"10m0s"}`, time.Now().UTC().Format(time.RFC3339Nano))
	if data, err := here.Get(t.Context(), "a"); data != nil || err != nil {
		t.Errorf("a miss: got %q, %v, want nil", data, err)
	}
	if err := here.Put(t.Context(), "a", fresh); err != nil {
		t.Fatal(err)
	}
	if data, err := there.Get(t.Context(), "a"); !bytes.Equal(data, fresh) || err != nil {
		t.Errorf("got %q, %v, want what was put", data, err)
	}
	if data, err := there.Get(t.Context(), "b"); data != nil || err != nil {
		t.Errorf("another name: got %q, %v, want nil", data, err)
	}
	// The first to miss fetches, and the others get what it puts.
	if data, err := here.Get(t.Context(), "c"); data != nil || err != nil {
		t.Fatalf("got %q, %v, want nil", data, err)
	}
	var group sync.WaitGroup
	for range 5 {
		group.Go(func() {
			if data, err := there.Get(t.Context(), "c"); !bytes.Equal(data, fresh) || err != nil {
				t.Errorf("got %q, %v, want what the first puts", data, err)
			}
		})
	}
	if err := here.Put(t.Context(), "c", fresh); err != nil {
		t.Error(err)
	}
	group.Wait()
}
