package core

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// Role requires every one of the roles, compared byte for byte. They are read
// from the claim at Config.RolesAt: the strings of an array; one string, which
// is one role, or a space-separated list where the path ends in "scope" or
// "scp"; or the names of an object's members, except those whose value is
// false, null, 0 or empty. Otherwise, and without any, the answer is 403,
// ReasonForbidden.
func Role(all ...string) Requirement {
	all = slices.Clone(all)
	return requirement(func(_ context.Context, c *Claims) *Refusal {
		return c.requireNamed(c.at().roles, all, contains)
	})
}

// AnyRole requires one of the roles, read as Role reads them. Otherwise, and
// without any, the answer is 403, ReasonForbidden.
func AnyRole(oneOf ...string) Requirement {
	oneOf = slices.Clone(oneOf)
	return requirement(func(_ context.Context, c *Claims) *Refusal {
		return c.requireNamed(c.at().roles, oneOf, intersects)
	})
}

// Permission requires every one of the permissions. They are read from the
// claim at Config.PermissionsAt as Role reads roles, and it refuses as Role does.
func Permission(all ...string) Requirement {
	all = slices.Clone(all)
	return requirement(func(_ context.Context, c *Claims) *Refusal {
		return c.requireNamed(c.at().permissions, all, contains)
	})
}

// AnyPermission requires one of the permissions, read as Permission reads them,
// and refuses as AnyRole does.
func AnyPermission(oneOf ...string) Requirement {
	oneOf = slices.Clone(oneOf)
	return requirement(func(_ context.Context, c *Claims) *Refusal {
		return c.requireNamed(c.at().permissions, oneOf, intersects)
	})
}

// requireNamed is met if want is not empty and meets the names at path.
func (c *Claims) requireNamed(path, want []string, met func(have, want []string) bool) *Refusal {
	have := c.named(path)
	if len(want) > 0 && met(have, want) {
		return nil
	}
	return refuse(ReasonForbidden, &mismatch{strings.Join(path, "/"), strings.Join(have, " "), want})
}

// named reads the roles or permissions that the claim at path grants.
func (c *Claims) named(path []string) (names []string) {
	value, _ := c.find(path)
	switch value.Kind() {
	case '[':
		names, _ = value.Texts()
	case '{':
		_ = jws.ReadObject(string(value), func(name string, granted jws.Value) error {
			if !void(granted) {
				names = append(names, name)
			}
			return nil
		})
	case '"':
		// Only scopes are lists of words (RFC 6749 section 3.3): the role "not admin"
		// is not "admin".
		if last := path[len(path)-1]; last == "scope" || last == "scp" {
			names, _ = appendWords(nil, value)
		} else if name, ok := value.Text(); ok && name != "" {
			names = []string{name}
		}
	}
	return names
}

// void reports whether a member of an object says that it grants nothing.
func void(v jws.Value) bool {
	switch v.Kind() {
	case 'n', 'f':
		return true
	case '"':
		return len(v) == len(`""`)
	case '0':
		number, err := strconv.ParseFloat(string(v), 64)
		return err == nil && number == 0
	case '{', '[':
		return strings.Trim(string(v[1:len(v)-1]), " \t\r\n") == ""
	}
	return false
}

// at falls back to the default paths for Claims that come from no Verifier.
func (c *Claims) at() *paths {
	if c.paths != nil {
		return c.paths
	}
	return &paths{roles: []string{"roles"}, permissions: []string{"permissions"}}
}
