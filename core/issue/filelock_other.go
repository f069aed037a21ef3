//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package issue

import (
	"context"
	"fmt"
	"runtime"
)

// lockFile refuses: two writers at a time would make two keys and lose one.
func lockFile(context.Context, string) (unlock func(), err error) {
	return nil, fmt.Errorf("FileStore has no file lock on %s: use another Store, or a KeyDir", runtime.GOOS)
}
