package core_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
)

// What a configuration puts into a challenge comes out of it again, as far as
// a quoted-string can say it.
func TestChallengeQuoting(t *testing.T) {
	for _, test := range []struct{ name, realm, want string }{
		{"plain", "api", "api"},
		{"quotes", `a "b" c`, `a "b" c`},
		{"backslash", `a\b\`, `a\b\`},
		{"an end of its own", `x", error="none`, `x", error="none`},
		{"CRLF", "a\r\nSet-Cookie: x=1", "a??Set-Cookie: x=1"},
		{"NUL and DEL", "a\x00b\x7f", "a?b?"},
		{"tab", "a\tb", "a?b"},
		{"not ASCII", "ä", "??"},
		{"invalid UTF-8", "\xff", "?"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newStage(t, nil)
			g := core.Guard{Verifier: s.verifier, Realm: test.realm, ResourceMetadata: "https://api.test/.well-known/" + test.realm}
			for _, header := range []http.Header{nil, {"Authorization": {"Bearer x"}}, {"Authorization": {"Bearer a b"}}} {
				_, err := g.Check(t.Context(), core.HTTPRequest(&http.Request{Header: header}))
				c := parseChallenge(t, core.RefusalOf(err).Challenge)
				if c.params["realm"] != test.want || c.params["resource_metadata"] != "https://api.test/.well-known/"+test.want {
					t.Errorf("got %q, want realm and resource_metadata of %q", c.params, test.want)
				}
				if c.order[0] != "realm" {
					t.Errorf("got %q, want realm first", c.order)
				}
			}
		})
	}
}

// challenge is one challenge of WWW-Authenticate, taken apart.
type challenge struct {
	scheme string
	order  []string
	params map[string]string
}

// parseChallenge reads a single challenge by the grammar of RFC 9110 sections
// 5.6.2, 5.6.4 and 11.6.1, with each value a quoted-string of printable ASCII
// as RFC 6750 section 3 wants it:
//
//	challenge     = scheme [ 1*SP auth-param *( OWS "," OWS auth-param ) ]
//	auth-param    = token "=" quoted-string
//	quoted-string = DQUOTE *( %x20-21 / %x23-5B / %x5D-7E / "\" %x20-7E ) DQUOTE
func parseChallenge(t testing.TB, text string) challenge {
	t.Helper()
	c := challenge{params: map[string]string{}}
	scheme, rest, more := strings.Cut(text, " ")
	c.scheme = scheme
	if !isToken(scheme) || more && rest == "" {
		t.Fatalf("got challenge %q, want a scheme and parameters", text)
	}
	for rest != "" {
		name, quoted, ok := strings.Cut(rest, "=")
		if !ok || !isToken(name) {
			t.Fatalf("got challenge %q, want a parameter name at %q", text, rest)
		}
		value, after, ok := cutQuoted(quoted)
		if !ok {
			t.Fatalf("got challenge %q, want a quoted-string at %q", text, quoted)
		}
		if _, twice := c.params[name]; twice {
			t.Fatalf("got challenge %q, want %s once", text, name)
		}
		c.order = append(c.order, name)
		c.params[name] = value
		if after == "" {
			break
		}
		after = strings.TrimLeft(after, " \t")
		if rest, ok = strings.CutPrefix(after, ","); !ok || rest == "" {
			t.Fatalf("got challenge %q, want a comma at %q", text, after)
		}
		rest = strings.TrimLeft(rest, " \t")
	}
	return c
}

// isToken is the token of RFC 9110 section 5.6.2.
func isToken(text string) bool {
	const tchar = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return text != "" && strings.Trim(text, tchar) == ""
}

func cutQuoted(text string) (value, rest string, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		return "", "", false
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return b.String(), text[i+1:], true
		case c < ' ' || c > '~':
			return "", "", false
		case c == '\\':
			i++
			if i == len(text) || text[i] < ' ' || text[i] > '~' {
				return "", "", false
			}
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}
