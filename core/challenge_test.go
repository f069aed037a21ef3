package core_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

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

// rfcChallenges are the examples that the RFCs print, line breaks folded, and
// the situation in which we answer with the same parameters.
var rfcChallenges = []struct {
	name, text string
	want       map[string]string
	guard      core.Guard
	claims     map[string]any // of the token that is sent; nil for no token
	require    core.Requirement
}{
	{
		name: "RFC 6750 section 3, no token", text: `Bearer realm="example"`,
		want: map[string]string{"realm": "example"}, guard: core.Guard{Realm: "example"},
	},
	{
		name:  "RFC 6750 section 3, expired",
		text:  `Bearer realm="example", error="invalid_token", error_description="The access token expired"`,
		want:  map[string]string{"realm": "example", "error": "invalid_token", "error_description": "The access token expired"},
		guard: core.Guard{Realm: "example"}, claims: map[string]any{"exp": 1300819380},
	},
	{
		name: "RFC 9470 section 3, acr_values",
		text: `Bearer error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="myACR"`,
		want: map[string]string{"error": "insufficient_user_authentication",
			"error_description": "A different authentication level is required", "acr_values": "myACR"},
		claims: map[string]any{}, require: core.ACR("myACR"),
	},
	{
		name: "RFC 9470 section 3, max_age",
		text: `Bearer error="insufficient_user_authentication", error_description="More recent authentication is required", max_age="5"`,
		want: map[string]string{"error": "insufficient_user_authentication",
			"error_description": "More recent authentication is required", "max_age": "5"},
		claims: map[string]any{}, require: core.MaxAuthAge(5 * time.Second),
	},
	{
		name:  "RFC 9728 section 5.1",
		text:  `Bearer resource_metadata="https://resource.example.com/.well-known/oauth-protected-resource"`,
		want:  map[string]string{"resource_metadata": "https://resource.example.com/.well-known/oauth-protected-resource"},
		guard: core.Guard{ResourceMetadata: "https://resource.example.com/.well-known/oauth-protected-resource"},
	},
}

// We say what the examples say, with a description of our own.
func TestChallengeOfTheRFCs(t *testing.T) {
	s := newStage(t, nil)
	for _, test := range rfcChallenges {
		t.Run(test.name, func(t *testing.T) {
			example := parseChallenge(t, test.text)
			if example.scheme != "Bearer" || !maps.Equal(example.params, test.want) {
				t.Fatalf("got %q, want the parameters %q", example.params, test.want)
			}
			test.guard.Verifier = s.verifier
			request := &http.Request{Header: http.Header{}}
			if test.claims != nil {
				request.Header.Set("Authorization", "Bearer "+s.withClaims(test.claims))
			}
			ctx, err := test.guard.Check(t.Context(), core.HTTPRequest(request))
			if err == nil {
				err = core.Require(ctx, test.require)
			}
			ours := parseChallenge(t, core.RefusalOf(err).Challenge)
			if !slices.Equal(ours.order, example.order) {
				t.Errorf("got parameters %q, want %q", ours.order, example.order)
			}
			for name, want := range test.want {
				if name != "error_description" && ours.params[name] != want {
					t.Errorf("got %s=%q, want %q", name, ours.params[name], want)
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
