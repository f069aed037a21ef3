package core

import (
	"errors"
	"fmt"
	"time"
)

// mistakes are said of the fields that they begin with; New names the Config
// before them.
type mistakes []error

func (m *mistakes) add(format string, args ...any) { *m = append(*m, fmt.Errorf(format, args...)) }

// checkDuration finds one that is out of bounds, or so short that its unit was
// forgotten: a bare number counts nanoseconds. Zero is always good.
func (m *mistakes) checkDuration(field string, d, least, most time.Duration, instead string) {
	switch {
	case d > 0 && d < least:
		m.add("%s is %v, want at least %v: a number without a unit, such as time.Second, counts nanoseconds", field, d, least)
	case d < 0 || d > most:
		m.add("%s is %v, want %v to %v, or %s", field, d, least, most, instead)
	}
}

func (m mistakes) join() error { return errors.Join(m...) }

// invalid names the field that err is about.
func invalid(field string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s is not usable: %w", field, err)
}
