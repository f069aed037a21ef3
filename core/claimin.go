package core

import (
	"context"
	"slices"
	"strconv"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// ClaimIn requires that the claim at path, one element a member name, is one of
// values, or is an array that holds one of them. Values are strings, bools and
// numbers: ClaimIn([]string{"email_verified"}, true). A value of another type
// equals none. Otherwise, and without any, the answer is 403, ReasonForbidden.
func ClaimIn(path []string, values ...any) Requirement {
	path, values = slices.Clone(path), slices.Clone(values)
	return requirement(func(_ context.Context, c *Claims) *Refusal {
		value, _ := c.find(path)
		elements := []jws.Value{value}
		if value.Kind() == '[' {
			elements = nil
			_ = jws.ReadArray(string(value), func(element jws.Value) error {
				elements = append(elements, element)
				return nil
			})
		}
		for _, want := range values {
			if slices.ContainsFunc(elements, func(element jws.Value) bool { return equalClaim(element, want) }) {
				return nil
			}
		}
		return refuse(ReasonForbidden, &wrongClaim{path, string(value), values})
	})
}

// equalClaim compares a JSON value with a Go one.
func equalClaim(got jws.Value, want any) bool {
	switch want := want.(type) {
	case string:
		text, ok := got.Text()
		return ok && text == want
	case bool:
		return string(got) == strconv.FormatBool(want)
	case int:
		return equalInteger(got, int64(want))
	case int64:
		return equalInteger(got, want)
	case float64:
		number, err := strconv.ParseFloat(string(got), 64)
		return err == nil && number == want
	}
	return false
}

// equalInteger keeps apart the integers that a float64 cannot.
func equalInteger(got jws.Value, want int64) bool {
	if number, err := strconv.ParseInt(string(got), 10, 64); err == nil {
		return number == want
	}
	const exact = 1 << 53
	number, err := strconv.ParseFloat(string(got), 64) // 1.0 and 1e3 are integers too
	return err == nil && -exact < number && number < exact && number == float64(want)
}
