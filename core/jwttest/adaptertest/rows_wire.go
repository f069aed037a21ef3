package adaptertest

// requestRows are about what stood on the wire. net/http's server refuses some of it before any middleware.
var requestRows = []requestRow{
	target("the path", "/orders/1", "/orders/1", ""),
	target("the path of a query", "/orders?a=1&b=%20", "/orders", "a=1&b=%20"),
	target("an empty query", "/orders?", "/orders", ""),
	target("a question mark in the query", "/orders??a=/b?", "/orders", "?a=/b?"),
	target("an escaped slash", "/a%2Fb%2fc", "/a%2Fb%2fc", ""),
	target("an escaped letter", "/%61%7E", "/%61%7E", ""),
	target("an escaped question mark", "/a%3Fb?c", "/a%3Fb", "c"),
	target("octets that are not ASCII", "/\u00e9\xff", "/\u00e9\xff", ""),
	target("characters that a path should not hold", `/a"<>[\]^{|}`, `/a"<>[\]^{|}`, ""),
	target("slashes", "//a///b/", "//a///b/", ""),
	target("dot segments", "/a/../b/./c/..", "/a/../b/./c/..", ""),
	target("dot segments that lead out", "/../../a", "/../../a", ""),
	target("escaped dot segments", "/a/%2e%2E/b", "/a/%2e%2E/b", ""),
	target("a fragment", "/a#b?c#d", "/a#b", "c#d"),
	target("a URL in the path", "/x/http://evil.test/a", "/x/http://evil.test/a", ""),
	target("a URL in the query", "/x?next=http://evil.test/a", "/x", "next=http://evil.test/a"),
	target("T15 a path that looks like a host", "//evil.test/a?b=://", "//evil.test/a", "b=://"),
	absolute("an absolute target", "http://target.test/a%2Fb?c", "target.test", "/a%2Fb", "c"),
	absolute("an absolute target with dot segments", "http://target.test/a/../b", "target.test", "/a/../b", ""),
	absolute("an absolute target with slashes", "http://target.test//a//b", "target.test", "//a//b", ""),
	absolute("an absolute target with a port", "http://target.test:8080/a", "target.test:8080", "/a", ""),
	absolute("an absolute target without a path", "http://target.test", "target.test", "", ""),
	orEarly(absolute("an absolute target with a query and no path", "http://target.test?a=/b", "target.test", "", "a=/b")), // fasthttp 1.73 refuses it
	absolute("an absolute target of https", "https://target.test/a", "target.test", "/a", ""),
	absolute("an absolute target with a URL in it", "http://target.test/a?b=http://evil.test/c", "target.test", "/a", "b=http://evil.test/c"),
	{name: "the host with a port", head: "GET / HTTP/1.1\r\nHost: api.test:8443\r\n", want: sight{method: "GET", host: "api.test:8443", path: "/"}},
	{name: "forwarded hosts and paths", head: "POST /a HTTP/1.1\r\nHost: api.test\r\nX-Forwarded-Host: evil.test\r\nForwarded: host=evil.test\r\n" +
		"X-Forwarded-Uri: /b\r\nX-Original-Url: /b\r\nX-Rewrite-Url: /b\r\nX-Forwarded-Prefix: /b\r\nX-HTTP-Method-Override: GET\r\nContent-Length: 0\r\n",
		want: sight{method: "POST", host: "api.test", path: "/a"}},

	headed("one line each", "Authorization: Bearer x\r\nCookie: a=1; b=2\r\n", []string{"Bearer x"}, []string{"a=1; b=2"}, nil),
	headed("names in any case", "authorization: one\r\nAUTHORIZATION: two\r\ncookie: a=1\r\n", []string{"one", "two"}, []string{"a=1"}, nil),
	headed("white space around values", "Authorization:\t one \t\r\nCookie:\ta=1\t\r\n", []string{"one"}, []string{"a=1"}, nil),
	headed("T16 two lines of cookies", "Cookie: a=1\r\nCookie: a=2\r\n", nil, []string{"a=1", "a=2"}, nil),
	headed("T16 cookies as they were sent", "Cookie: =a=1;b; c=\"\"2\"\" ;;d=\r\n", nil, []string{"=a=1;b; c=\"\"2\"\" ;;d="}, nil),
	headed("a line that is folded", "Authorization: Bearer\r\n x\r\nX-Late: a\r\n", []string{"Bearer x"}, nil, []string{"a"}),
	headed("lines that are folded one after the other", "X-Late: a\r\n b\r\nCookie: c=1;\r\n\td=2\r\nAuthorization: one\r\n two\r\n",
		[]string{"one two"}, []string{"c=1; d=2"}, []string{"a b"}),
	{name: "letters that fold into ASCII", head: "GET / HTTP/1.1\r\nHost: api.test\r\nCoo\u212Aie: a=1\r\n", // KELVIN SIGN
		want: sight{method: "GET", host: "api.test", path: "/"}, early: true},

	chunked("T8 a trailer", "X-Late: head\r\n", "4\r\nbody\r\n0\r\nX-Late: trailer\r\n\r\n", []string{"head"}),
	chunked("T8 a trailer that is announced", "Trailer: X-Late\r\n", "4\r\nbody\r\n0\r\nX-Late: trailer\r\n\r\n", nil),
	chunked("T8 the trailer of an empty body", "X-Late: head\r\n", "0\r\nX-Late: trailer\r\n\r\n", []string{"head"}),
	chunked("T8 the trailer of an empty body that is announced", "Trailer: X-Late\r\n", "0\r\nX-Late: trailer\r\n\r\n", nil),
	orEarly(chunked("T8 a cookie in a trailer", "X-Late: head\r\n", "0\r\nCookie: a=1\r\n\r\n", []string{"head"})), // so here
	{name: "T8 the trailer of a coding of another spelling", head: "POST / HTTP/1.1\r\nHost: api.test\r\nTransfer\rEncoding: chunked\r\n",
		body: "0\r\nX-Late: trailer\r\n\r\n", want: sight{method: "POST", host: "api.test", path: "/"}, early: true},
}

func target(name, target, path, query string) requestRow {
	return requestRow{name: name, head: "GET " + target + " HTTP/1.1\r\nHost: api.test\r\n",
		want: sight{method: "GET", host: "api.test", path: path, query: query}}
}

// absolute is a target whose host rules over the Host header (RFC 9112, section 3.2.2).
func absolute(name, target, host, path, query string) requestRow {
	return requestRow{name: name, head: "GET " + target + " HTTP/1.1\r\nHost: api.test\r\n",
		want: sight{method: "GET", host: host, path: path, query: query}}
}

func headed(name, lines string, authorization, cookie, late []string) requestRow {
	return requestRow{name: name, head: "GET / HTTP/1.1\r\nHost: api.test\r\n" + lines,
		want: sight{method: "GET", host: "api.test", path: "/", headers: [][]string{authorization, cookie, late}}}
}

func chunked(name, lines, body string, late []string) requestRow {
	return requestRow{name: name, head: "POST / HTTP/1.1\r\nHost: api.test\r\nTransfer-Encoding: chunked\r\n" + lines, body: body,
		want: sight{method: "POST", host: "api.test", path: "/", headers: [][]string{nil, nil, late}}}
}

// orEarly is a row that the server itself may have answered.
func orEarly(r requestRow) requestRow {
	r.early = true
	return r
}
