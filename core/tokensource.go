package core

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// TokenSource says where a request may carry its token. It is made by
// FromBearer, FromHeader, FromCookie, FromSubprotocol or InsecureFromQuery.
type TokenSource interface {
	// find returns the source's one token, or "" if it holds none.
	find(r Request) (string, *Refusal)
}

// FromBearer takes the token from "Authorization: Bearer" (RFC 6750 section
// 2.1). Another scheme is no token. Bearer with nothing or with more than one
// word after it, and a second Authorization header, are refused with 400.
func FromBearer() TokenSource { return bearer{} }

type bearer struct{}

func (bearer) find(r Request) (string, *Refusal) {
	value, refusal := single(r.Header("Authorization"), "Authorization header")
	if refusal != nil || value == "" {
		return "", refusal
	}
	scheme, rest, _ := strings.Cut(value, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", nil
	}
	token := strings.TrimLeft(rest, " ")
	if token == "" || strings.Contains(token, " ") {
		return "", refuse(ReasonMalformedRequest, errors.New(`got "Bearer" with nothing or with more than one word after it`))
	}
	return token, nil
}

// FromHeader takes the token from a header of its own, such as
// "Cf-Access-Jwt-Assertion" or "X-Goog-Iap-Jwt-Assertion". The whole value is
// the token. An empty header is no token; two are refused with 400.
func FromHeader(name string) TokenSource { return header(name) }

type header string

func (h header) find(r Request) (string, *Refusal) {
	if h == "" {
		return "", unnamed("FromHeader")
	}
	return single(r.Header(string(h)), "header of the token")
}

// FromCookie takes the token from a cookie. An empty cookie is no token; two of
// that name are refused with 400.
//
// A browser sends cookies also with requests that another site's page makes.
// So a request that carries the cookie, and whose method is not GET, HEAD or
// OPTIONS or which opens a WebSocket, must come from this origin as net/http's
// CrossOriginProtection decides, or it is refused with 403.
func FromCookie(name string) TokenSource { return cookie(name) }

type cookie string

func (c cookie) find(r Request) (string, *Refusal) {
	if c == "" {
		return "", unnamed("FromCookie")
	}
	var values []string
	for _, line := range r.Header("Cookie") {
		if controlled(line) {
			return "", refuse(ReasonMalformedRequest, errors.New("control characters in the Cookie header"))
		}
		values = c.appendFrom(values, line)
	}
	token, refusal := single(values, "cookie of the token")
	if refusal != nil || token == "" {
		return "", refusal
	}
	if err := sameOrigin(r); err != nil {
		return "", refuse(ReasonCrossOrigin, err)
	}
	return token, nil
}

// appendFrom adds the cookies of the name in one line (RFC 6265 section 4.2.1).
// net/http's parser would leave out in silence what it finds malformed: a bad
// token would be none, and of two only one would be seen.
func (c cookie) appendFrom(values []string, line string) []string {
	for pair := range strings.SplitSeq(line, ";") {
		name, value, _ := strings.Cut(pair, "=")
		if strings.Trim(name, " \t") != string(c) {
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

func sameOrigin(r Request) error {
	method := r.Method()
	if len(r.Header("Upgrade")) > 0 {
		method = http.MethodPost // a WebSocket opens with GET and may then do anything
	}
	request := &http.Request{Method: method, Host: r.Host(), URL: &url.URL{}, Header: http.Header{
		"Sec-Fetch-Site": r.Header("Sec-Fetch-Site"), "Origin": r.Header("Origin")}}
	return http.NewCrossOriginProtection().Check(request)
}

// FromSubprotocol takes the token from the WebSocket subprotocol that begins
// with prefix (RFC 6455 section 1.9), since a browser's WebSocket can send no
// Authorization header: with the prefix "bearer.", a page connects with
// new WebSocket(url, ["v1.example", "bearer." + token]). The server must choose
// another of the offered subprotocols, never this one.
func FromSubprotocol(prefix string) TokenSource { return subprotocol(prefix) }

type subprotocol string

func (s subprotocol) find(r Request) (string, *Refusal) {
	if s == "" {
		return "", unnamed("FromSubprotocol") // any offered subprotocol would be a token
	}
	var tokens []string
	for _, line := range r.Header("Sec-WebSocket-Protocol") {
		for offered := range strings.SplitSeq(line, ",") {
			if token, ok := strings.CutPrefix(strings.Trim(offered, " \t"), string(s)); ok {
				tokens = append(tokens, token)
			}
		}
	}
	return single(tokens, "subprotocol of the token")
}

// InsecureFromQuery takes the token from a query parameter (RFC 6750 section
// 2.3). URLs end up in logs, histories and Referer headers, and the token with
// them; RFC 9700 section 4.3.2 forbids it. For clients that leave no choice.
func InsecureFromQuery(name string) TokenSource { return query(name) }

type query string

func (q query) find(r Request) (string, *Refusal) {
	if q == "" {
		return "", unnamed("InsecureFromQuery")
	}
	raw := r.Query()
	if raw == "" {
		return "", nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return "", refuse(ReasonMalformedRequest, errors.New("the query is not well-formed"))
	}
	return single(values[string(q)], "query parameter of the token")
}

// unnamed is for a source that was given no name.
func unnamed(source string) *Refusal {
	return refuse(ReasonMisconfigured, fmt.Errorf("%s was given an empty name", source))
}

// single returns the only value, without the white space that RFC 9110 section
// 5.5 allows around it, or "" if there is none.
func single(values []string, what string) (string, *Refusal) {
	switch len(values) {
	case 0:
		return "", nil
	case 1:
	default:
		return "", refuse(ReasonMultipleTokens, fmt.Errorf("got %d values of the %s, want one", len(values), what))
	}
	if controlled(values[0]) {
		return "", refuse(ReasonMalformedRequest, fmt.Errorf("control characters in the %s", what))
	}
	return strings.Trim(values[0], " \t"), nil
}

// controlled finds what no header value may hold (RFC 9110 section 5.5), though
// not every framework's parser refuses it.
func controlled(value string) bool {
	return strings.Contains(value, "\x00") || strings.Contains(value, "\r") || strings.Contains(value, "\n")
}
