package adaptertest

import (
	"net/http"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// sourceRows are about the places where a token may stand.
func (a *app) sourceRows() []tableRow {
	good := a.issuer.Token(nil)
	expired := a.issuer.Token(map[string]any{"exp": time.Now().Add(-time.Hour)})
	hasExpired := invalidToken(core.ReasonExpired, "the token has expired")
	row := func(name, target string, want wanted, lines ...string) tableRow {
		return tableRow{name, wireRequest{target: target, lines: lines}, want}
	}
	return []tableRow{
		row("C03 a query parameter is off by default", "/guarded?access_token="+good, noToken),
		row("C03 a cookie is off by default", "/guarded", noToken, "Cookie: session="+good, "Cookie: access_token="+good),
		row("C03 a query parameter where it is on", "/query?access_token="+good, passes(jwttest.Subject)),
		row("C03 a bad token in the query", "/query?access_token="+expired, hasExpired),
		row("C03 two query parameters", "/query?access_token="+good+"&access_token="+good, twoTokens),
		row("C03 an escaped query parameter", "/query?access%5Ftoken="+good, passes(jwttest.Subject)),
		row("T18 a query that cannot be read beside the token", "/query?access_token="+good+"&x=%zz&y=1;2", passes(jwttest.Subject)),
		row("T18 a query that cannot be read and a header", "/anywhere?q=100%", passes(jwttest.Subject), "Authorization: Bearer "+good),
		row("T18 a token in the query that cannot be read", "/query?access_token=%zz", badRequest),
		row("T18 a token in the query before a semicolon", "/query?access_token="+good+";x=1", badRequest),
		row("C03 an empty query parameter", "/query?access_token=", noToken),
		row("C03 bearer where only the query is on", "/query", noToken, "Authorization: Bearer "+good),
		row("C03 header and cookie at once", "/anywhere", twoTokens, "Authorization: Bearer "+good, "Cookie: session="+good),
		row("C03 header and query at once", "/anywhere?access_token="+good, twoTokens, "Authorization: Bearer "+good),
		row("C03 cookie and query at once", "/anywhere?access_token="+good, twoTokens, "Cookie: session="+good),
		row("C03 a good header and a bad cookie", "/anywhere", twoTokens, "Authorization: Bearer "+good, "Cookie: session=x"),
		row("any place: header", "/anywhere", passes(jwttest.Subject), "Authorization: Bearer "+good),
		row("any place: cookie", "/anywhere", passes(jwttest.Subject), "Cookie: session="+good),
		row("any place: query", "/anywhere?access_token="+good, passes(jwttest.Subject)),
		row("any place: none", "/anywhere", noToken),

		row("a header of its own", "/header", passes(jwttest.Subject), "X-Assertion: "+good),
		row("a header of its own in lower case", "/header", passes(jwttest.Subject), "x-assertion: "+good),
		row("a header of its own, expired", "/header", hasExpired, "X-Assertion: "+expired),
		row("a header of its own, twice", "/header", twoTokens, "X-Assertion: "+good, "X-Assertion: "+good),
		row("a header of its own, empty", "/header", noToken, "X-Assertion: "),
		row("a header of its own with a scheme", "/header", malformedToken, "X-Assertion: Bearer "+good),
		row("Authorization where another header is on", "/header", noToken, "Authorization: Bearer "+good),
		row("an underscore is no dash", "/header", noToken, "X_Assertion: "+good),

		row("a WebSocket subprotocol", "/subprotocol", passes(jwttest.Subject), "Sec-WebSocket-Protocol: v1.orders, bearer."+good),
		row("a WebSocket subprotocol on a line of its own", "/subprotocol", passes(jwttest.Subject),
			"Sec-WebSocket-Protocol: v1.orders", "Sec-WebSocket-Protocol: bearer."+good),
		row("two WebSocket subprotocols", "/subprotocol", twoTokens, "Sec-WebSocket-Protocol: bearer."+good+",bearer."+good),
		row("no WebSocket subprotocol with a token", "/subprotocol", noToken, "Sec-WebSocket-Protocol: v1.orders"),
	}
}

// cookieRows are about cookies, which browsers also send with what another site's page asks for.
func (a *app) cookieRows() []tableRow {
	token := a.issuer.Token(nil)
	session := "Cookie: session=" + token
	row := func(name, method string, want wanted, lines ...string) tableRow {
		return tableRow{name, wireRequest{method: method, target: "/cookie", lines: lines}, want}
	}
	return []tableRow{
		row("a cookie", "GET", passes(jwttest.Subject), session),
		row("a cookie among others", "GET", passes(jwttest.Subject), "Cookie: theme=dark; "+session[len("Cookie: "):]+"; lang=en"),
		row("a cookie on the second of two lines", "GET", passes(jwttest.Subject), "Cookie: theme=dark", session),
		row("two cookies of the name", "GET", twoTokens, session+"; "+session[len("Cookie: "):]),
		row("two cookies of the name on two lines", "GET", twoTokens, session, session),
		row("a cookie of another name", "GET", noToken, "Cookie: Session=x; xsession=y"),
		row("an empty cookie", "GET", noToken, "Cookie: session="),
		row("a cookie that is no token", "GET", malformedToken, "Cookie: session=12345"),
		row("C06 NUL in a cookie", "GET", turnedAway, session+"\x00"),
		row("T16 a cookie without a name", "GET", noToken, "Cookie: ="+session[len("Cookie: "):]),
		row("T16 a cookie without a name, on the first of two lines", "GET", noToken, "Cookie: ="+session[len("Cookie: "):], "Cookie:\ttheme=dark"),
		row("T16 a cookie without a value before the token", "GET", twoTokens, "Cookie: session; "+session[len("Cookie: "):]),
		row("T16 a cookie in quotes", "GET", passes(jwttest.Subject), `Cookie: session="`+token+`"`),
		row("T16 a cookie in two pairs of quotes", "GET", malformedToken, `Cookie: session=""`+token+`""`),
	}
}

// originRows are about the page that made a browser send a cookie.
func (a *app) originRows() []tableRow {
	session := "Cookie: session=" + a.issuer.Token(nil)
	crossOrigin := refused(http.StatusForbidden, core.ReasonCrossOrigin, "")
	row := func(name, method string, want wanted, lines ...string) tableRow {
		return tableRow{name, wireRequest{method: method, target: "/cookie", lines: lines}, want}
	}
	trusting := func(name string, want wanted, lines ...string) tableRow {
		return tableRow{name, wireRequest{method: "POST", target: "/trusting", lines: append(lines, session)}, want}
	}
	return []tableRow{
		row("POST from another site", "POST", crossOrigin, session, "Sec-Fetch-Site: cross-site", "Origin: https://evil.test"),
		row("POST from another host of the site", "POST", crossOrigin, session, "Sec-Fetch-Site: same-site", "Origin: https://www.api.test"),
		row("POST from another origin, older browser", "POST", crossOrigin, session, "Origin: https://evil.test"),
		row("POST from nowhere in particular", "POST", crossOrigin, session, "Origin: null"),
		row("POST with forwarded hosts", "POST", crossOrigin, session,
			"Origin: https://evil.test", "X-Forwarded-Host: evil.test", "Forwarded: host=evil.test"),
		row("POST from the same origin", "POST", passes(jwttest.Subject), session, "Sec-Fetch-Site: same-origin", "Origin: https://api.test"),
		row("POST from the same origin, older browser", "POST", passes(jwttest.Subject), session, "Origin: https://api.test"),
		row("POST from no browser", "POST", passes(jwttest.Subject), session),
		row("GET from another site", "GET", passes(jwttest.Subject), session, "Sec-Fetch-Site: cross-site"),
		row("POST from another site without the cookie", "POST", noToken, "Sec-Fetch-Site: cross-site", "Origin: https://evil.test"),
		row("GET that opens a WebSocket from another site", "GET", crossOrigin, session, "Upgrade: websocket", "Origin: https://evil.test"),
		row("T15 POST with two origins", "POST", badRequest, session, "Origin: https://api.test", "Origin: https://evil.test"),
		row("T15 POST with two sites", "POST", badRequest, session, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"),
		{"T15 POST to a path that looks like a host", wireRequest{method: "POST", target: "//evil.test/cookie?x=http://",
			lines: []string{session, "Origin: https://evil.test"}}, turnedAway},

		trusting("U7 POST from a trusted origin", passes(jwttest.Subject), "Sec-Fetch-Site: same-site", "Origin: https://app.test"),
		trusting("U7 POST from a trusted origin, older browser", passes(jwttest.Subject), "Origin: https://app.test"),
		trusting("U7 POST from a trusted origin on a port", passes(jwttest.Subject), "Sec-Fetch-Site: cross-site", "Origin: http://plain.test:8080"),
		trusting("U7 POST from another origin", crossOrigin, "Sec-Fetch-Site: same-site", "Origin: https://www.app.test"),
		trusting("U7 POST from a trusted host by http", crossOrigin, "Sec-Fetch-Site: cross-site", "Origin: http://app.test"),
		trusting("U7 POST from another port of a trusted host", crossOrigin, "Sec-Fetch-Site: cross-site", "Origin: https://app.test:8443"),
		trusting("U7 POST from a trusted origin in upper case", crossOrigin, "Sec-Fetch-Site: cross-site", "Origin: https://APP.test"),
		trusting("U7 POST from nowhere in particular", crossOrigin, "Sec-Fetch-Site: cross-site", "Origin: null"),
		trusting("U7 T15 POST from a trusted origin and another", badRequest, "Origin: https://app.test", "Origin: https://evil.test"),
	}
}

// trailerRows are about fields after a body in chunks, which are no header (RFC 9110, section 6.5.1).
func (a *app) trailerRows() []tableRow {
	good, other := a.issuer.Token(nil), a.issuer.Token(map[string]any{"sub": "mallory"})
	session := "Cookie: session=" + good
	crossOrigin := refused(http.StatusForbidden, core.ReasonCrossOrigin, "")
	row := func(name, target string, want wanted, trailer string, lines ...string) tableRow {
		return tableRow{name, wireRequest{"POST", target, lines, &late{"body", []string{trailer}}}, want}
	}
	return []tableRow{
		row("T8 a token in a trailer", "/header", noToken, "X-Assertion: "+good),
		row("T8 a token in a trailer that is announced", "/header", noToken, "X-Assertion: "+good, "Trailer: X-Assertion"),
		{"T8 a token in the trailer of an empty body", wireRequest{"POST", "/header", nil, &late{"", []string{"X-Assertion: " + good}}}, noToken},
		{"T8 a token in a trailer, by a coding of another spelling", wireRequest{method: "POST", target: "/header",
			lines: []string{"Transfer\rEncoding: chunked", "", "0", "X-Assertion: " + good, ""}}, turnedAway},
		row("T8 another token in a trailer", "/header", passes(jwttest.Subject), "X-Assertion: "+other, "X-Assertion: "+good),
		row("T8 a bearer token in a trailer", "/guarded", turnedAway, "Authorization: Bearer "+good),
		row("T8 a cookie in a trailer", "/cookie", turnedAway, session),
		row("T8 a site in a trailer", "/cookie", crossOrigin, "Sec-Fetch-Site: same-origin", session, "Origin: https://evil.test"),
		row("T8 another origin in a trailer", "/cookie", crossOrigin, "Origin: https://api.test", session, "Origin: https://evil.test"),
		row("T8 a body in chunks", "/cookie", passes(jwttest.Subject), "X-Checksum: 1", session),
	}
}
