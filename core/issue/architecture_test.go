package issue_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Whoever imports package core downloads nothing more for this one, and no web
// framework comes in through it.
func TestArrows(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	const module = "github.com/jwtmw/jwtmw/"
	own := []string{module + "core", module + "core/issue", module + "core/internal/jws", module + "core/internal/keyset"}
	foreign := []string{"github.com/go-jose/go-jose/v4", "github.com/go-json-experiment/json", "github.com/hashicorp/golang-lru/v2", "github.com/pquerna/cachecontrol", "golang.org/x/sync", "golang.org/x/time"}
	for dep := range strings.Lines(string(out)) {
		dep = strings.TrimSpace(dep)
		first, _, _ := strings.Cut(dep, "/")
		inModule := func(m string) bool { return dep == m || strings.HasPrefix(dep, m+"/") }
		switch {
		case strings.HasPrefix(dep, module):
			if !slices.Contains(own, dep) && !strings.HasPrefix(dep, module+"core/internal/") {
				t.Errorf("core/issue depends on %s", dep)
			}
		case strings.Contains(first, ".") && !slices.ContainsFunc(foreign, inModule):
			t.Errorf("core/issue depends on %s", dep)
		}
	}
}
