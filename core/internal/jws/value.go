package jws

import (
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Value is the text of one JSON value as [ReadObject] or [ReadArray] hands it
// on: valid, without white space around it.
type Value string

// Kind tells what v is by its first octet: 'n' null, 'f' false, 't' true,
// '"' string, '0' any number, '{' object, '[' array. It is 0 for no value at all.
func (v Value) Kind() byte {
	switch {
	case v == "":
		return 0
	case v[0] == '-' || '0' <= v[0] && v[0] <= '9':
		return '0'
	}
	return v[0]
}

// Text returns the string that v is, unescaped, and whether v is a string.
// Without an escape in it the result is a part of v.
func (v Value) Text() (string, bool) {
	if v.Kind() != '"' || len(v) < 2 {
		return "", false
	}
	if strings.IndexByte(string(v), '\\') < 0 {
		return string(v[1 : len(v)-1]), true
	}
	text, err := jsontext.AppendUnquote(nil, string(v))
	return string(text), err == nil
}

// Texts returns the elements of v, and whether v is an array of strings and of
// nothing else. An empty array is one.
func (v Value) Texts() ([]string, bool) {
	return v.AppendTexts(nil)
}

// AppendTexts appends to dst what [Value.Texts] returns, or nothing if v is no
// array of strings.
func (v Value) AppendTexts(dst []string) ([]string, bool) {
	if texts, ok := v.appendPlainTexts(dst); ok {
		return texts, true
	}
	texts := dst
	err := ReadArray(string(v), func(element Value) error {
		text, ok := element.Text()
		if !ok {
			return errNoText
		}
		texts = append(texts, text)
		return nil
	})
	if err != nil {
		return dst, false
	}
	return texts, true
}

// appendPlainTexts is AppendTexts for what tokens hold nearly always, in one
// allocation at most and without another reader: a few strings without escapes.
// It returns false for everything else.
func (v Value) appendPlainTexts(dst []string) ([]string, bool) {
	const few = 16
	quotes := strings.Count(string(v), `"`)
	if v.Kind() != '[' || quotes == 0 || quotes > 2*few || strings.IndexByte(string(v), '\\') >= 0 {
		return dst, false
	}
	texts := slices.Grow(dst, quotes/2)
	// Without escapes every other quotation mark ends a string. What stands between
	// the strings must be no value of another kind.
	rest, opened := string(v), "["
	for range quotes / 2 {
		between, after, _ := strings.Cut(rest, `"`)
		text, next, closed := strings.Cut(after, `"`)
		if between != opened && strings.Trim(between, jsonSpace) != opened || !closed {
			return dst, false
		}
		texts, rest, opened = append(texts, text), next, ","
	}
	if rest != "]" && strings.Trim(rest, jsonSpace) != "]" {
		return dst, false
	}
	return texts, true
}

// jsonSpace is the white space of RFC 8259 section 2.
const jsonSpace = " \t\r\n"

var errNoText = errors.New("not a string")
