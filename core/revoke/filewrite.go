package revoke

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// header is the first line of a file. It tells two files of one path apart.
type header struct {
	Log  string `json:"log"` // fileFormat
	Name string `json:"name"`
}

const fileFormat = "jwtmw revocations 1"

// record is one line of a file.
type record struct {
	Issuer  string    `json:"iss"`
	ID      string    `json:"jti,omitempty"`
	Session string    `json:"sid,omitempty"`
	Subject string    `json:"sub,omitempty"`
	Before  time.Time `json:"before,omitzero"`
	Until   time.Time `json:"until"`
}

func encode(entries []Entry) ([]byte, error) {
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	for _, e := range entries {
		if err := lines.Encode(record{e.Issuer, e.ID, e.Session, e.Subject, e.Before.UTC(), e.Until.UTC()}); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), nil
}

func decode(text string) (Entry, error) {
	var r record
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return Entry{}, errors.New("want an entry as Add writes it") // the parser's text may repeat the line
	}
	e := Entry(r)
	return e, e.validate()
}

func newHeader() []byte {
	text, _ := json.Marshal(header{fileFormat, rand.Text()})
	return append(text, '\n')
}

// nameIn is the name in a first line, or "" if it is that of another kind of file.
func nameIn(line string) string {
	var h header
	if json.Unmarshal([]byte(line), &h) != nil || h.Log != fileFormat || strings.Contains(h.Name, ".") {
		return ""
	}
	return h.Name
}

// append adds lines at the end, on disk, and returns the file's size. The caller
// holds the lock.
func (f *file) append(text []byte) (size int64, err error) {
	opened, err := open(f.path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	end, err := f.end(opened)
	if err != nil {
		return 0, err
	}
	if end == 0 {
		text = append(newHeader(), text...)
	}
	// What a writer left that was killed ends without a new line, and must not become a part of this one.
	if err := opened.Truncate(end); err != nil {
		return 0, err
	}
	if _, err = opened.WriteAt(text, end); err == nil {
		err = opened.Sync()
	}
	if err != nil {
		return 0, errors.Join(err, opened.Truncate(end))
	}
	return end + int64(len(text)), nil
}

// end is where the last whole line ends, of a file that is a revocation log.
func (f *file) end(opened *os.File) (int64, error) {
	if _, err := f.lines(opened); err != nil {
		return 0, err
	}
	info, err := opened.Stat()
	if err != nil {
		return 0, err
	}
	tail := make([]byte, 64<<10)
	for end := info.Size(); end > 0; end -= int64(len(tail)) {
		start := max(end-int64(len(tail)), 0)
		n, err := opened.ReadAt(tail[:end-start], start)
		if err != nil && err != io.EOF {
			return 0, err
		}
		if i := bytes.LastIndexByte(tail[:n], '\n'); i >= 0 {
			return start + int64(i) + 1, nil
		}
	}
	return 0, nil
}

// compact writes the file anew without the entries that have ended, and returns
// its size. The caller holds the lock.
func (f *file) compact(ctx context.Context, size int64) (int64, error) {
	old, err := open(f.path, os.O_RDONLY)
	if err != nil {
		return 0, err
	}
	defer old.Close()
	lines, err := f.lines(old)
	if err != nil || lines == nil {
		return 0, err
	}
	var live []Entry
	for now := time.Now(); ; {
		e, ok, err := lines.next()
		if err != nil || ctx.Err() != nil {
			return 0, errors.Join(err, ctx.Err())
		}
		if !ok {
			break
		}
		if e.Until.After(now) {
			live = append(live, e)
		}
	}
	text, err := encode(live)
	if err != nil {
		return 0, err
	}
	if text = append(newHeader(), text...); int64(len(text)) > size/2 {
		return size, nil // not worth that every reader begins again
	}
	return int64(len(text)), f.replace(text)
}

// replace puts a whole file in the place of the present one. The temporary name
// is always the same, so that a process that is killed leaves at most one such file.
func (f *file) replace(text []byte) error {
	temporary := f.path + ".new"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// O_EXCL: no link that was put there is written through.
	next, err := os.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = next.Write(text)
	if err == nil {
		err = next.Sync()
	}
	if err = errors.Join(err, next.Close()); err != nil {
		return fmt.Errorf("%s: %w", temporary, err)
	}
	return os.Rename(temporary, f.path)
}
