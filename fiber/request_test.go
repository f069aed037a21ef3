package jwtmw

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/jwtmw/jwtmw/core"
)

// seen is everything that a core.Request tells, kept as it was given.
type seen struct {
	method, host, query string
	headers             [][]string
}

var names = []string{"Authorization", "Cookie", "Origin", "Host", "X-Absent"}

func look(r core.Request) seen {
	s := seen{method: r.Method(), host: r.Host(), query: r.Query()}
	for _, name := range names {
		s.headers = append(s.headers, r.Header(name))
	}
	return s
}

func TestRequest(t *testing.T) {
	tests := []struct {
		name, head string
		want       seen
	}{
		{
			name: "one line each",
			head: "GET /a?q=1&r=%20 HTTP/1.1\r\nHost: api.test:8443\r\nAuthorization: Bearer x\r\nCookie: a=1; b=2\r\nOrigin: https://o.test\r\n",
			want: seen{"GET", "api.test:8443", "q=1&r=%20", [][]string{{"Bearer x"}, {"a=1; b=2"}, {"https://o.test"}, {"api.test:8443"}, nil}},
		}, {
			name: "names in any case",
			head: "POST / HTTP/1.1\r\nhost: api.test\r\nauthorization: one\r\nAUTHORIZATION: two\r\ncookie: a=1\r\norigin: null\r\n",
			want: seen{"POST", "api.test", "", [][]string{{"one", "two"}, {"a=1"}, {"null"}, {"api.test"}, nil}},
		}, {
			name: "two lines of cookies",
			head: "GET / HTTP/1.1\r\nHost: api.test\r\nCookie: a=1\r\nCookie: a=2\r\n",
			want: seen{"GET", "api.test", "", [][]string{nil, {"a=1; a=2"}, nil, {"api.test"}, nil}},
		}, {
			name: "an absolute target rules over Host",
			head: "GET http://target.test/?q HTTP/1.1\r\nHost: api.test\r\nX-Forwarded-Host: evil.test\r\n",
			want: seen{"GET", "target.test", "q", [][]string{nil, nil, nil, {"api.test"}, nil}},
		}, {
			name: "letters that fold into ASCII", // U+212A KELVIN SIGN
			head: "GET / HTTP/1.1\r\nHost: api.test\r\nCoo\u212Aie: a=1\r\n",
			want: seen{"GET", "api.test", "", [][]string{nil, nil, nil, {"api.test"}, nil}},
		},
	}
	for _, normalized := range []bool{true, false} {
		var got seen
		send := serve(t, fiber.Config{DisableHeaderNormalizing: !normalized}, func(c *fiber.Ctx) { got = look(request{c}) })
		for _, test := range tests {
			t.Run(fmt.Sprintf("%s, normalized %v", test.name, normalized), func(t *testing.T) {
				send(test.head)
				if !equal(got, test.want) {
					t.Errorf("got %q, want %q", got, test.want)
				}
			})
		}
	}
}

// C05: fasthttp writes the next request of a connection where this one was.
func TestRequestOutlivesItself(t *testing.T) {
	const head = "%s /?q=%[2]s HTTP/1.1\r\nHost: %[2]s.test\r\nAuthorization: %[2]s\r\nCookie: c=%[2]s\r\nOrigin: %[2]s\r\n"
	var kept []seen
	send := serve(t, fiber.Config{}, func(c *fiber.Ctx) { kept = append(kept, look(request{c})) })
	send(fmt.Sprintf(head, "POST", "first"))
	send(fmt.Sprintf(head, "HEAD", "other"))
	send(fmt.Sprintf(head, "HEAD", "third"))

	want := seen{"POST", "first.test", "q=first", [][]string{{"first"}, {"c=first"}, {"first"}, {"first.test"}, nil}}
	if !equal(kept[0], want) {
		t.Errorf("after two more requests: got %q, want %q", kept[0], want)
	}
}

// serve starts an app and returns a function that sends it request heads, all on one connection.
func serve(t *testing.T, config fiber.Config, handle func(*fiber.Ctx)) func(head string) {
	t.Helper()
	config.DisableStartupMessage = true
	app := fiber.New(config)
	app.Use(func(c *fiber.Ctx) error {
		handle(c)
		return c.SendStatus(fiber.StatusNoContent)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go app.Listener(listener)
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	reader := bufio.NewReader(conn)
	return func(head string) {
		t.Helper()
		if _, err := io.WriteString(conn, head+"Content-Length: 0\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
}

func equal(a, b seen) bool {
	return a.method == b.method && a.host == b.host && a.query == b.query &&
		slices.EqualFunc(a.headers, b.headers, slices.Equal[[]string])
}
