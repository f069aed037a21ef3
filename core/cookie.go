package core

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// FromCookie takes the token from a cookie. An empty cookie is no token; two of
// that name are refused with 400.
//
// A browser sends cookies also with requests that another site's page makes.
// So a request that carries the cookie, and whose method is not GET, HEAD or
// OPTIONS or which opens a WebSocket, must come from this origin as net/http's
// CrossOriginProtection decides, or from one of trustedOrigins, or it is
// refused with 403. A trusted origin is what a browser sends in Origin, such as
// "https://app.example.com", and is compared byte for byte.
//
// The Guard sees the method of the request that reaches it. A proxy that asks
// before it forwards, such as nginx with auth_request, asks by GET whatever the
// browser sent. Then this check protects nothing: restore the original method
// in the Request, or check the origin where the request ends.
func FromCookie(name string, trustedOrigins ...string) TokenSource {
	c := cookie{name: name, protection: http.NewCrossOriginProtection()}
	var found mistakes
	for _, origin := range trustedOrigins {
		found = append(found, c.trust(origin))
	}
	c.mistake = found.join()
	return c
}

type cookie struct {
	name       string
	protection *http.CrossOriginProtection // changed by nobody after FromCookie
	mistake    error                       // in the trusted origins
}

// trust refuses an origin that no browser sends, because it would never match.
func (c cookie) trust(origin string) error {
	if err := c.protection.AddTrustedOrigin(origin); err != nil {
		return fmt.Errorf("FromCookie trusts %s: %w", quote(origin), err)
	}
	u, err := url.Parse(origin)
	standard := map[string]string{"http": "80", "https": "443"}
	if err != nil || origin != strings.ToLower(origin) || standard[u.Scheme] == "" || u.Port() == standard[u.Scheme] {
		return fmt.Errorf("FromCookie trusts %s, want an origin as browsers send it: http or https, lower case, no default port", quote(origin))
	}
	return nil
}

func (c cookie) validate() (string, error) {
	return "cookie " + c.name, errors.Join(wordOf("FromCookie", c.name), c.mistake)
}

func (c cookie) find(r Request, _ bool) (credential, *Refusal) {
	if c.name == "" {
		return credential{}, unnamed("FromCookie")
	}
	var values []string
	for _, line := range r.Header("Cookie") {
		if controlled(line) {
			return credential{}, refuse(ReasonMalformedRequest, errors.New("control characters in the Cookie header"))
		}
		values = c.appendFrom(values, line)
	}
	token, refusal := single(values, "cookie of the token")
	if refusal != nil || token == "" {
		return credential{}, refusal
	}
	return credential{token: token}, c.checkOrigin(r)
}

// appendFrom adds the cookies of the name in one line (RFC 6265 section 4.2.1).
// net/http's parser would leave out in silence what it finds malformed: a bad
// token would be none, and of two only one would be seen.
func (c cookie) appendFrom(values []string, line string) []string {
	for pair := range strings.SplitSeq(line, ";") {
		name, value, _ := strings.Cut(pair, "=")
		if strings.Trim(name, " \t") != c.name {
			continue
		}
		value = strings.Trim(value, " \t")
		if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		values = append(values, value)
	}
	return values
}

func (c cookie) checkOrigin(r Request) *Refusal {
	method, origin, site := r.Method(), r.Header("Origin"), r.Header("Sec-Fetch-Site")
	// No browser sends two; net/http would look at the first alone.
	if len(origin) > 1 || len(site) > 1 {
		return refuse(ReasonMalformedRequest, errors.New("got Origin or Sec-Fetch-Site twice beside a cookie"))
	}
	if len(r.Header("Upgrade")) > 0 {
		method = http.MethodPost // a WebSocket opens with GET and may then do anything
	}
	host := r.Host()
	if host == "" && len(origin) > 0 {
		host = "no.host.invalid" // "Origin: null" has an empty host too, and would match
	}
	request := &http.Request{Method: method, Host: host, URL: &url.URL{}, Header: http.Header{"Sec-Fetch-Site": site, "Origin": origin}}
	if err := c.protection.Check(request); err != nil {
		return refuse(ReasonCrossOrigin, err)
	}
	return nil
}
