package revoke

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/jwtmw/jwtmw/core/internal/filelock"
)

// File returns a Log in a file, for all processes of one machine. It survives a
// restart, and a process that is killed while it writes: what Add returned nil
// for is on disk. The file has mode 0600 and one line for an entry, and is written
// anew without the entries that have ended when it has doubled, from 1 MiB on.
// Its directory is made with mode 0700 if it is missing.
//
// One writer at a time holds a lock on a second file, path with ".lock" after it.
// The file system must be one on which flock(2) works between all who share it;
// where the platform has no such lock, Add is an error. A damaged line is an
// error of Since that names file and line, and nothing is skipped.
func File(path string) Log { return &file{path: path} }

type file struct {
	path      string
	compactAt atomic.Int64 // the size at which entries that ended are looked for
}

const (
	minCompact = 1 << 20
	filePart   = 50_000 // entries that one Since returns
)

// Since reads without a lock: lines are only ever added, and a file that is
// written anew is another one, with another name in its first line.
func (f *file) Since(ctx context.Context, cursor string) ([]Entry, string, error) {
	if err := ctx.Err(); err != nil {
		return nil, "", context.Cause(ctx)
	}
	opened, err := open(f.path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	defer opened.Close()
	lines, err := f.lines(opened)
	if err != nil || lines == nil {
		return nil, "", err
	}
	if err := lines.seek(opened, cursor); err != nil {
		return nil, "", err
	}
	var entries []Entry
	for len(entries) < filePart {
		entry, ok, err := lines.next()
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", f.path, err)
		}
		if !ok {
			break
		}
		if entries = append(entries, entry); len(entries)%1000 == 0 && ctx.Err() != nil {
			return nil, "", context.Cause(ctx)
		}
	}
	return entries, lines.name + "." + strconv.FormatInt(lines.offset, 10), nil
}

// lines are the entries of an open file.
type lines struct {
	reader *bufio.Reader
	name   string // of the file, in its first line
	offset int64  // behind the last line that was read
}

// lines reads the first line. It is nil where that was not written to its end.
func (f *file) lines(opened *os.File) (*lines, error) {
	l := &lines{reader: bufio.NewReaderSize(opened, 64<<10)}
	text, err := l.line()
	if err != nil || text == "" {
		return nil, err
	}
	if l.name = nameIn(text); l.name == "" {
		return nil, fmt.Errorf("%s: got first line %s, want that of a revocation log", f.path, quote(text))
	}
	return l, nil
}

// seek goes behind what cursor says was read, if it was in this file.
func (l *lines) seek(opened *os.File, cursor string) error {
	name, text, _ := strings.Cut(cursor, ".")
	offset, err := strconv.ParseInt(text, 10, 64)
	info, statErr := opened.Stat()
	if statErr != nil {
		return statErr
	}
	if name != l.name || err != nil || offset < l.offset || offset > info.Size() {
		return nil // from the start
	}
	if _, err := opened.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	l.reader.Reset(opened)
	l.offset = offset
	return nil
}

// next reads one entry. A last line without its end is not there: its writer is
// still at it, or was killed.
func (l *lines) next() (e Entry, ok bool, err error) {
	start := l.offset
	text, err := l.line()
	if err != nil || text == "" {
		return Entry{}, false, err
	}
	if e, err = decode(text); err != nil {
		return Entry{}, false, fmt.Errorf("octet %d: got %s: %w", start, quote(text), err)
	}
	return e, true, nil
}

func (l *lines) line() (string, error) {
	text, err := l.reader.ReadString('\n')
	if err == io.EOF {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	l.offset += int64(len(text))
	return text, nil
}

// open opens a regular file, and no pipe that would block.
func open(path string, flag int) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: got %v, want a regular file", path, info.Mode().Type())
	}
	return os.OpenFile(path, flag, 0o600)
}

func (f *file) Add(ctx context.Context, entries ...Entry) error {
	text, err := encode(entries)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	unlock, err := filelock.Lock(ctx, f.path+".lock")
	if err != nil {
		return fmt.Errorf("%s.lock: %w", f.path, err)
	}
	defer unlock()
	size, err := f.append(text)
	if err != nil {
		return err
	}
	if size <= max(f.compactAt.Load(), minCompact) {
		return nil
	}
	// The entries are kept: what goes wrong from here on is not their loss.
	if size, err = f.compact(ctx, size); err == nil {
		f.compactAt.Store(2 * size)
	}
	return nil
}
