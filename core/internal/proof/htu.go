package proof

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jwtmw/jwtmw/core/internal/keyset"
)

// URL is where clients reach this service: scheme, host, and the part of the path
// that a gateway strips. Make it with ParseURL.
type URL struct {
	origin string // scheme and authority, in their one spelling
	path   string // "" or "/v1", without a slash at its end
}

// ParseURL reads a URL of the configuration: https, or http to a loopback address,
// without query, fragment, user information and dot segments.
func ParseURL(raw string) (URL, error) {
	if err := keyset.CheckURL(raw, false); err != nil {
		return URL{}, err
	}
	if strings.Contains(raw, "?") {
		return URL{}, fmt.Errorf("got URL %q with a query, want one without", cut(raw))
	}
	origin, path, ok := split(raw)
	if !ok || strings.ContainsFunc(origin, func(r rune) bool { return r > '~' }) {
		return URL{}, fmt.Errorf("got URL %q, want a host of ASCII letters, as DNS has it", cut(raw))
	}
	wire, ok := wirePath(path)
	if !ok {
		return URL{}, fmt.Errorf("got URL %q, want a path without dot segments, spaces and broken escapes", cut(raw))
	}
	return URL{origin, strings.TrimRight(wire, "/")}, nil
}

// matches reports whether the htu of a proof is the URL of a request for path under
// one of urls (RFC 9449 section 4.3, 9), after the normalisation of RFC 3986
// sections 6.2.2 and 6.2.3. Case, slashes and escapes of reserved characters in the
// path count: /a%2Fb is not /a/b, and /a/ not /a.
//
// What the request says of its host counts for nothing, because it is as easily
// forged as the rest. path is the wire's; "" is of a request without one, and
// matches nothing. Neither does a path with dot segments: whoever sends them wants
// two programs to read the path in two ways.
func matches(urls []URL, htu, path string) bool {
	if plain(path) {
		// Nearly always, and without a copy.
		for _, u := range urls {
			if len(htu) == len(u.origin)+len(u.path)+len(path) &&
				strings.HasPrefix(htu, u.origin) && strings.HasPrefix(htu[len(u.origin):], u.path) && strings.HasSuffix(htu, path) {
				return true
			}
		}
	}
	wire, ok := wirePath(path)
	if !ok {
		return false
	}
	origin, claimed, ok := split(htu)
	if !ok {
		return false
	}
	if claimed, ok = normalise(claimed); !ok {
		return false
	}
	claimed = withoutDots(claimed)
	for _, u := range urls {
		if origin == u.origin && strings.HasPrefix(claimed, u.path) && claimed[len(u.path):] == wire {
			return true
		}
	}
	return false
}

// plain reports whether path is in its normal form at first sight.
func plain(path string) bool {
	if path == "" || path[0] != '/' || strings.Contains(path, "/.") {
		return false
	}
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c > '~' || c == '%' || c == '?' || c == '#' {
			return false
		}
	}
	return true
}

// split parts a URL into its origin, in lower case and without the scheme's own
// port, and its path, without query and fragment. It reads by hand, because url.Parse
// decodes what has to be compared. Whether scheme and authority are sound ones need not
// be known: only those that equal configured ones match.
func split(raw string) (origin, path string, ok bool) {
	scheme, rest, _ := strings.Cut(raw, "://")
	scheme = lower(scheme)
	authority := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority, path = rest[:end], rest[end:]
	}
	if end := strings.IndexAny(path, "?#"); end >= 0 {
		path = path[:end]
	}
	authority = lower(authority)
	authority = strings.TrimSuffix(authority, map[string]string{"https": ":443", "http": ":80"}[scheme])
	authority = strings.TrimSuffix(authority, ":")
	if path == "" {
		path = "/" // RFC 3986 section 6.2.3
	}
	return scheme + "://" + authority, path, authority != ""
}

// lower folds ASCII alone: the Kelvin sign is no k.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// wirePath is the normal form of a request's path, if it has one. One with a "?" or a
// "#" equals no path that split returns.
func wirePath(path string) (string, bool) {
	path, ok := normalise(path)
	return path, ok && withoutDots(path) == path
}

// normalise writes a path in its one spelling (RFC 3986 section 6.2.2): escapes in
// upper case, those of unreserved characters decoded, octets beyond ASCII escaped.
// It refuses a text that does not begin with a slash, broken escapes, and white space
// and controls, which no request line can hold.
func normalise(path string) (string, bool) {
	if path == "" || path[0] != '/' {
		return "", false
	}
	var b strings.Builder
	b.Grow(len(path))
	for i := 0; i < len(path); i++ {
		c := path[i]
		escaped := c > '~'
		if c == '%' {
			octet, err := unescape(path[i:])
			if err != nil {
				return "", false
			}
			i += 2
			c, escaped = octet, !unreserved(octet)
		} else if c <= ' ' || c == 0x7f {
			return "", false
		}
		if !escaped {
			b.WriteByte(c)
			continue
		}
		const digits = "0123456789ABCDEF"
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String(), true
}

var errEscape = errors.New("broken escape")

func unescape(s string) (octet byte, err error) {
	if len(s) < 3 {
		return 0, errEscape
	}
	for _, c := range []byte(s[1:3]) {
		octet <<= 4
		switch {
		case '0' <= c && c <= '9':
			octet |= c - '0'
		case 'a' <= c && c <= 'f':
			octet |= c - 'a' + 10
		case 'A' <= c && c <= 'F':
			octet |= c - 'A' + 10
		default:
			return 0, errEscape
		}
	}
	return octet, nil
}

// unreserved are the characters that mean the same escaped and not (RFC 3986
// section 2.3).
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

// withoutDots removes dot segments (RFC 3986 section 5.2.4) from a path that begins
// with a slash.
func withoutDots(path string) string {
	if !strings.Contains(path, "/.") {
		return path
	}
	var kept []string
	segments := strings.Split(path[1:], "/")
	for i, segment := range segments {
		last := i == len(segments)-1
		switch segment {
		case "..":
			kept = kept[:max(len(kept)-1, 0)]
		case ".":
		default:
			kept = append(kept, segment)
			continue
		}
		if last {
			kept = append(kept, "") // "/a/." is "/a/"
		}
	}
	return "/" + strings.Join(kept, "/")
}
