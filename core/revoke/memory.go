package revoke

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxMemory is how many entries a Memory holds.
const maxMemory = 2_000_000

// Memory returns a Log of this process, which forgets everything when that ends.
// It is right for tests, and for a single replica whose tokens live for minutes.
// It drops entries that have ended, and holds 2 000 000 at most, for about 112
// octets each and the length of their names; Add of more is an error.
func Memory() Log { return &memory{name: rand.Text()} }

type memory struct {
	name string // tells the cursors of this Memory from another's

	mu      sync.Mutex // guards what follows
	entries []numbered // in the order of their numbers
	last    int        // the highest number given
	sweepAt int        // how many entries to have before those that ended are looked for
}

type numbered struct {
	number int
	Entry
}

func (m *memory) Since(ctx context.Context, cursor string) ([]Entry, string, error) {
	if err := ctx.Err(); err != nil {
		return nil, "", context.Cause(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	seen := m.position(cursor)
	first := sort.Search(len(m.entries), func(i int) bool { return m.entries[i].number > seen })
	var entries []Entry
	for _, e := range m.entries[first:] {
		entries = append(entries, e.Entry)
	}
	return entries, m.name + "." + strconv.Itoa(m.last), nil
}

// position is the number that a cursor of this Memory names. Without a number it is 0
// or less, which is before all of them.
func (m *memory) position(cursor string) int {
	name, number, _ := strings.Cut(cursor, ".")
	n, _ := strconv.Atoi(number) // beyond all of them where it does not fit
	if name != m.name || n > m.last {
		return 0
	}
	return n
}

func (m *memory) Add(ctx context.Context, entries ...Entry) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.entries)+len(entries) > max(m.sweepAt, 1024) {
		now := time.Now()
		m.entries = slices.DeleteFunc(m.entries, func(e numbered) bool { return !e.Until.After(now) })
		m.sweepAt = 2 * (len(m.entries) + len(entries)) // so that each entry is looked at a few times and no more
	}
	if len(m.entries)+len(entries) > maxMemory {
		return fmt.Errorf("got %d entries more, want at most %d in all", len(entries), maxMemory)
	}
	for _, e := range entries {
		m.last++
		m.entries = append(m.entries, numbered{m.last, e})
	}
	return nil
}
