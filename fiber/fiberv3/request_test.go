package jwtmw

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
	"github.com/valyala/fasthttp"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest/adaptertest"
)

func TestRequest(t *testing.T) {
	for name, config := range map[string]fiber.Config{
		"default":                  {},
		"Immutable":                {Immutable: true},
		"DisableHeaderNormalizing": {DisableHeaderNormalizing: true},
		"StreamRequestBody":        {StreamRequestBody: true},
		"PassLocalsToContext":      {PassLocalsToContext: true},
		"TrustProxy": {TrustProxy: true, ProxyHeader: fiber.HeaderXForwardedFor, EnableIPValidation: true,
			TrustProxyConfig: fiber.TrustProxyConfig{Loopback: true}},
		"UnescapePath": {UnescapePath: true},
	} {
		t.Run(name, func(t *testing.T) {
			adaptertest.TestRequest(t, func(l net.Listener, see func(core.Request)) error {
				app := fiber.New(config)
				// Not Use, whose handlers fiber also runs for a request that it could not read.
				app.Add(adaptertest.Methods(), "/*", func(c fiber.Ctx) error {
					_ = c.Body() // with it comes the trailer of a body that is streamed
					c.Cookies("a")
					see(request{c})
					return c.SendStatus(fiber.StatusNoContent)
				})
				return app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true})
			})
		})
	}
}

// What middleware before the guard does to a header counts, as it does for net/http.
func TestMiddlewareChangesHeaders(t *testing.T) {
	tests := []struct {
		name, header string
		change       func(*fasthttp.RequestHeader)
		want         []string
	}{
		{"set", "Authorization", func(h *fasthttp.RequestHeader) { h.Set("Authorization", "Bearer y") }, []string{"Bearer y"}},
		{"added", "Authorization", func(h *fasthttp.RequestHeader) { h.Add("Authorization", "Bearer y") }, []string{"Bearer x", "Bearer y"}},
		{"removed", "Authorization", func(h *fasthttp.RequestHeader) { h.Del("Authorization") }, nil},
		{"a cookie decrypted", "Cookie", func(h *fasthttp.RequestHeader) { h.SetCookie("a", "plain") }, []string{"a=plain; b=2"}},
		{"cookies removed", "Cookie", func(h *fasthttp.RequestHeader) { h.DelAllCookies() }, nil},
		{"a cookie taken away", "Cookie", func(h *fasthttp.RequestHeader) { h.DelCookie("a") }, []string{"b=2"}},
		{"cookies looked at", "Cookie", func(h *fasthttp.RequestHeader) { h.Cookie("a") }, []string{"a=1;b=2"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			app := fiber.New()
			var got []string
			app.Use(func(c fiber.Ctx) error {
				test.change(&c.Request().Header)
				got = request{c}.Header(test.header)
				return nil
			})
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Authorization", "Bearer x")
			r.Header.Set("Cookie", "a=1;b=2")
			if _, err := app.Test(r, fiber.TestConfig{}); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Without a connection, as behind fiber's adaptor, there is no head as it was sent.
func TestRequestOfTheAdaptor(t *testing.T) {
	app := fiber.New()
	app.Post("/a/:b", func(c fiber.Ctx) error {
		r := request{c}
		got := strings.Join([]string{r.Method(), r.Host(), r.Path(), r.Query(), strings.Join(r.Header("authorization"), ","), r.RemoteAddr().String()}, " ")
		return c.SendString(got)
	})
	r := httptest.NewRequest("POST", "/a/%2F?q", http.NoBody)
	r.Header.Set("Authorization", "Bearer x")
	w := httptest.NewRecorder()
	adaptor.FiberApp(app)(w, r)
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if want := "POST example.com /a/%2F q Bearer x " + r.RemoteAddr; string(body) != want {
		t.Errorf("got %q, want %q", body, want)
	}
}

func TestRemoteAddrOfNoConnection(t *testing.T) {
	app := fiber.New()
	c := app.AcquireCtx(&fasthttp.RequestCtx{})
	defer app.ReleaseCtx(c)
	if got := (request{c}).RemoteAddr(); got != (netip.AddrPort{}) {
		t.Errorf("got %v, want the zero AddrPort", got)
	}
	if got := (request{c}).TLS(); got != nil {
		t.Errorf("got %v, want no state of TLS", got)
	}
}
