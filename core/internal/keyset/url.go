package keyset

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// CheckURL says whether keys may be fetched from raw: an absolute URL, https, or http where insecureHTTP allows it
// or the host is loopback (127.0.0.0/8, ::1, localhost), without user information and without a fragment.
func CheckURL(raw string, insecureHTTP bool) error {
	u, err := url.Parse(raw)
	if err != nil {
		return fmt.Errorf("got URL %q, want an absolute https URL", cut(raw)) // the parser's text repeats it uncut
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http", u.Opaque != "", u.Hostname() == "":
		return fmt.Errorf("got URL %q, want an absolute https URL", cut(raw))
	case u.User != nil:
		return fmt.Errorf("got a URL with user information for host %q, want one without", cut(u.Host))
	case strings.Contains(raw, "#"):
		return fmt.Errorf("got URL %q with a fragment, want one without", cut(raw))
	case u.Scheme == "http" && !insecureHTTP && !loopback(u.Hostname()):
		return fmt.Errorf("got URL %q, want https unless the host is loopback", cut(raw))
	}
	return nil
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
