package jws

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

var (
	errNoObject    = fmt.Errorf("%w: got another beginning than that of an object", ErrJSON)
	errNoArray     = fmt.Errorf("%w: got another beginning than that of an array", ErrJSON)
	errNoAlgorithm = &headerError{errors.New(`no "alg"`)}
)

// syntaxError is the [ErrJSON] of a text that ends or errs somewhere. Like headerError
// it is put into words only when somebody reads it: anybody may send such a text.
type syntaxError struct{ cause error }

func (e *syntaxError) Error() string {
	// What quotes the text at length is left out.
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](e.cause); ok {
		return fmt.Sprintf("%v: %s at octet %d", ErrJSON, cut(syntax.Err.Error()), syntax.ByteOffset)
	}
	return fmt.Sprintf("%v: %v", ErrJSON, e.cause)
}

func (e *syntaxError) Is(target error) bool { return target == ErrJSON }

// headerError is the [ErrMalformed] of a header.
type headerError struct{ cause error }

func (e *headerError) Error() string        { return fmt.Sprintf("%v: header: %v", ErrMalformed, e.cause) }
func (e *headerError) Is(target error) bool { return target == ErrMalformed }
func (e *headerError) Unwrap() error        { return e.cause }
