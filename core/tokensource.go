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
	// validate names the one place that the source looks at, or says why it
	// could never find a token.
	validate() (place string, err error)
	// find returns the source's one token, or none. dpop says that the scheme DPoP
	// counts. With a Refusal it returns what is known of the scheme.
	find(r Request, dpop bool) (credential, *Refusal)
}

// credential is a token with the scheme by which it was sent. An empty token is none.
type credential struct {
	token  string
	scheme scheme
}

// FromBearer takes the token from "Authorization: Bearer" (RFC 6750 section
// 2.1), and where an issuer has DPoP in force from "Authorization: DPoP" (RFC 9449
// section 7.1), which is also the only way for a token that is bound to a key by
// "jkt". Another scheme is no token. Of Tenants any may have DPoP in force. A scheme
// with nothing or with more than one word after it, or with white space other than
// blanks behind it, and a second Authorization header, are refused with 400.
func FromBearer() TokenSource { return bearer{} }

type bearer struct{}

func (bearer) validate() (string, error) { return "Authorization header", nil }

func (bearer) find(r Request, dpop bool) (credential, *Refusal) {
	value, refusal := single(r.Header("Authorization"), "Authorization header")
	if refusal != nil {
		return credential{scheme: bothSchemes}, refusal
	}
	if value == "" {
		return credential{}, nil
	}
	scheme, rest, _ := strings.Cut(value, " ")
	// "Bearer<TAB>token" means a token; to take it for another scheme would let
	// it pass as nobody where a guard is Optional.
	if strings.ContainsFunc(scheme, func(c rune) bool { return c < ' ' || c > '~' }) {
		return credential{scheme: bothSchemes}, refuse(ReasonMalformedRequest, errors.New("got a scheme that is no token (RFC 9110 section 11.1)"))
	}
	var found credential
	switch {
	case dpop && strings.EqualFold(scheme, "DPoP"):
		found.scheme = dpopScheme
	case !strings.EqualFold(scheme, "Bearer"):
		return credential{}, nil
	}
	token := strings.TrimLeft(rest, " ")
	if token == "" || strings.Contains(token, " ") {
		return found, refuse(ReasonMalformedRequest, errors.New("got a scheme with nothing or with more than one word after it"))
	}
	found.token = token
	return found, nil
}

// FromHeader takes the token from a header of its own, such as
// "Cf-Access-Jwt-Assertion" or "X-Goog-Iap-Jwt-Assertion". The whole value is
// the token. An empty header is no token; two are refused with 400. For
// Authorization there is FromBearer.
func FromHeader(name string) TokenSource { return header(name) }

type header string

func (h header) validate() (string, error) {
	name := http.CanonicalHeaderKey(string(h))
	switch name {
	case "Authorization":
		return "", errors.New(`FromHeader("Authorization") would take the scheme for a part of the token, want FromBearer`)
	case "Cookie":
		return "", errors.New(`FromHeader("Cookie") would take every cookie for the token, want FromCookie`)
	}
	return "header " + name, wordOf("FromHeader", string(h))
}

func (h header) find(r Request, _ bool) (credential, *Refusal) {
	if h == "" {
		return credential{}, unnamed("FromHeader")
	}
	token, refusal := single(r.Header(string(h)), "header of the token")
	return credential{token: token}, refusal
}

// FromSubprotocol takes the token from the WebSocket subprotocol that begins
// with prefix (RFC 6455 section 1.9), since a browser's WebSocket can send no
// Authorization header: with the prefix "bearer.", a page connects with
// new WebSocket(url, ["v1.example", "bearer." + token]). The server must choose
// another of the offered subprotocols, never this one.
func FromSubprotocol(prefix string) TokenSource { return subprotocol(prefix) }

type subprotocol string

func (s subprotocol) validate() (string, error) {
	return "subprotocol " + string(s), wordOf("FromSubprotocol", string(s))
}

func (s subprotocol) find(r Request, _ bool) (credential, *Refusal) {
	if s == "" {
		return credential{}, unnamed("FromSubprotocol") // any offered subprotocol would be a token
	}
	var tokens []string
	for _, line := range r.Header("Sec-WebSocket-Protocol") {
		for offered := range strings.SplitSeq(line, ",") {
			if token, ok := strings.CutPrefix(strings.Trim(offered, " \t"), string(s)); ok {
				tokens = append(tokens, token)
			}
		}
	}
	token, refusal := single(tokens, "subprotocol of the token")
	return credential{token: token}, refusal
}

// InsecureFromQuery takes the token from a query parameter (RFC 6750 section
// 2.3). URLs end up in logs, histories and Referer headers, and the token with
// them; RFC 9700 section 4.3.2 forbids it. For clients that leave no choice. A
// parameter that cannot be decoded is refused with 400; others do not matter.
func InsecureFromQuery(name string) TokenSource { return query(name) }

type query string

func (q query) validate() (string, error) {
	if q == "" {
		return "", errors.New("InsecureFromQuery was given an empty name")
	}
	return "query parameter " + string(q), nil
}

func (q query) find(r Request, _ bool) (credential, *Refusal) {
	if q == "" {
		return credential{}, unnamed("InsecureFromQuery")
	}
	var values []string
	for pair := range strings.SplitSeq(r.Query(), "&") {
		name, value, _ := strings.Cut(pair, "=")
		// What others sent beside the token and nobody can read is not the token's.
		if name, err := url.QueryUnescape(name); err != nil || name != string(q) {
			continue
		}
		value, err := url.QueryUnescape(value)
		if err != nil || strings.Contains(pair, ";") { // net/url takes no semicolon either
			return credential{}, refuse(ReasonMalformedRequest, errors.New("the query parameter of the token is not well-formed"))
		}
		values = append(values, value)
	}
	token, refusal := single(values, "query parameter of the token")
	return credential{token: token}, refusal
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
