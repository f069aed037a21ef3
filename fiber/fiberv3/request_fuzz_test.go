package jwtmw

import (
	"bufio"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"
)

// FuzzRequestHeader holds that the head as it was sent says the same as fasthttp's own reading of it, as often as one
// looks, where no trailer follows: fasthttp unfolds lines in place.
func FuzzRequestHeader(f *testing.F) {
	for _, lines := range []string{
		"X-Late: a\r\n", "X-Late: a\r\n b\r\nX-Late:\tc\r\n", "X-Late: a \r\n\t\r\nx-late: b\r\n", "Cookie: a=1;b\r\ncookie: =c; d=\"\"2\"\"\r\n",
		"Cookie: a=1;\r\n\tb=2\r\nX-Late: c\r\n d\r\n", "X-Late: a\n b\nCookie:c\n", "Transfer\rEncoding: chunked\r\nX-Late: a\r\n",
	} {
		f.Add(lines)
	}
	app := fiber.New()
	f.Fuzz(func(t *testing.T, lines string) {
		var ctx fasthttp.RequestCtx
		header := &ctx.Request.Header
		if header.Read(bufio.NewReader(strings.NewReader("GET / HTTP/1.1\r\nHost: a\r\n"+lines+"\r\n"))) != nil {
			t.Skip("fasthttp refuses it")
		}
		c := app.AcquireCtx(&ctx)
		defer app.ReleaseCtx(c)
		for _, name := range []string{"X-Late", "Cookie"} {
			first := request{c}.Header(name)
			if again := (request{c}).Header(name); !slices.Equal(first, again) {
				t.Errorf("%s: got %q, and then %q", name, first, again)
			}
		}
		got, parsed := request{c}.Header("X-Late"), trimmed(linesOf(header.All(), "X-Late"))
		if !slices.Equal(got, parsed) {
			t.Errorf("got %q, want %q", got, parsed)
		}
	})
}

func trimmed(lines []string) []string {
	for i, line := range lines {
		lines[i] = strings.Trim(line, " \t")
	}
	return lines
}
