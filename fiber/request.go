package jwtmw

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// request is a fiber request as a core.Guard sees it. fasthttp reuses the
// memory of a request for the next one, so every string is a copy.
type request struct{ c *fiber.Ctx }

func (r request) Method() string { return strings.Clone(r.c.Method()) }

// Host is the host of an absolute request target, or else the Host header (RFC
// 9112 section 3.2.2). Forwarded headers are not asked: anyone can send them.
func (r request) Host() string { return string(r.c.Request().URI().Host()) }

func (r request) Query() string { return string(r.c.Request().URI().QueryString()) }

// Header looks at all lines, because fasthttp finds a name in any case only if
// fiber.Config.DisableHeaderNormalizing is not set. A name of equal length
// cannot hold one of the letters outside ASCII that fold into it.
func (r request) Header(name string) (lines []string) {
	r.c.Request().Header.VisitAll(func(key, value []byte) {
		if len(key) == len(name) && strings.EqualFold(string(key), name) {
			lines = append(lines, string(value))
		}
	})
	return lines
}
