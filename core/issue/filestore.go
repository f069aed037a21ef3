package issue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/jwtmw/jwtmw/core/internal/filelock"
)

// FileStore keeps the document in a file, for all processes of one machine. The
// file has mode 0600 and is replaced atomically: whatever ends the process, the
// old document or the new one is there, whole. Its directory is made with mode
// 0700 if it is missing.
//
// One writer at a time holds a lock on a second file, path with ".lock" after it,
// which stays and is empty. The lock ends with its process. The file system must
// be one on which flock(2) works between all who share it; where the platform has
// no such lock, Swap is an error.
//
// A document of more than 1 MiB is an error.
func FileStore(path string) Store { return fileStore(path) }

type fileStore string

const maxDocument = 1 << 20

// String names the file, as errors do.
func (f fileStore) String() string { return "file " + strconv.Quote(string(f)) }

func (f fileStore) Load(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	file, err := os.Open(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close() // the one that was there when it was opened, whatever is renamed meanwhile
	document, err := io.ReadAll(io.LimitReader(file, maxDocument+1))
	switch {
	case err != nil:
		return nil, err
	case len(document) > maxDocument:
		return nil, fmt.Errorf("got more than %d octets", maxDocument)
	}
	return document, nil
}

func (f fileStore) Swap(ctx context.Context, old, new []byte) (swapped bool, err error) {
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o700); err != nil {
		return false, err
	}
	unlock, err := filelock.Lock(ctx, string(f)+".lock")
	if err != nil {
		return false, fmt.Errorf("lock: %w", err)
	}
	defer unlock()
	stored, err := f.Load(ctx)
	if err != nil {
		return false, err
	}
	// An empty file is no missing one: it is damaged, and stays.
	if (stored == nil) != (old == nil) || !bytes.Equal(stored, old) {
		return false, nil
	}
	if err := f.write(new); err != nil {
		return false, err
	}
	return true, nil
}

// write puts the document on disk under another name first. That name is always
// the same, so that a process that was killed leaves at most one such file.
func (f fileStore) write(document []byte) error {
	temporary := string(f) + ".new"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// O_EXCL: neither a link that lies there nor a file of another mode is written to.
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(document)
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary, string(f)); err != nil {
		return err
	}
	syncDirectory(filepath.Dir(string(f)))
	return nil
}

// syncDirectory makes a rename last through a power failure, where the system
// lets a directory be synced. Without it the old document is there afterwards,
// which is whole too.
func syncDirectory(path string) {
	directory, err := os.Open(path)
	if err != nil {
		return
	}
	_ = directory.Sync()
	_ = directory.Close()
}
