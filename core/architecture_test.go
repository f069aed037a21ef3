package core_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/jwtmw/jwtmw"

// TestArrows holds the imports against the layout in CONTRIBUTING.md: examples know
// adapters, adapters know core and one framework, core knows its own rooms.
func TestArrows(t *testing.T) {
	frameworks := map[string][]string{
		"nethttp":     nil,
		"gin":         {"github.com/gin-gonic/"},
		"fiber":       {"github.com/gofiber/", "github.com/valyala/"},
		"echo":        {"github.com/labstack/echo/v5"},
		"echo/echov4": {"github.com/labstack/echo/v4", "github.com/labstack/gommon", "github.com/valyala/"},

		// Modules of their own.
		"fiber/fiberv3": {"github.com/gofiber/", "github.com/valyala/"},
		"nethttp/grpc":  {"google.golang.org/"},
	}
	all := []string{"github.com/gin-gonic/", "github.com/gofiber/", "github.com/valyala/", "github.com/labstack/", "github.com/quic-go/", "google.golang.org/grpc"}

	t.Run("core imports no framework and no adapter", func(t *testing.T) {
		for _, dep := range deps(t, "./...") {
			if startsWithAny(dep, all) || own(dep) && !strings.HasPrefix(dep, module+"/core") {
				t.Errorf("core depends on %s", dep)
			}
		}
	})
	t.Run("core links no test code", func(t *testing.T) {
		for _, pkg := range []string{".", "./provider", "../nethttp", "../gin", "../fiber", "../echo", "../echo/echov4", "../fiber/fiberv3", "../nethttp/grpc"} {
			for _, test := range []string{module + "/core/jwttest", module + "/core/jwttest/adaptertest"} {
				if slices.Contains(deps(t, pkg), test) {
					t.Errorf("%s depends on %s", pkg, test)
				}
			}
		}
	})
	t.Run("jws knows only the standard library and the JSON reader", func(t *testing.T) {
		allowed := []string{module + "/core/internal/jws", "github.com/go-json-experiment/json"}
		for _, dep := range deps(t, "./internal/jws") {
			if foreign(dep) && !startsWithAny(dep, allowed) {
				t.Errorf("internal/jws depends on %s", dep)
			}
		}
	})
	t.Run("keyset knows only jws", func(t *testing.T) {
		for _, dep := range deps(t, "./internal/keyset") {
			if own(dep) && dep != module+"/core/internal/jws" && dep != module+"/core/internal/keyset" {
				t.Errorf("internal/keyset depends on %s", dep)
			}
		}
	})
	t.Run("signing knows only jws", func(t *testing.T) {
		for _, dep := range deps(t, "./internal/signing") {
			if own(dep) && dep != module+"/core/internal/jws" && dep != module+"/core/internal/signing" {
				t.Errorf("internal/signing depends on %s", dep)
			}
		}
	})
	t.Run("issue knows core, reads keys and locks a file", func(t *testing.T) {
		allowed := []string{module + "/core", module + "/core/issue", module + "/core/internal/jws", module + "/core/internal/keyset",
			module + "/core/internal/signing", module + "/core/internal/filelock"}
		for _, dep := range imports(t, "./issue") {
			if own(dep) && !slices.Contains(allowed, dep) {
				t.Errorf("core/issue imports %s", dep)
			}
		}
	})
	for room, allowed := range map[string][]string{
		"revoke":     {module + "/core", module + "/core/internal/filelock"},
		"redisstore": {module + "/core", module + "/core/issue", module + "/core/revoke"},
	} {
		t.Run(room+" knows core by its exported names, and no client", func(t *testing.T) {
			for _, dep := range imports(t, "./"+room) {
				if own(dep) && !slices.Contains(allowed, dep) || foreign(dep) && !own(dep) && !strings.HasPrefix(dep, "golang.org/x/sync/") {
					t.Errorf("%s imports %s", room, dep)
				}
			}
		})
	}
	t.Run("proof knows only keyset and jws", func(t *testing.T) {
		for _, dep := range deps(t, "./internal/proof") {
			if own(dep) && !slices.Contains([]string{"jws", "keyset", "proof"}, strings.TrimPrefix(dep, module+"/core/internal/")) {
				t.Errorf("internal/proof depends on %s", dep)
			}
		}
	})
	for adapter, allowed := range frameworks {
		t.Run(adapter+" knows one framework and core", func(t *testing.T) {
			for _, dep := range imports(t, "../"+adapter) {
				if foreign(dep) && dep != module+"/core" && !startsWithAny(dep, allowed) {
					t.Errorf("%s imports %s", adapter, dep)
				}
			}
			for _, dep := range deps(t, "../"+adapter) {
				if startsWithAny(dep, all) && !startsWithAny(dep, append(allowed, "github.com/quic-go/", "github.com/gin-contrib/")) {
					t.Errorf("%s depends on %s", adapter, dep)
				}
			}
		})
	}
}

// deps lists what a package and everything below it is built from.
func deps(t *testing.T, pattern string) []string {
	t.Helper()
	args := []string{"list", "-deps"}
	if pattern == "./..." {
		// jwttest and the examples of packages are test code; what users link is the rest.
		return list(t, append(args, ".", "./internal/..."))
	}
	return list(t, append(args, pattern))
}

// nestedAdapters are the adapters that are modules of their own, which go list finds from within alone.
var nestedAdapters = []string{"../fiber/fiberv3", "../nethttp/grpc"}

func imports(t *testing.T, pattern string) []string {
	t.Helper()
	return list(t, []string{"list", "-f", `{{join .Imports "\n"}}`, pattern})
}

func list(t *testing.T, args []string) []string {
	t.Helper()
	command := exec.Command("go", args...)
	if last := len(args) - 1; slices.Contains(nestedAdapters, args[last]) {
		command = exec.Command("go", append(args[:last:last], ".")...)
		command.Dir = args[last]
	}
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	lines := strings.Fields(string(out))
	if len(lines) == 0 {
		t.Fatalf("go %s: got no packages", strings.Join(args, " "))
	}
	return lines
}

// foreign says that a package is not of the standard library, whose paths have
// no dot in their first element. Its own vendored copies do not count.
func foreign(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	return strings.Contains(first, ".")
}

func own(pkg string) bool { return pkg == module || strings.HasPrefix(pkg, module+"/") }

func startsWithAny(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}
