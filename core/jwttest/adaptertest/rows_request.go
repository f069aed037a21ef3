package adaptertest

import (
	"net/http"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// The answers that most rows want, byte for byte.
var (
	noToken = refused(401, core.ReasonNoToken, `Bearer`)

	twoTokens = refused(400, core.ReasonMultipleTokens,
		`Bearer error="invalid_request", error_description="the request carries more than one token"`)

	badRequest = refused(400, core.ReasonMalformedRequest,
		`Bearer error="invalid_request", error_description="the token is not sent as RFC 6750 describes"`)

	malformedToken = invalidToken(core.ReasonMalformedToken, "the token is malformed")

	// stopped is for what net/http's server refuses before any middleware, and so without a challenge, while fasthttp
	// leaves it to the guard. Equal is only that nothing passes.
	stopped = wanted{status: http.StatusBadRequest, early: true}

	// turnedAway is for what some frameworks refuse, some redirect, and some do not know.
	turnedAway = wanted{early: true}
)

func invalidToken(reason core.Reason, description string) wanted {
	return refused(401, reason, `Bearer error="invalid_token", error_description="`+description+`"`)
}

// bearerRows are about the Authorization header (RFC 6750, section 2.1; RFC 9110, sections 5.3, 5.5 and 11.4).
func (a *app) bearerRows() []tableRow {
	good := a.issuer.Token(nil)
	row := func(name string, want wanted, lines ...string) tableRow {
		return tableRow{name, wireRequest{lines: lines}, want}
	}
	return []tableRow{
		row("a good token", passes(jwttest.Subject), "Authorization: Bearer "+good),
		row("no token", noToken),
		row("Authorization without a value", noToken, "Authorization: "),
		row("the Basic scheme is no token", noToken, "Authorization: Basic YWxpY2U6c2VjcmV0"),
		row("a scheme that begins like Bearer is no token", noToken, "Authorization: BearerX "+good),
		row("a token without a scheme is no token", noToken, "Authorization: "+good),
		row("a header name in lower case", passes(jwttest.Subject), "authorization: Bearer "+good),

		row("C01 two Authorization headers", twoTokens, "Authorization: Bearer "+good, "Authorization: Bearer "+good),
		row("C01 two Authorization headers of other spelling", twoTokens, "Authorization: Bearer "+good, "AUTHORIZATION: Bearer "+good),
		row("C01 Bearer after Basic", twoTokens, "Authorization: Basic YWxpY2U6c2VjcmV0", "Authorization: Bearer "+good),
		row("C01 an empty Authorization header before a good one", twoTokens, "Authorization:", "Authorization: Bearer "+good),

		row("C02 scheme in lower case", passes(jwttest.Subject), "Authorization: bearer "+good),
		row("C02 scheme in upper case", passes(jwttest.Subject), "Authorization: BEARER "+good),
		row("C02 several blanks after the scheme", passes(jwttest.Subject), "Authorization: Bearer   "+good),
		row("C02 blanks around the value", passes(jwttest.Subject), "Authorization:   Bearer "+good+"  "),
		row("C02 tabs around the value", passes(jwttest.Subject), "Authorization:\tBearer "+good+"\t"),
		row("C02 no blank after the colon", passes(jwttest.Subject), "Authorization:Bearer "+good),
		row("T17 a tab after the scheme", badRequest, "Authorization: Bearer\t"+good),
		row("T17 a scheme that is not ASCII", badRequest, "Authorization: B\u00e9arer "+good),
		row("C02 a tab in the token", malformedToken, "Authorization: Bearer "+good[:20]+"\t"+good[20:]),
		row("C02 nothing after the scheme", badRequest, "Authorization: Bearer"),
		row("C02 only blanks after the scheme", badRequest, "Authorization: Bearer   "),
		row("C02 text after the token", badRequest, "Authorization: Bearer "+good+" admin"),
		row("C02 two tokens after one scheme", badRequest, "Authorization: Bearer "+good+" "+good),
		row("C02 a list of credentials", badRequest, "Authorization: Bearer "+good+", Basic YWxpY2U6c2VjcmV0"),
		row("C02 a list of tokens", malformedToken, "Authorization: Bearer "+good+","+good),
		row("C02 a token in quotes", malformedToken, `Authorization: Bearer "`+good+`"`),
		row("C02 a colon after the scheme", noToken, "Authorization: Bearer: "+good),
		row("C02 bytes that are not ASCII", malformedToken, "Authorization: Bearer "+good+"\xff\xfe"),
		row("C02 a blank of another alphabet", malformedToken, "Authorization: Bearer \u00a0"+good),
		row("C02 a line that is folded after the scheme", passes(jwttest.Subject), "Authorization: Bearer\r\n "+good),
		row("C02 a line that is folded before more text", badRequest, "Authorization: Bearer "+good+"\r\n admin"),

		row("C06 NUL in the token", stopped, "Authorization: Bearer "+good[:20]+"\x00"+good[20:]),
		row("C06 NUL after the token", stopped, "Authorization: Bearer "+good+"\x00"),
		row("C06 a bare CR in the token", stopped, "Authorization: Bearer "+good[:20]+"\r"+good[20:]),
		row("C06 a bare CR before the scheme", stopped, "Authorization: \rBearer "+good),
		row("C06 a blank before the colon", stopped, "Authorization : Bearer "+good),
		row("T17 a vertical tab after the scheme", stopped, "Authorization: Bearer\v"+good),
		row("C06 another control character", turnedAway, "Authorization: Bearer "+good+"\x7f"),
	}
}

// pathRows are about requests that might slip past a guard.
func (a *app) pathRows() []tableRow {
	good := "Authorization: Bearer " + a.issuer.Token(nil)
	row := func(name, method, target string, want wanted, lines ...string) tableRow {
		return tableRow{name, wireRequest{method: method, target: target, lines: lines}, want}
	}
	return []tableRow{
		row("C10 OPTIONS is guarded", "OPTIONS", "/guarded", noToken),
		row("C10 a CORS preflight is guarded", "OPTIONS", "/guarded", noToken,
			"Origin: https://page.test", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization"),
		row("C10 OPTIONS with a token", "OPTIONS", "/guarded", passes(jwttest.Subject), good),
		row("C10 HEAD is guarded", "HEAD", "/guarded", noToken),
		row("C10 HEAD with a token", "HEAD", "/guarded", passes(jwttest.Subject), good),
		row("C10 POST is guarded", "POST", "/guarded", noToken),
		row("C10 a method that changes its name", "POST", "/guarded", noToken, "X-HTTP-Method-Override: GET"),
		row("C10 a slash at the end", "GET", "/guarded/", turnedAway),
		row("C10 two slashes", "GET", "//guarded", turnedAway),
		row("C10 dots in the path", "GET", "/open/../guarded", turnedAway),
		row("C10 an escaped letter", "GET", "/%67uarded", turnedAway),
		row("C10 an escaped slash", "GET", "/%2fguarded", turnedAway),
		row("C10 upper case", "GET", "/GUARDED", turnedAway),
		row("C10 another path in a header", "GET", "/guarded", noToken, "X-Original-URL: /open", "X-Rewrite-URL: /open"),
		row("a route without a guard has no claims", "GET", "/open", passes(""), good),
	}
}
