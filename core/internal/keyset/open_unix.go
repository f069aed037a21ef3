//go:build unix

package keyset

import (
	"os"
	"syscall"
)

// open opens a file for reading without waiting, as a FIFO without a writer would have it wait for ever.
func open(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}
