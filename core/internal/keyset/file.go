package keyset

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// fileLook is how often, at most, a key file is looked at.
const fileLook = time.Second

// File returns a Source of a JWKS document on disk, which must be a regular file. At most once a second, and only when
// somebody asks, it checks whether the path leads to another file or the file's size or modification time changed, and
// then reads it again. A file that cannot be used leaves the last good keys in place and is logged; a kid that they do not
// know is *UnavailableError then, and so is everything until a good file was seen. Of the Options it uses MaxBytes, MaxKeys,
// Logger and Hooks.
func File(path string, o Options) Source {
	o = o.withDefaults()
	f := &keyFile{path: path, limits: Limits{MaxBytes: o.MaxBytes, MaxKeys: o.MaxKeys}, reporter: newReporter(o, path)}
	f.state.Store(&fileState{})
	return f
}

type keyFile struct {
	path   string
	limits Limits
	state  atomic.Pointer[fileState]

	reporter *reporter

	mu sync.Mutex // held by the caller that looks at the file and publishes the next state
}

// fileState is immutable.
type fileState struct {
	set              *Set        // nil: none yet
	info             os.FileInfo // of the file as it was last read, with or without an error
	lookAt           time.Time
	err              error // of the last reading
	loaded, failedAt time.Time
	reads, failed    int
}

func (f *keyFile) Key(_ context.Context, kid string, hasKid bool, alg jws.Algorithm) (*jws.Key, time.Time, error) {
	s, now := f.current()
	if s.set == nil {
		return nil, now, &UnavailableError{RetryAfter: fileLook, Err: s.err}
	}
	key, err := s.set.Key(kid, hasKid, alg)
	if err == ErrUnknownKey && s.err != nil {
		return nil, now, &UnavailableError{RetryAfter: fileLook, Err: s.err}
	}
	return key, now, err
}

func (f *keyFile) Ready(context.Context) error {
	if s, _ := f.current(); s.set == nil {
		return &UnavailableError{RetryAfter: fileLook, Err: s.err}
	}
	return nil
}

func (f *keyFile) Stats() Stats {
	s := f.state.Load()
	stats := Stats{State: s.name(), LastSuccess: s.loaded, LastFailure: s.failedAt, Fetches: s.reads, Failures: s.failed}
	if s.set != nil {
		stats.Keys, stats.Skipped, stats.Age = s.set.Len(), s.set.Skipped(), time.Since(s.loaded)
	}
	if s.err != nil {
		stats.LastError = s.err.Error()
	}
	return stats
}

// name is the state's Stats.State.
func (s *fileState) name() string {
	switch {
	case s.set == nil:
		return StateEmpty
	case s.err != nil:
		return StateStale
	default:
		return StateFresh
	}
}

// current returns the state and the instant, after a look at the file if it is time for one. While one caller looks, the
// others go on with the keys that they have, if there are any.
func (f *keyFile) current() (*fileState, time.Time) {
	s, now := f.state.Load(), time.Now()
	if now.Before(s.lookAt) {
		return s, now
	}
	if s.set == nil {
		f.mu.Lock()
	} else if !f.mu.TryLock() {
		return s, now
	}
	defer f.mu.Unlock()
	// Somebody else looked while this caller waited for the lock.
	if s, now = f.state.Load(), time.Now(); now.Before(s.lookAt) {
		return s, now
	}
	next, took := f.look(s)
	f.state.Store(next)
	if next.reads > s.reads {
		n := f.newsOf(s, next, took)
		f.reporter.errands.add(func() { f.reporter.tell(n) })
	}
	return next, time.Now()
}

// look returns the state after s, and how long the file took to read.
func (f *keyFile) look(s *fileState) (*fileState, time.Duration) {
	next := *s
	next.lookAt = time.Now().Add(fileLook)
	info, err := os.Stat(f.path)
	// SameFile, because "mv" of a file with the same size and time, or another symbolic link, shows in nothing else.
	if err == nil && s.info != nil && os.SameFile(info, s.info) && info.Size() == s.info.Size() && info.ModTime().Equal(s.info.ModTime()) {
		return &next, 0
	}
	next.reads++
	start := time.Now()
	set, info, err := f.read()
	took := time.Since(start)
	next.info, next.err = info, err
	if err != nil {
		next.failed++
		next.failedAt = time.Now()
		return &next, took
	}
	next.set, next.loaded = set, time.Now()
	return &next, took
}

// newsOf says what a reading that took so long made of s.
func (f *keyFile) newsOf(s, next *fileState, took time.Duration) news {
	n := news{from: s.name(), to: next.name(), asked: true, took: took, err: next.err, before: s.set, after: next.set}
	if n.err != nil && (s.err == nil || s.err.Error() != n.err.Error()) {
		n.lines = []line{{slog.LevelWarn, "key file cannot be used", []slog.Attr{slog.String("error", n.err.Error())}}}
	}
	return n
}

// read parses the file, and describes the very file that it read.
func (f *keyFile) read() (*Set, os.FileInfo, error) {
	file, err := open(f.path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	// Whoever writes into a FIFO or a socket could hold the request that reads it. Asked of the open file, because the path
	// may lead elsewhere by now.
	if !info.Mode().IsRegular() {
		return nil, info, fmt.Errorf("%s: got a file of mode %s, want a regular one", f.path, info.Mode())
	}
	document, err := io.ReadAll(io.LimitReader(file, f.limits.MaxBytes+1))
	if err != nil {
		return nil, nil, err
	}
	set, err := Parse(document, f.limits)
	if err != nil {
		return nil, info, fmt.Errorf("%s: %w", f.path, err)
	}
	return set, info, nil
}
