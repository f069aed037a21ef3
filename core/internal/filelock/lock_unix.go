//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

// Package filelock locks a file against other processes, for the stores of one
// machine.
package filelock

import (
	"context"
	"os"
	"syscall"
	"time"
)

// pause is how long a writer waits before it tries a lock again.
const pause = 5 * time.Millisecond

// Lock waits, within ctx, until this is the only holder of the lock. The
// kernel ends the lock with the process, however that ends.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		// Without LOCK_NB the call would outlast ctx.
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch err {
		case nil:
			return func() { _ = file.Close() }, nil // which unlocks
		case syscall.EWOULDBLOCK, syscall.EINTR:
		default:
			_ = file.Close()
			return nil, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			_ = file.Close()
			return nil, context.Cause(ctx)
		}
	}
}
