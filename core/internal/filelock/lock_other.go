//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

// Package filelock locks a file against other processes, for the stores of one
// machine.
package filelock

import (
	"context"
	"fmt"
	"runtime"
)

// Lock refuses: two writers at a time would lose what one of them wrote.
func Lock(context.Context, string) (unlock func(), err error) {
	return nil, fmt.Errorf("there is no file lock on %s: use another store", runtime.GOOS)
}
