package jws

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxDepth is how many objects and arrays may lie in each other, the outermost
// counted.
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
	for r.decoder.PeekKind() != '}' {
		name, err := r.value()
		if err != nil {
			return err
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
	return r.close()
}

// ReadArray reads text as one JSON array and calls element for each of its
// elements in turn, under the rules of [ReadObject].
func ReadArray(text string, element func(value Value) error) error {
	r := readers.Get().(*reader)
	defer r.release()
	if err := r.open(text, '['); err != nil {
		return err
	}
	for r.decoder.PeekKind() != ']' {
		value, err := r.value()
		if err != nil {
			return err
		}
		if err := element(value); err != nil {
			return err
		}
	}
	return r.close()
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
	if tooDeep(text) {
		return fmt.Errorf("%w: nested deeper than %d", ErrJSON, MaxDepth)
	}
	r.text = text
	r.buffer.Reset()
	r.buffer.WriteString(text)
	r.decoder.Reset(&r.buffer)
	token, err := r.decoder.ReadToken()
	if err != nil {
		return syntaxError(err)
	}
	if got := token.Kind(); got != kind {
		return fmt.Errorf("%w: got %v, wanted %v", ErrJSON, got, kind)
	}
	return nil
}

func (r *reader) value() (Value, error) {
	raw, err := r.decoder.ReadValue()
	if err != nil {
		return "", syntaxError(err)
	}
	end := int(r.decoder.InputOffset())
	return Value(r.text[end-len(raw) : end]), nil
}

func (r *reader) close() error {
	if _, err := r.decoder.ReadToken(); err != nil {
		return syntaxError(err)
	}
	end := int(r.decoder.InputOffset())
	if rest := strings.TrimLeft(r.text[end:], " \t\r\n"); rest != "" {
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

// syntaxError takes from an error of jsontext what does not quote the text at length.
func syntaxError(err error) error {
	syntax, ok := errors.AsType[*jsontext.SyntacticError](err)
	if !ok {
		return fmt.Errorf("%w: %w", ErrJSON, err)
	}
	return fmt.Errorf("%w: %s at octet %d", ErrJSON, cut(syntax.Err.Error()), syntax.ByteOffset)
}

// tooDeep reports whether text nests deeper than MaxDepth, far below the limit
// that jsontext has of its own. In a text that is not JSON the count may go
// wrong, but not before the octet at which jsontext refuses it.
func tooDeep(text string) bool {
	// Most texts have fewer brackets than that in all.
	if strings.Count(text, "{")+strings.Count(text, "[") <= MaxDepth {
		return false
	}
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
