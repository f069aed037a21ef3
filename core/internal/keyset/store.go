package keyset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Store keeps the last good answer of an issuer over a restart. Its methods must heed ctx and may be called from
// several goroutines.
type Store interface {
	// Get returns what Put kept under name. A miss is nil and no error.
	Get(ctx context.Context, name string) ([]byte, error)
	// Put keeps data under name, in place of what was there. Names consist of letters, digits, "-" and ".".
	Put(ctx context.Context, name string, data []byte) error
}

// DirStore returns a Store of one file a name in dir, which is made with mode 0700 where it does not exist. Files have
// mode 0600 and are replaced as a whole, so that a crash leaves the old or the new one.
func DirStore(dir string) Store {
	return dirStore(dir)
}

type dirStore string

func (d dirStore) Get(ctx context.Context, name string) ([]byte, error) {
	path, err := d.path(ctx, name)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

func (d dirStore) Put(ctx context.Context, name string, data []byte) error {
	path, err := d.path(ctx, name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(string(d), ".new-*") // its mode is 0600
	if err != nil {
		return err
	}
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
