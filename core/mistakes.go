package core

import (
	"errors"
	"fmt"
	"strings"
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

// wordOf refuses a name that could not stand in a header (RFC 9110 section
// 5.6.2).
func wordOf(source, name string) error {
	const marks = "!#$%&'*+-.^_`|~"
	letter := func(c rune) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' }
	if name == "" || strings.ContainsFunc(name, func(c rune) bool { return !letter(c) && !strings.ContainsRune(marks, c) }) {
		return fmt.Errorf("%s was given the name %s, want letters, digits and %s", source, quote(name), marks)
	}
	return nil
}
