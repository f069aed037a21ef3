//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package issue

import (
	"context"
	"os"
	"syscall"
	"time"
)

// lockPause is how long a writer waits before it tries a lock again.
const lockPause = 5 * time.Millisecond

// lockFile waits, within ctx, until this is the only holder of the lock. The
// kernel ends the lock with the process, however that ends.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
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
		case <-time.After(lockPause):
		case <-ctx.Done():
			_ = file.Close()
			return nil, context.Cause(ctx)
		}
	}
}
