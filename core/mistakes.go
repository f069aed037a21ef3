package core

import "fmt"

// mistakes are said of the fields that they begin with; New names the Config
// before them.
type mistakes []error

func (m *mistakes) add(format string, args ...any) { *m = append(*m, fmt.Errorf(format, args...)) }

// invalid names the field that err is about.
func invalid(field string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s is not usable: %w", field, err)
}
