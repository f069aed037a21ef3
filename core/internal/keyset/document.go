package keyset

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// eachJWK calls visit with the text of each element of "keys". The document is one JSON object with one "keys", an
// array; other members are ignored (RFC 7517 section 5). Its reader looks for duplicate
// names within each JWK, and this one does not: a duplicate must spoil that JWK alone.
func eachJWK(document []byte, visit func(text string) error) error {
	text := string(document)
	d := jsontext.NewDecoder(bytes.NewBuffer(document), jsontext.AllowDuplicateNames(true))
	if err := expect(d, jsontext.KindBeginObject, "a JSON object"); err != nil {
		return err
	}
	found := false
	for d.PeekKind() == jsontext.KindString {
		name, err := d.ReadToken()
		if err != nil {
			return notJSON(err)
		}
		if name.String() != "keys" {
			if err := jws.SkipValue(d); err != nil {
				return err
			}
			continue
		}
		// Readers differ in which of two they take, and so would two services of one issuer.
		if found {
			return errors.New(`got "keys" twice`)
		}
		found = true
		if err := eachElement(d, text, visit); err != nil {
			return err
		}
	}
	if err := expect(d, jsontext.KindEndObject, "the object's end"); err != nil {
		return err
	}
	if !found {
		return errors.New(`got no "keys"`)
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return errors.New("got more bytes behind the JSON object")
	}
	return nil
}

func eachElement(d *jsontext.Decoder, document string, visit func(text string) error) error {
	if err := expect(d, jsontext.KindBeginArray, `"keys" to be an array`); err != nil {
		return err
	}
	for d.PeekKind() != jsontext.KindEndArray {
		value, err := d.ReadValue()
		if err != nil {
			return notJSON(err)
		}
		end := d.InputOffset()
		if err := visit(document[end-int64(len(value)) : end]); err != nil {
			return err
		}
	}
	return expect(d, jsontext.KindEndArray, "the array's end")
}

func expect(d *jsontext.Decoder, kind jsontext.Kind, what string) error {
	token, err := d.ReadToken()
	if err != nil {
		return notJSON(err)
	}
	if token.Kind() != kind {
		return fmt.Errorf("got a JSON %s, want %s", token.Kind(), what)
	}
	return nil
}

func notJSON(err error) error {
	return fmt.Errorf("%w: %w", jws.ErrJSON, err)
}
