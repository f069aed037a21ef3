package core_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

func nowUnix() int64 { return time.Now().Unix() }

// at sends a proof for htu with a request for target.
func (s *proofStage) at(name string, want outcome, target, htu string, lines ...string) sent {
	token := s.bound()
	r := dpop(name, want, token, s.prover.Proof("GET", "x", token, map[string]any{"htu": htu}))
	r.target, r.lines = target, append(r.lines, lines...)
	return r
}

func hostRows(_ *testing.T, s *proofStage) []sent {
	const evil = "https://evil.example/orders"
	rows := []sent{
		s.at("S54 another host", badProof, "/orders", evil),
		s.at("S55 another host, forged to match", badProof, "/orders", evil, "Host: evil.example"),
		s.at("S55 the right host, another in Host", passes, "/orders", ordersURL, "Host: evil.example"),
		s.at("S57 an absolute target", badProof, "https://evil.example/orders", evil, "Host: evil.example"),
		s.at("S57 an absolute target of this service", passes, "https://api.example.com/orders", ordersURL),
		s.at("S58 a host that swallows the path", badProof, "/orders", apiURL+"/admin", "Host: api.example.com/admin?"),
		s.at("S66 http", badProof, "/orders", "http://api.example.com/orders"),
		s.at("S66 wss", badProof, "/orders", "wss://api.example.com/orders"),
	}
	for _, line := range []string{
		"X-Forwarded-Host: evil.example", "Forwarded: host=evil.example;proto=https", "X-Forwarded-Prefix: /v1", "X-Original-Host: evil.example", "X-Forwarded-Proto: http",
	} {
		rows = append(rows, s.at("S56 "+line, badProof, "/orders", evil, line, "Host: evil.example"))
	}
	return append(rows,
		s.at("S56 a prefix", badProof, "/orders", apiURL+"/v1/orders", "X-Forwarded-Prefix: /v1"),
		s.at("S56 a scheme", badProof, "/orders", "http://api.example.com/orders", "X-Forwarded-Proto: http"))
}

func pathRows(_ *testing.T, s *proofStage) []sent {
	return []sent{
		s.at("S59 another case", badProof, "/orders", apiURL+"/Orders"),
		s.at("S60 a slash more", badProof, "/orders", ordersURL+"/"),
		s.at("S60 a slash less", badProof, "/orders/", ordersURL),
		s.at("S61 a slash that is escaped in the request", badProof, "/a%2Fb", apiURL+"/a/b"),
		s.at("S61 a slash that is escaped in the proof", badProof, "/a/b", apiURL+"/a%2Fb"),
		s.at("S61 escaped in both, in two cases", passes, "/a%2Fb", apiURL+"/a%2fb"),
		s.at("S62 octets that net/http would escape", badProof, "/a%2fb/\u00e9", apiURL+"/a/b/%C3%A9"),
		s.at("S62 the same octets", passes, "/a%2fb/\u00e9", apiURL+"/a%2Fb/%c3%a9"),
		s.at("S63 dots in the request", badProof, "/x/../admin", apiURL+"/admin"),
		s.at("S63 dots in both", badProof, "/x/../admin", apiURL+"/x/../admin"),
		s.at("S63 escaped dots in the request", badProof, "/x/%2e%2e/admin", apiURL+"/admin"),
		s.at("S63 half escaped dots in both", badProof, "/x/.%2E/admin", apiURL+"/x/.%2E/admin"),
		s.at("S63 one dot in both", badProof, "/x/./admin", apiURL+"/x/./admin"),
		s.at("S63 a dot at the end", badProof, "/x/.", apiURL+"/x/."),
		s.at("S63 dots in the proof alone", passes, "/admin", apiURL+"/x/../admin"),
		s.at("S63 a name that begins with a dot", passes, "/.well-known/x..y", apiURL+"/.well-known/x..y"),
		s.at("S64 two slashes in the request", badProof, "//admin", apiURL+"/admin"),
		s.at("S64 two slashes in both", passes, "//admin", apiURL+"//admin"),
		s.at("a semicolon", badProof, "/orders;v=1", ordersURL),
		s.at("a broken escape in both", badProof, "/a%zz", apiURL+"/a%zz"),
		s.at("an escape that is cut off, in both", badProof, "/a%2", apiURL+"/a%2"),
		s.at("a fragment in the target", badProof, "/orders#x", ordersURL),
		s.at("no path", badProof, "", apiURL),
		s.at("the asterisk", badProof, "*", apiURL+"/*"),
	}
}

