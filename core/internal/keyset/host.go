package keyset

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// hostRule says which hosts a jwks_uri may name.
type hostRule struct {
	confined bool // to the metadata's own host
	others   []string
}

// check judges the jwks_uri that the metadata at address name. Both are valid URLs.
func (r hostRule) check(address, jwksURI string) error {
	if !r.confined {
		return nil
	}
	own, got := HostOf(address), HostOf(jwksURI)
	if got == own || slices.ContainsFunc(r.others, func(host string) bool { return strings.EqualFold(host, got) }) {
		return nil
	}
	return fmt.Errorf("got host %q, want the metadata's %q", cut(got), cut(own))
}

// HostOf returns the host that a URL names, in lower case, with its port unless that is the scheme's own; "" for text
// that is not a URL.
func HostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Host)
	switch {
	case u.Scheme == "https":
		host = strings.TrimSuffix(host, ":443")
	case u.Scheme == "http":
		host = strings.TrimSuffix(host, ":80")
	}
	return strings.TrimSuffix(host, ":")
}
