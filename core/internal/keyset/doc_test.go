package keyset

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// The package comment names the test that proves each of its lines: none of them may go missing.
func TestDocNamesTestsThatExist(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := make(map[string]bool)
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(source, -1) {
			declared[string(match[1])] = true
		}
	}
	named := regexp.MustCompile(`\bTest\w+`).FindAllString(string(doc), -1)
	if len(named) < 30 {
		t.Errorf("got %d tests named, want the whole table", len(named))
	}
	for _, name := range named {
		if !declared[name] {
			t.Errorf("%s is named and does not exist", name)
		}
	}
}
