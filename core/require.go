package core

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Requirement is what a request's verified claims must grant. It is made by
// Scope, AnyScope, Role, AnyRole, Permission, AnyPermission, Audience, ClaimIn,
// MaxAuthAge, ACR, All, Any or Func.
type Requirement interface {
	// judge returns nil if c grants what is required.
	judge(ctx context.Context, c *Claims) *Refusal
}

// Scope requires every one of the scopes, compared byte for byte. Otherwise, and
// without any, the answer is 403, ReasonInsufficientScope, and its challenge
// names them all. A scope that is empty or holds a space, which none may (RFC
// 6749 section 3.3), is never granted by a "scope" string.
func Scope(all ...string) Requirement {
	all = slices.Clone(all)
	return requirement(func(_ context.Context, c *Claims) *Refusal {
		if len(all) > 0 && contains(c.Scopes, all) {
			return nil
		}
		return lacksScope(c, all, strings.Join(all, " "))
	})
}

// AnyScope requires one of the scopes, and refuses as Scope does. The challenge
// names the first, which is the one that a client should ask for.
func AnyScope(oneOf ...string) Requirement {
	oneOf = slices.Clone(oneOf)
	return requirement(func(_ context.Context, c *Claims) *Refusal {
		if intersects(c.Scopes, oneOf) {
			return nil
		}
		first := ""
		if len(oneOf) > 0 {
			first = oneOf[0]
		}
		return lacksScope(c, oneOf, first)
	})
}

func lacksScope(c *Claims, want []string, ask string) *Refusal {
	r := refuse(ReasonInsufficientScope, &mismatch{"scope", strings.Join(c.Scopes, " "), want})
	r.params = []param{{"scope", ask}}
	return r
}

// Audience requires that "aud" holds one of the names, compared byte for byte:
// for routes of one service that are named apart, beside a Config whose
// Audiences are all of them. Otherwise, and without any, the answer is 401,
// ReasonWrongAudience, since another token would pass.
func Audience(oneOf ...string) Requirement {
	oneOf = slices.Clone(oneOf)
	return requirement(func(_ context.Context, c *Claims) *Refusal {
		if intersects(c.Audience, oneOf) {
			return nil
		}
		return refuse(ReasonWrongAudience, &wrongAudience{c.Audience, oneOf})
	})
}

// MaxAuthAge requires that the user authenticated at most d ago, by the claim
// "auth_time", which may be 30 s ahead of this clock. Otherwise the answer is 401,
// ReasonInsufficientAuthentication, with max_age in seconds (RFC 9470 section 3).
func MaxAuthAge(d time.Duration) Requirement {
	return requirement(func(_ context.Context, c *Claims) *Refusal {
		value, _ := c.find([]string{"auth_time"})
		var authenticated time.Time
		if want := readDate(&authenticated, value); want == "" {
			if age := time.Since(authenticated); age <= d && age >= -maxAhead {
				return nil
			}
		}
		r := refuse(ReasonInsufficientAuthentication, &mismatch{"auth_time", string(value), []string{"at most " + d.String() + " ago"}})
		// The client is told what to ask for, not how old the login is.
		r.params = []param{{"max_age", strconv.FormatInt(int64(d/time.Second), 10)}}
		return r
	})
}

// ACR requires that "acr" is one of the authentication context class
// references, compared byte for byte. Otherwise, and without any, the answer is
// 401, ReasonInsufficientAuthentication, with acr_values (RFC 9470 section 3).
func ACR(values ...string) Requirement {
	values = slices.Clone(values)
	return requirement(func(_ context.Context, c *Claims) *Refusal {
		value, _ := c.find([]string{"acr"})
		if acr, ok := value.Text(); ok && slices.Contains(values, acr) {
			return nil
		}
		r := refuse(ReasonInsufficientAuthentication, &mismatch{"acr", string(value), values})
		r.params = []param{{"acr_values", strings.Join(values, " ")}}
		return r
	})
}

// All requires every one of reqs, and refuses as the first that is not met.
// Without any it grants.
func All(reqs ...Requirement) Requirement {
	reqs = slices.Clone(reqs) // append(base, ...) twice may share one array
	return requirement(func(ctx context.Context, c *Claims) *Refusal { return judgeAll(ctx, reqs, c) })
}

func judgeAll(ctx context.Context, reqs []Requirement, c *Claims) *Refusal {
	for _, req := range reqs {
		if refusal := judge(ctx, req, c); refusal != nil {
			return refusal
		}
	}
	return nil
}

// Any requires one of reqs, and refuses as the first of them. Without any it
// refuses.
func Any(reqs ...Requirement) Requirement {
	reqs = slices.Clone(reqs)
	return requirement(func(ctx context.Context, c *Claims) *Refusal {
		var first *Refusal
		for _, req := range reqs {
			refusal := judge(ctx, req, c)
			if refusal == nil {
				return nil
			}
			if first == nil {
				first = refusal
			}
		}
		if first == nil {
			first = refuse(ReasonForbidden, errors.New("Any without a Requirement"))
		}
		return first
	})
}

// Func requires what check says: nil grants. An error that is a *Refusal is
// answered as it is, any other with 403; its text goes to the log alone.
func Func(check func(context.Context, *Claims) error) Requirement {
	return requirement(func(ctx context.Context, c *Claims) *Refusal {
		if check == nil {
			return refuse(ReasonMisconfigured, errors.New("Func without a function"))
		}
		err := check(ctx, c)
		if err == nil {
			return nil
		}
		refusal, ok := errors.AsType[*Refusal](err)
		if !ok {
			return refuse(ReasonForbidden, err)
		}
		if refusal == nil || refusal.Status < 400 || refusal.Status > 599 {
			return refuse(ReasonMisconfigured, errors.New("Func got a *Refusal that is nil or has no status that refuses"))
		}
		copied := *refusal // the guard words its challenge, and the function may return one value each time
		return &copied
	})
}

// maxAhead is how far "auth_time" may be ahead of this clock.
const maxAhead = 30 * time.Second

type requirement func(context.Context, *Claims) *Refusal

func (r requirement) judge(ctx context.Context, c *Claims) *Refusal { return r(ctx, c) }

func judge(ctx context.Context, req Requirement, c *Claims) *Refusal {
	if req == nil {
		return refuse(ReasonMisconfigured, errors.New("a nil Requirement"))
	}
	return req.judge(ctx, c)
}

func contains(have, want []string) bool {
	return !slices.ContainsFunc(want, func(w string) bool { return !slices.Contains(have, w) })
}

func intersects(have, want []string) bool {
	return slices.ContainsFunc(want, func(w string) bool { return slices.Contains(have, w) })
}
