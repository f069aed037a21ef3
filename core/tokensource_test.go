package core_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
)

var (
	header, cookie  = core.FromHeader("X-Token"), core.FromCookie("session")
	protocol, query = core.FromSubprotocol("bearer."), core.InsecureFromQuery("access_token")
)

// tokenSourceCases are requests with a good token where T stands.
var tokenSourceCases = []struct {
	name    string
	sources []core.TokenSource
	request core.Request
	reason  core.Reason
}{
	{"header", from(header), get("X-Token", "T"), ""},
	{"header with blanks around", from(header), get("X-Token", " \tT "), ""},
	{"header, empty", from(header), get("X-Token", ""), core.ReasonNoToken},
	{"header, twice", from(header), get("X-Token", "T", "X-Token", "T"), core.ReasonMultipleTokens},
	{"header, twice, one empty", from(header), get("X-Token", "T", "X-Token", ""), core.ReasonMultipleTokens},
	{"header with Bearer", from(header), get("X-Token", "Bearer T"), core.ReasonMalformedToken},
	{"header, line break", from(header), get("X-Token", "T\n"), core.ReasonMalformedRequest},
	{"header, Authorization is none", from(header), get("Authorization", "Bearer T"), core.ReasonNoToken},

	{"cookie", from(cookie), get("Cookie", "a=b; session=T"), ""},
	{"cookie, empty", from(cookie), get("Cookie", "session="), core.ReasonNoToken},
	{"cookie, another", from(cookie), get("Cookie", "Session=T"), core.ReasonNoToken},
	{"cookie, twice", from(cookie), get("Cookie", "session=T; session=T"), core.ReasonMultipleTokens},
	{"cookie, in two lines", from(cookie), get("Cookie", "session=T", "Cookie", "session=T"), core.ReasonMultipleTokens},
	{"cookie, POST of this origin", from(cookie), post("Cookie", "session=T", "Sec-Fetch-Site", "same-origin"), ""},
	{"cookie, POST by the user", from(cookie), post("Cookie", "session=T", "Sec-Fetch-Site", "none"), ""},
	{"cookie, POST of no browser", from(cookie), post("Cookie", "session=T"), ""},
	{"cookie, POST of another site", from(cookie), post("Cookie", "session=T", "Sec-Fetch-Site", "cross-site"), core.ReasonCrossOrigin},
	{"cookie, POST of a sibling", from(cookie), post("Cookie", "session=T", "Sec-Fetch-Site", "same-site"), core.ReasonCrossOrigin},
	{"cookie, POST of another Origin", from(cookie), post("Cookie", "session=T", "Origin", "https://mallory.test"), core.ReasonCrossOrigin},
	{"cookie, POST of this Origin", from(cookie), post("Cookie", "session=T", "Origin", "https://api.test"), ""},
	{"cookie, GET of another site", from(cookie), get("Cookie", "session=T", "Sec-Fetch-Site", "cross-site"), ""},
	{"cookie with an octet that no cookie may hold", from(cookie), get("Cookie", "session=T\x80"), core.ReasonMalformedToken},
	{"cookie with a backslash", from(cookie), get("Cookie", `session=T\`), core.ReasonMalformedToken},
	{"cookie in quotes", from(cookie), get("Cookie", `session="T"`), ""},
	{"cookie with blanks around", from(cookie), get("Cookie", "a=b;\tsession = T ;c=d"), ""},
	{"cookie in quotes with blanks around", from(cookie), get("Cookie", `session= "T" `), ""},
	{"cookie with a quote before it", from(cookie), get("Cookie", `session="T.`), core.ReasonMalformedToken},
	{"cookie with a quote behind it", from(cookie), get("Cookie", `session=.T"`), core.ReasonMalformedToken},
	{"cookie of one quote", from(cookie), get("Cookie", `session="`), core.ReasonMalformedToken},
	{"cookie of two quotes", from(cookie), get("Cookie", `session=""`), core.ReasonNoToken},
	{"cookie, twice, one of them malformed", from(cookie), get("Cookie", `session=T; session="x\`), core.ReasonMultipleTokens},
	{"cookie among very many", from(cookie), get("Cookie", strings.Repeat("a;", 3001)+"session=T"), ""},
	{"cookie, WebSocket of another site", from(cookie),
		get("Cookie", "session=T", "Upgrade", "websocket", "Sec-Fetch-Site", "cross-site"), core.ReasonCrossOrigin},
	{"cookie, WebSocket of this origin", from(cookie),
		get("Cookie", "session=T", "Upgrade", "websocket", "Origin", "https://api.test"), ""},
	{"no cookie, POST of another site", from(cookie, header), post("X-Token", "T", "Sec-Fetch-Site", "cross-site"), ""},

	{"subprotocol", from(protocol), get("Sec-WebSocket-Protocol", "v1.example, bearer.T"), ""},
	{"subprotocol in two lines", from(protocol), get("Sec-WebSocket-Protocol", "v1.example", "Sec-WebSocket-Protocol", "bearer.T"), ""},
	{"subprotocol, twice", from(protocol), get("Sec-WebSocket-Protocol", "bearer.T, bearer.T"), core.ReasonMultipleTokens},
	{"header without a name", from(core.FromHeader("")), get("X-Token", "T"), core.ReasonMisconfigured},
	{"cookie without a name", from(core.FromCookie("")), get("Cookie", "session=T"), core.ReasonMisconfigured},
	{"query without a name", from(core.InsecureFromQuery("")), ask("=T"), core.ReasonMisconfigured},
	{"subprotocol without a prefix", from(core.FromSubprotocol("")), get("Sec-WebSocket-Protocol", "v1.example"), core.ReasonMisconfigured},
	{"subprotocol, none", from(protocol), get("Sec-WebSocket-Protocol", "v1.example"), core.ReasonNoToken},

	{"query", from(query), ask("a=b&access_token=T"), ""},
	{"query, twice", from(query), ask("access_token=T&access_token=T"), core.ReasonMultipleTokens},
	{"query, malformed", from(query), ask("access_token=%zz"), core.ReasonMalformedRequest},
	{"query, line break", from(query), ask("access_token=T%0A"), core.ReasonMalformedRequest},
	{"query, none", from(query), ask("a=b"), core.ReasonNoToken},
	{"C03 query is off by default", nil, ask("access_token=T"), core.ReasonNoToken},
	{"C03 cookie is off by default", nil, get("Cookie", "access_token=T"), core.ReasonNoToken},

	{"C03 in two places", from(core.FromBearer(), query), fake{"GET", "", "access_token=T", http.Header{"Authorization": {"Bearer T"}}}, core.ReasonMultipleTokens},
	{"in the second place", from(core.FromBearer(), header), get("X-Token", "T"), ""},
	{"another scheme beside a header", from(core.FromBearer(), header), get("Authorization", "Basic x", "X-Token", "T"), ""},
	{"malformed beside a good one", from(core.FromBearer(), header), get("Authorization", "Bearer", "X-Token", "T"), core.ReasonMalformedRequest},
	{"the same source twice", from(header, header), get("X-Token", "T"), core.ReasonMultipleTokens},
}

func from(sources ...core.TokenSource) []core.TokenSource { return sources }

func post(lines ...string) core.Request {
	r := get(lines...).(fake)
	r.method = http.MethodPost
	return r
}

func ask(query string) core.Request { return fake{"GET", "api.test", query, http.Header{}} }

func TestTokenSources(t *testing.T) {
	s := newStage(t, nil)
	good := s.Token(nil)
	for _, test := range tokenSourceCases {
		t.Run(test.name, func(t *testing.T) {
			request := test.request.(fake).with(good)
			ctx, err := core.Guard{Verifier: s.verifier, Tokens: test.sources}.Check(t.Context(), request)
			if reasonOf(err) != test.reason {
				t.Fatalf("got %q (%v), want %q", reasonOf(err), errors.Unwrap(core.RefusalOf(err)), test.reason)
			}
			if c, ok := core.FromContext(ctx); ok != (err == nil) {
				t.Errorf("got claims %v with %v", c, err)
			}
		})
	}
}

// with writes the token where T stands.
func (f fake) with(token string) fake {
	filled := http.Header{}
	for name, values := range f.header {
		for _, value := range values {
			filled[name] = append(filled[name], withToken(value, token))
		}
	}
	f.header, f.query = filled, withToken(f.query, token)
	return f
}

// bearerCases are values of one Authorization header, and what becomes of them
// where a good token is written as T. The fuzz target begins with them.
var bearerCases = []struct {
	name, value string
	reason      core.Reason
}{
	{"plain", "Bearer T", ""},
	{"C02 lower case", "bearer T", ""},
	{"C02 upper case", "BEARER T", ""},
	{"C02 several blanks", "Bearer   T", ""},
	{"C02 blanks around", " \tBearer T \t", ""},
	{"C02 T17 tab for a blank", "Bearer\tT", core.ReasonMalformedRequest},
	{"T17 vertical tab for a blank", "Bearer\vT", core.ReasonMalformedRequest},
	{"C02 tab after the blank", "Bearer \tT", core.ReasonMalformedToken},
	{"C02 trailing text", "Bearer T x", core.ReasonMalformedRequest},
	{"C02 two tokens", "Bearer T T", core.ReasonMalformedRequest},
	{"C02 comma list", "Bearer T,Bearer", core.ReasonMalformedToken},
	{"C02 comma list of schemes", "Bearer T, Basic Yjpi", core.ReasonMalformedRequest},
	{"C02 parameter", `Bearer token="T"`, core.ReasonMalformedToken},
	{"C02 colon", "Bearer: T", core.ReasonNoToken},
	{"scheme alone", "Bearer", core.ReasonMalformedRequest},
	{"scheme and blanks", "Bearer   ", core.ReasonMalformedRequest},
	{"scheme glued", "BearerT", core.ReasonNoToken},
	{"scheme with a tilde", "Bearer~ T", core.ReasonNoToken},
	{"scheme with a delete", "Bearer\x7f T", core.ReasonMalformedRequest},
	{"no scheme", "T", core.ReasonNoToken},
	{"empty", "", core.ReasonNoToken},
	{"blanks", "  ", core.ReasonNoToken},
	{"Basic", "Basic Yjpi", core.ReasonNoToken},
	{"DPoP", "DPoP T", core.ReasonNoToken},
	{"C06 NUL", "Bearer T\x00", core.ReasonMalformedRequest},
	{"C06 CR", "Bearer T\r", core.ReasonMalformedRequest},
	{"C06 LF before another header", "Bearer T\nX-Admin: 1", core.ReasonMalformedRequest},
	{"C06 NUL under another scheme", "Basic \x00", core.ReasonMalformedRequest},
	{"T17 no-break space", "Bearer\u00a0T", core.ReasonMalformedRequest},
}

// withToken writes the token where T stands as a word or at the end of one.
func withToken(value, token string) string { return strings.ReplaceAll(value, "T", token) }

func TestFromBearer(t *testing.T) {
	s := newStage(t, nil)
	good := s.Token(nil)
	for _, test := range bearerCases {
		t.Run(test.name, func(t *testing.T) {
			_, err := core.Guard{Verifier: s.verifier}.Check(t.Context(), get("Authorization", withToken(test.value, good)))
			if reasonOf(err) != test.reason {
				t.Errorf("got %q, want %q", reasonOf(err), test.reason)
			}
		})
	}
}