func urlRows(_ *testing.T, s *proofStage) []sent {
	rows := []sent{
		s.at("S65 user information", badProof, "/orders", "https://api@evil/orders"),
		s.at("S65 user information of the right host", badProof, "/orders", "https://x@api.example.com/orders"),
		s.at("S65 a longer host", badProof, "/orders", "https://api.example.com.evil/orders"),
		s.at("S65 a tab", badProof, "/orders", "https://api.example.com/or\tders"),
		s.at("S65 a newline behind it", badProof, "/orders", ordersURL+"\n"),
		s.at("S65 a blank before it", badProof, "/orders", " "+ordersURL),
		s.at("S65 a backslash", badProof, "/orders", `https://api.example.com\orders`),
		s.at("S67 the port", passes, "/orders", "https://api.example.com:443/orders"),
		s.at("S67 an empty port", passes, "/orders", "https://api.example.com:/orders"),
		s.at("S67 another port", badProof, "/orders", "https://api.example.com:8443/orders"),
		s.at("S67 http's port", badProof, "/orders", "https://api.example.com:80/orders"),
		s.at("S67 upper case", passes, "/orders", "HTTPS://API.Example.COM/orders"),
		s.at("S67 an escaped tilde", passes, "/~alice", apiURL+"/%7Ealice"),
		s.at("S67 an escaped letter in the request", passes, "/%6Frders", ordersURL),
		s.at("S67 an empty path", passes, "/", apiURL),
		s.at("S68 a query in the request", passes, "/orders?a=1&b=/x", ordersURL),
		s.at("S69 a query in both", passes, "/orders?a=1", ordersURL+"?a=1"),
		s.at("S69 another query", passes, "/orders?a=1", ordersURL+"?b=2#c"),
		s.at("S69 a fragment", passes, "/orders", ordersURL+"#x?y"),
		s.at("S70 relative", badProof, "/orders", "/orders"),
		s.at("S70 without a scheme", badProof, "/orders", "//api.example.com/orders"),
		s.at("S70 empty", badProof, "/orders", ""),
		s.at("S70 9 KiB", badProof, "/orders", ordersURL+"/"+strings.Repeat("x", 9<<10)),
		s.at("S70 an opaque one", badProof, "/orders", "https:api.example.com/orders"),
		s.at("S71 a host of Unicode", badProof, "/orders", "https://\u0430pi.example.com/orders"),
		s.at("S71 a wide host", badProof, "/orders", "https://api\u3002example.com/orders"),
		s.at("S71 a long s in the scheme", badProof, "/orders", "http\u017f://api.example.com/orders"),
		s.claimed("S70 absent", badProof, map[string]any{"htu": nil}),
		s.claimed("S70 a list", badProof, map[string]any{"htu": []string{ordersURL}}),
	}
	head, body, _ := strings.Cut(s.proof(s.bound(), nil), ".")
	body, _, _ = strings.Cut(body, ".")
	token := s.bound()
	return append(rows, dpop("S70 not UTF-8", badProof, token,
		s.prover.SignRaw("ES256", []byte(decoded(head)), []byte(strings.Replace(decoded(body), ordersURL, ordersURL+"\xff", 1)))))
}

// Several names of one service, a port, and a prefix that a gateway strips.
func TestDPoPURLs(t *testing.T) {
	s := newProofStage(t, func(c *core.Config) {
		c.DPoP.URLs = []string{"https://api.example.com/v1/", "https://Kelvin.example:8443", "http://localhost:8080"}
	})
	for _, row := range []sent{
		s.at("the prefix", passes, "/orders", apiURL+"/v1/orders"),
		s.at("the prefix and nothing", passes, "/", apiURL+"/v1/"),
		s.at("the prefix without its slash", badProof, "/", apiURL+"/v1"),
		s.at("no prefix", badProof, "/orders", ordersURL),
		s.at("a prefix of the prefix", badProof, "/2/orders", apiURL+"/v12/orders"),
		s.at("another name", passes, "/orders", "https://kelvin.example:8443/orders"),
		s.at("S71 the Kelvin sign", badProof, "/orders", "https://\u212Aelvin.example:8443/orders"),
		s.at("another name without its port", badProof, "/orders", "https://kelvin.example/orders"),
		s.at("S66 loopback by http", passes, "/orders", "http://localhost:8080/orders"),
		s.at("S66 another name by http", badProof, "/orders", "http://kelvin.example:8443/orders"),
	} {
		t.Run(row.name, func(t *testing.T) { s.judge(t, row) })
	}
}
