package jwttest

import (
	"net/http"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// sourceRows are about the places where a token may stand.
func (a *adapterApp) sourceRows() []adapterRow {
	good := a.issuer.Token(nil)
	expired := a.issuer.Token(map[string]any{"exp": time.Now().Add(-time.Hour)})
	hasExpired := invalidToken(core.ReasonExpired, "the token has expired")
	row := func(name, target string, want wanted, lines ...string) adapterRow {
		return adapterRow{name, wireRequest{target: target, lines: lines}, want}
	}
	return []adapterRow{
		row("C03 a query parameter is off by default", "/guarded?access_token="+good, noToken),
		row("C03 a cookie is off by default", "/guarded", noToken, "Cookie: session="+good, "Cookie: access_token="+good),
		row("C03 a query parameter where it is on", "/query?access_token="+good, passes(Subject)),
		row("C03 a bad token in the query", "/query?access_token="+expired, hasExpired),
		row("C03 two query parameters", "/query?access_token="+good+"&access_token="+good, twoTokens),
		row("C03 an escaped query parameter", "/query?access%5Ftoken="+good, passes(Subject)),
		row("C03 a malformed query", "/query?access_token="+good+"&x=%zz", badRequest),
		row("C03 an empty query parameter", "/query?access_token=", noToken),
		row("C03 bearer where only the query is on", "/query", noToken, "Authorization: Bearer "+good),
		row("C03 header and cookie at once", "/anywhere", twoTokens, "Authorization: Bearer "+good, "Cookie: session="+good),
		row("C03 header and query at once", "/anywhere?access_token="+good, twoTokens, "Authorization: Bearer "+good),
		row("C03 cookie and query at once", "/anywhere?access_token="+good, twoTokens, "Cookie: session="+good),
		row("C03 a good header and a bad cookie", "/anywhere", twoTokens, "Authorization: Bearer "+good, "Cookie: session=x"),
		row("any place: header", "/anywhere", passes(Subject), "Authorization: Bearer "+good),
		row("any place: cookie", "/anywhere", passes(Subject), "Cookie: session="+good),
		row("any place: query", "/anywhere?access_token="+good, passes(Subject)),
		row("any place: none", "/anywhere", noToken),

		row("a header of its own", "/header", passes(Subject), "X-Assertion: "+good),
		row("a header of its own in lower case", "/header", passes(Subject), "x-assertion: "+good),
		row("a header of its own, expired", "/header", hasExpired, "X-Assertion: "+expired),
		row("a header of its own, twice", "/header", twoTokens, "X-Assertion: "+good, "X-Assertion: "+good),
		row("a header of its own, empty", "/header", noToken, "X-Assertion: "),
		row("a header of its own with a scheme", "/header", malformedToken, "X-Assertion: Bearer "+good),
		row("Authorization where another header is on", "/header", noToken, "Authorization: Bearer "+good),
		row("an underscore is no dash", "/header", noToken, "X_Assertion: "+good),

		row("a WebSocket subprotocol", "/subprotocol", passes(Subject), "Sec-WebSocket-Protocol: v1.orders, bearer."+good),
		row("a WebSocket subprotocol on a line of its own", "/subprotocol", passes(Subject), "Sec-WebSocket-Protocol: v1.orders", "Sec-WebSocket-Protocol: bearer."+good),
		row("two WebSocket subprotocols", "/subprotocol", twoTokens, "Sec-WebSocket-Protocol: bearer."+good+",bearer."+good),
		row("no WebSocket subprotocol with a token", "/subprotocol", noToken, "Sec-WebSocket-Protocol: v1.orders"),
	}
}

// cookieRows are about cookies, which browsers also send with what another site's page asks for.
func (a *adapterApp) cookieRows() []adapterRow {
	session := "Cookie: session=" + a.issuer.Token(nil)
	crossOrigin := refused(http.StatusForbidden, core.ReasonCrossOrigin, "")
	row := func(name, method string, want wanted, lines ...string) adapterRow {
		return adapterRow{name, wireRequest{method, "/cookie", lines}, want}
	}
	return []adapterRow{
		row("a cookie", "GET", passes(Subject), session),
		row("a cookie among others", "GET", passes(Subject), "Cookie: theme=dark; "+session[len("Cookie: "):]+"; lang=en"),
		row("a cookie on the second of two lines", "GET", passes(Subject), "Cookie: theme=dark", session),
		row("two cookies of the name", "GET", twoTokens, session+"; "+session[len("Cookie: "):]),
		row("two cookies of the name on two lines", "GET", twoTokens, session, session),
		row("a cookie of another name", "GET", noToken, "Cookie: Session=x; xsession=y"),
		row("an empty cookie", "GET", noToken, "Cookie: session="),
		row("a cookie that is no token", "GET", malformedToken, "Cookie: session=12345"),
		row("C06 NUL in a cookie", "GET", turnedAway, session+"\x00"),

		row("POST from another site", "POST", crossOrigin, session, "Sec-Fetch-Site: cross-site", "Origin: https://evil.test"),
		row("POST from another host of the site", "POST", crossOrigin, session, "Sec-Fetch-Site: same-site", "Origin: https://www.api.test"),
		row("POST from another origin, older browser", "POST", crossOrigin, session, "Origin: https://evil.test"),
		row("POST from nowhere in particular", "POST", crossOrigin, session, "Origin: null"),
		row("POST with forwarded hosts", "POST", crossOrigin, session, "Origin: https://evil.test", "X-Forwarded-Host: evil.test", "Forwarded: host=evil.test"),
		row("POST from the same origin", "POST", passes(Subject), session, "Sec-Fetch-Site: same-origin", "Origin: https://api.test"),
		row("POST from the same origin, older browser", "POST", passes(Subject), session, "Origin: https://api.test"),
		row("POST from no browser", "POST", passes(Subject), session),
		row("GET from another site", "GET", passes(Subject), session, "Sec-Fetch-Site: cross-site"),
		row("POST from another site without the cookie", "POST", noToken, "Sec-Fetch-Site: cross-site", "Origin: https://evil.test"),
	}
}
