package keyset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Store keeps the last good answer of an issuer over a restart. Its methods may be called from several goroutines. They
// should end with ctx: a Source waits for Get no longer than 500 ms and for Put no longer than 5 s, and does not call a
// method again that has not returned.
//
// Get is asked before each fetch that no unknown kid pays for. A Store of a fleet has a method Shared() bool too, which
// returns true: keys that are fresh there are then taken as they are also at a start.
type Store interface {
	// Get returns what Put kept under name. A miss is nil and no error.
	Get(ctx context.Context, name string) ([]byte, error)
	// Put keeps data under name, in place of what was there. Names consist of letters, digits, "-" and ".".
	Put(ctx context.Context, name string, data []byte) error
}

// DirStore returns a Store that keeps each name as a file in dir. It makes dir with mode 0700 if that does not exist. Files
// have mode 0600 and are replaced as a whole, so that a crash leaves the old or the new one.
//
// A kept answer is used until its age reaches MaxAge and MaxStale together. That age goes by the wall clock when the file is
// read, and from then on by a clock that stands still while a virtual machine sleeps: the keys outlive MaxAge by that sleep.
func DirStore(dir string) Store {
	return dirStore(dir)
}

type dirStore string

const (
	newFiles = ".new-"     // what Put writes before it renames
	newFor   = time.Minute // more than any Put takes
)

func (d dirStore) Get(ctx context.Context, name string) ([]byte, error) {
	path, err := d.path(ctx, name)
	if err != nil {
		return nil, err
	}
	d.sweep()
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// sweep removes what a Put left whose process was killed. A younger file may be that of another process that still writes.
func (d dirStore) sweep() {
	files, _ := os.ReadDir(string(d)) // whatever is wrong with dir, Get will say so
	for _, file := range files {
		info, err := file.Info()
		if err == nil && strings.HasPrefix(file.Name(), newFiles) && info.Mode().IsRegular() && time.Since(info.ModTime()) > newFor {
			_ = os.Remove(filepath.Join(string(d), file.Name()))
		}
	}
}

func (d dirStore) Put(ctx context.Context, name string, data []byte) error {
	path, err := d.path(ctx, name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(string(d), newFiles+"*") // its mode is 0600
	if err != nil {
		return err
	}
	// Synced before it is renamed: else a crash of the machine can leave an empty file under the good name.
	if err := writeAll(file, data); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

func (d dirStore) path(ctx context.Context, name string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if name == "" || name[0] == '.' || filepath.Base(name) != name || !filepath.IsLocal(name) {
		return "", fmt.Errorf("got name %q, want a plain file name", cut(name))
	}
	return filepath.Join(string(d), name), nil
}

func writeAll(file *os.File, data []byte) error {
	_, err := file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}
