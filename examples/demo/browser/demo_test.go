package browser

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// buildDemo returns the path of the program. It lies in another module than
// this one, so it is built and not imported.
func buildDemo(t *testing.T) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "demo")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the demo: %v\n%s", err, out)
	}
	return program
}

// startDemo runs the program until the test ends and returns the address of
// its page.
func startDemo(t *testing.T, program string) (url string) {
	t.Helper()
	demo := exec.Command(program)
	out, err := demo.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	demo.Stderr = os.Stderr
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		demo.Process.Signal(os.Interrupt)
		if err := demo.Wait(); err != nil {
			t.Errorf("the demo ended with %v, want status 0", err)
		}
	})
	address := regexp.MustCompile(`^  (http://127\.0\.0\.1:\d+)$`)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if found := address.FindStringSubmatch(lines.Text()); found != nil {
			go func() { // a full pipe would stop the demo
				for lines.Scan() {
				}
			}()
			return found[1]
		}
	}
	t.Fatal("the demo printed no address of a page")
	return ""
}

// findChromium skips the test where there is none.
func findChromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium found: install it, with apt-get install chromium for instance, to test the page")
	return ""
}

// untilDeadline ends ctx a little before the test binary would be killed, so
// that what was waited for can be named.
func untilDeadline(t *testing.T, ctx context.Context) context.Context {
	deadline, ok := t.Deadline()
	if !ok {
		return ctx
	}
	ctx, cancel := context.WithDeadline(ctx, deadline.Add(-grace))
	t.Cleanup(cancel)
	return ctx
}
