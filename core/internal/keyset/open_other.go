//go:build !unix

package keyset

import "os"

// open opens a file for reading. Here no kind of file makes it wait.
func open(path string) (*os.File, error) {
	return os.Open(path)
}
