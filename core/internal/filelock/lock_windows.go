// Package filelock locks a file against other processes, for the stores of one
// machine.
package filelock

import (
	"context"
	"syscall"
	"time"
)

// pause is how long a writer waits before it tries a lock again.
const pause = 5 * time.Millisecond

// sharingViolation is ERROR_SHARING_VIOLATION.
const sharingViolation = syscall.Errno(32)

// Lock waits, within ctx, until this process alone has the file open. The
// system closes it with the process, however that ends.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	const shareWithNobody = 0
	for {
		file, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, shareWithNobody, nil,
			syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
		if err == nil {
			return func() { _ = syscall.CloseHandle(file) }, nil
		}
		if err != sharingViolation { // which says that another process has it
			return nil, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
