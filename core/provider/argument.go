package provider

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/jwtmw/jwtmw/core"
)

// arguments reads what a user pasted, and gathers what is wrong with it for
// Config.Err. What it returns for a wrong argument is good for nothing else.
type arguments struct {
	function string
	errs     []error
}

func (a *arguments) wrong(name, got, want string) {
	a.errs = append(a.errs, fmt.Errorf("provider.%s: %s: got %.64q, want %s", a.function, name, got, want))
}

func (a *arguments) err() error { return errors.Join(a.errs...) }

var (
	hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$`)
	label    = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	guid     = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// host takes a host name, with or without "https://" before and a slash after
// it. Hosts have no case, and issuers write theirs in lower case.
func (a *arguments) host(name, value string) string {
	host := strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(value, "https://"), "/"))
	if !hostName.MatchString(host) {
		a.wrong(name, value, `a host such as "login.example.com"`)
	}
	return host
}

// base takes a URL without its last slash; https is added where it is missing.
// Whether http is allowed is for core.New to say.
func (a *arguments) base(name, value string) string {
	text := strings.TrimSuffix(value, "/")
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || strings.ContainsAny(text, "?# \t\r\n") {
		a.wrong(name, value, `a URL such as "https://login.example.com"`)
	}
	return text
}

// label takes one word that becomes a part of a host or of a path.
func (a *arguments) label(name, value, example string) string {
	if !label.MatchString(value) {
		a.wrong(name, value, fmt.Sprintf("a name such as %q", example))
	}
	return value
}

// present requires that a claim is there and is neither null nor "".
func present(claim string) core.Requirement {
	return core.Func(func(_ context.Context, c *core.Claims) error {
		if value, _ := c.Lookup(claim); value == nil || value == "" {
			return fmt.Errorf("%q: got none, want a value", claim)
		}
		return nil
	})
}
