//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package issue_test

import (
	"os"
	"syscall"
	"testing"
)

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
