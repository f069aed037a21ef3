package examples_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

var (
	markdownLink = regexp.MustCompile(`\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"`)
	heading      = regexp.MustCompile(`(?m)^#+ (.+)$`)
	codeBlock    = regexp.MustCompile("(?ms)^```.*?^```$")
)

// TestLinks follows every relative link of every Markdown file, to the heading.
func TestLinks(t *testing.T) {
	for _, path := range markdownFiles(t) {
		for _, link := range markdownLink.FindAllStringSubmatch(codeBlock.ReplaceAllString(read(t, path), ""), -1) {
			target, anchor, _ := strings.Cut(link[1]+link[2], "#")
			if strings.Contains(target, "://") {
				continue
			}
			file := path
			if target != "" {
				file = filepath.Join(filepath.Dir(path), filepath.FromSlash(target))
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s: got a link to %s, which is not there", path, target)
			} else if anchor != "" && !slices.Contains(anchors(read(t, file)), anchor) {
				t.Errorf("%s: got a link to %s#%s, want one of %q", path, target, anchor, anchors(read(t, file)))
			}
		}
	}
}

func markdownFiles(t *testing.T) (paths []string) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && slices.Contains([]string{".git", "node_modules"}, entry.Name()) {
			return fs.SkipDir
		}
		if filepath.Ext(path) == ".md" {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) < 5 {
		t.Fatalf("got %d Markdown files and %v, want those of the repository", len(paths), err)
	}
	return paths
}

// anchors are the names that GitHub gives to headings.
func anchors(markdown string) (names []string) {
	for _, match := range heading.FindAllStringSubmatch(markdown, -1) {
		name := regexp.MustCompile(`\]\([^)]*\)`).ReplaceAllString(match[1], "")
		name = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(name), "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

// A page that is decided about in a minute is short, and its lines fit a screen.
func TestReadmeIsShort(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(read(t, "../README.md"), "\n"), "\n")
	if len(lines) > 220 {
		t.Errorf("got %d lines, want at most 220", len(lines))
	}
	for n, line := range lines {
		if width := utf8.RuneCountInString(line); width > 120 && !strings.HasPrefix(line, "|") {
			t.Errorf("line %d: got %d columns, want at most 120", n+1, width)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
