package issue

import (
	"errors"
	"fmt"
	"strconv"
)

// mistakes are found by New, which names them all at once.
type mistakes []error

func (m *mistakes) add(err error) {
	if err != nil {
		*m = append(*m, err)
	}
}

func (m *mistakes) addf(format string, args ...any) { m.add(fmt.Errorf(format, args...)) }

// named puts before each mistake whose it is.
func named(prefix string, err error) error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return fmt.Errorf("%s%w", prefix, err)
	}
	var found mistakes
	for _, one := range joined.Unwrap() {
		found.add(named(prefix, one))
	}
	return errors.Join(found...)
}

// quote makes foreign text fit for an error.
func quote(text string) string {
	const limit = 64
	if len(text) > limit {
		text = text[:limit] + "..."
	}
	return strconv.Quote(text)
}
