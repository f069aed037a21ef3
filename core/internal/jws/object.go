package jws

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxDepth is how deep objects and arrays may be nested, the outermost counted.
const MaxDepth = 32

// ErrJSON is the error of [ReadObject] and [ReadArray] for a text that is not
// the JSON they ask for.
var ErrJSON = errors.New("invalid JSON")

// ReadObject reads text as one JSON object and calls member for each of its
// members in turn. It stops with the first error that member returns.
//
// It is stricter than RFC 8259 asks: no byte order mark, UTF-8 without lone
// surrogates even in escapes, no name twice in one object at any depth, nesting
// no deeper than [MaxDepth], and nothing but white space after the object.
// Names are compared exactly, after unescaping. Any breach is [ErrJSON], which
// may come after calls of member: until ReadObject returns nil, nothing that
// member saw may be relied on.
//
// Where nothing is escaped name and value are parts of text, and no member costs
// an allocation.
func ReadObject(text string, member func(name string, value Value) error) error {
	r := readers.Get().(*reader)
	defer r.release()
	if err := r.open(text, '{'); err != nil {
		return err
	}
	for {
		name, err := r.value()
		if err != nil {
			return err
		}
		if name.Kind() == '}' {
			return r.close()
		}
		value, err := r.value()
		if err != nil {
			return err
		}
		unescaped, _ := name.Text()
		if err := member(unescaped, value); err != nil {
			return err
		}
	}
}

// ReadArray reads text as one JSON array and calls element for each of its
// elements in turn, under the rules of [ReadObject].
func ReadArray(text string, element func(value Value) error) error {
	r := readers.Get().(*reader)
	defer r.release()
	if err := r.open(text, '['); err != nil {
		return err
	}
	for {
		value, err := r.value()
		if err != nil {
			return err
		}
		if value.Kind() == ']' {
			return r.close()
		}
		if err := element(value); err != nil {
			return err
		}
	}
}

// reader walks over the outermost level of one JSON text. The decoder works on
// a copy, since it reads no strings; its offsets find the values in text again.
type reader struct {
	decoder jsontext.Decoder
	buffer  bytes.Buffer
	text    string
}

var readers = sync.Pool{New: func() any { return new(reader) }}

func (r *reader) open(text string, kind jsontext.Kind) error {
	r.text = text
	r.buffer.Reset()
	r.buffer.WriteString(text)
	r.decoder.Reset(&r.buffer)
	// Before the decoder words an error at length: anybody may send a text that is no JSON at all.
	if begin := strings.TrimLeft(text, jsonSpace); begin == "" || jsontext.Kind(begin[0]) != kind {
		if kind == '{' {
			return errNoObject
		}
		return errNoArray
	}
	if _, err := r.decoder.ReadToken(); err != nil {
		return &syntaxError{err}
	}
	return nil
}

// value reads the next value, or the bracket that ends the outermost one.
func (r *reader) value() (Value, error) {
	start := r.start()
	if err := SkipValue(&r.decoder); err != nil {
		return "", err
	}
	return Value(r.text[start:r.decoder.InputOffset()]), nil
}

// SkipValue reads one value, or the bracket that ends the one that d is in. A
// value nested deeper than [MaxDepth] is [ErrJSON], and so is invalid JSON.
func SkipValue(d *jsontext.Decoder) error {
	outside := d.StackDepth()
	for {
		if _, err := d.ReadToken(); err != nil {
			return &syntaxError{err}
		}
		switch depth := d.StackDepth(); {
		case depth > MaxDepth:
			return fmt.Errorf("%w: nested deeper than %d", ErrJSON, MaxDepth)
		case depth <= outside:
			return nil
		}
	}
}

// start is where the next value begins, if the text is JSON.
func (r *reader) start() int {
	at := int(r.decoder.InputOffset())
	for ; at < len(r.text); at++ {
		switch r.text[at] {
		case ' ', '\t', '\r', '\n', ',', ':':
		default:
			return at
		}
	}
	return at
}

// close demands that nothing follows the outermost value.
func (r *reader) close() error {
	if rest := strings.TrimLeft(r.text[r.decoder.InputOffset():], jsonSpace); rest != "" {
		return fmt.Errorf("%w: got %q after the end", ErrJSON, cut(rest))
	}
	return nil
}

// release gives r back for reuse, unless a large text has made it large.
func (r *reader) release() {
	r.text = ""
	if r.buffer.Cap() <= 4*MaxLength {
		readers.Put(r)
	}
}
