package core_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// rowID is how a test names a row of the attack matrix.
var rowID = regexp.MustCompile(`\b` + oneRow + `\b`)

// oneRow leaves S256 out, which is a hash.
const oneRow = `(?:[ABCD][0-9]{2}[a-f]?|S100|S0[1-9]|S[1-9][0-9]|M0[1-9]|M1[0-3])`

// inTestName finds a row in the name of a test function.
var inTestName = regexp.MustCompile(oneRow)

// testName is the part of a test function's name that names rows.
var testName = regexp.MustCompile(`func Test(` + oneRow + `+)[A-Z]`)

// comment is what does not count: a row is found by the name of a test or case.
var comment = regexp.MustCompile(`(?m)(^|\s)//.*$`)

// No row of the attack matrix is open: each stands in the name of a test or of
// a case.
func TestMatrix(t *testing.T) {
	rows, err := os.ReadFile("testdata/rows.txt")
	if err != nil {
		t.Fatal(err)
	}
	named := rowsNamed(t, "..")
	listed := map[string]bool{}
	for row := range strings.Lines(string(rows)) {
		id, rest, _ := strings.Cut(strings.TrimSpace(row), " ")
		if id == "#" || id == "" {
			continue
		}
		if rowID.FindString(id) != id || rest == "" || listed[id] {
			t.Errorf("got line %q, want an id that is not listed yet, and a title", row)
		}
		listed[id] = true
		if open := named[id] == ""; open != strings.HasPrefix(rest, "! ") {
			t.Errorf("%s: got a test in %q, want one, or the reason why there is none: %s", id, named[id], rest)
		}
	}
	if len(listed) != 203 {
		t.Errorf("got %d rows, want 203", len(listed))
	}
	for id, file := range named {
		if !listed[id] {
			t.Errorf("got row %s in %s, want only rows of testdata/rows.txt", id, file)
		}
	}
}

// rowsNamed finds a file for each id that tests and the adapter table name.
func rowsNamed(t *testing.T, root string) map[string]string {
	t.Helper()
	named := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		base := filepath.Base(path)
		table := filepath.Base(filepath.Dir(path)) == "adaptertest"
		if err != nil || entry.IsDir() || !strings.HasSuffix(base, ".go") || !strings.HasSuffix(base, "_test.go") && !table {
			return err
		}
		text, err := os.ReadFile(path)
		code := comment.ReplaceAllString(string(text), "")
		ids := rowID.FindAllString(code, -1)
		for _, name := range testName.FindAllStringSubmatch(code, -1) {
			ids = append(ids, inTestName.FindAllString(name[1], -1)...)
		}
		for _, id := range ids {
			named[id] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return named
}
