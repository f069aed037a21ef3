//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package issue_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core/issue"
)

// A lock that another process holds is waited for within ctx, and no longer.
func TestLockIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ring")
	store := issue.FileStore(path)
	holding, release := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() { holdLock(t, path+".lock", holding, release) })
	<-holding
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if swapped, err := store.Swap(ctx, nil, []byte("a")); swapped || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %t and %v, want the deadline", swapped, err)
	}
	close(release)
	group.Wait()
	if swapped, err := store.Swap(t.Context(), nil, []byte("a")); !swapped || err != nil {
		t.Errorf("got %t and %v, want a swap once the lock is free", swapped, err)
	}
}

// holdLock holds the lock of a FileStore until release.
func holdLock(t *testing.T, path string, holding chan<- struct{}, release <-chan struct{}) {
	defer close(holding)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Error(err)
		return
	}
	defer file.Close()
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		t.Error(err)
		return
	}
	holding <- struct{}{}
	<-release
}
