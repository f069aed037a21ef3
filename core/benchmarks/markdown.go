package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// markdown is a table whose first column names the rows.
type markdown struct {
	columns []string
	rows    [][]string
}

func (m *markdown) add(cells ...string) { m.rows = append(m.rows, cells) }

func (m *markdown) write(w io.Writer, title, legend string) {
	fmt.Fprintf(w, "\n### %s\n\n%s\n\n", title, legend)
	fmt.Fprintf(w, "| %s |\n|%s\n", strings.Join(m.columns, " | "), strings.Repeat("---|", len(m.columns)))
	for _, row := range m.rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
	}
}

// writeEnvironment says what was measured, when and with what.
func writeEnvironment(w io.Writer, p plan) {
	fmt.Fprintf(w, "%s.\n", environment(p))
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return
	}
	var versions []string
	for _, module := range info.Deps {
		if slices.Contains(peerModules(), module.Path) {
			versions = append(versions, strings.TrimPrefix(module.Path, "github.com/")+" "+module.Version)
		}
	}
	fmt.Fprintf(w, "%s.\n", strings.Join(versions, ", "))
}

func environment(p plan) string {
	return fmt.Sprintf("%s, %s, %s/%s, %d CPUs; %d rounds of %v each", time.Now().UTC().Format(time.DateOnly),
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), p.rounds, p.slice)
}

func peerModules() []string {
	return []string{
		"github.com/MicahParks/keyfunc/v3", "github.com/appleboy/gin-jwt/v3", "github.com/auth0/go-jwt-middleware/v3", "github.com/coreos/go-oidc/v3",
		"github.com/gin-gonic/gin", "github.com/go-jose/go-jose/v4", "github.com/gofiber/contrib/jwt",
		"github.com/gofiber/fiber/v2", "github.com/golang-jwt/jwt/v5", "github.com/labstack/echo-jwt/v4",
		"github.com/labstack/echo/v4", "github.com/labstack/echo/v5", "github.com/lestrrat-go/jwx/v3",
		"github.com/hashicorp/golang-lru/v2", "github.com/zitadel/oidc/v3",
	}
}

func micros(d time.Duration) string {
	us := float64(d) / float64(time.Microsecond)
	switch {
	case us < 10:
		return fmt.Sprintf("%.2f", us)
	case us < 1000:
		return fmt.Sprintf("%.1f", us)
	default:
		return fmt.Sprintf("%.0f", us)
	}
}

// times writes a ratio with three significant digits.
func times(ratio float64) string {
	switch {
	case ratio < 10:
		return fmt.Sprintf("%.3f", ratio)
	case ratio < 100:
		return fmt.Sprintf("%.1f", ratio)
	default:
		return fmt.Sprintf("%.0f", ratio)
	}
}

// named returns the cost of that name, for a table that needs one of many.
func named(costs []cost, name string) (cost, bool) {
	i := slices.IndexFunc(costs, func(c cost) bool { return c.name == name })
	if i < 0 {
		return cost{}, false
	}
	return costs[i], true
}
