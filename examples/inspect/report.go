package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// report writes for a terminal.
type report struct{ io.Writer }

// line writes one line. Whatever its parts hold, it stays one line, and no
// character in it commands the terminal or turns the direction of the text.
func (r report) line(format string, args ...any) {
	fmt.Fprintln(r.Writer, printable(fmt.Sprintf(format, args...)))
}

// fail writes what keeps the program from a verdict.
func (r report) fail(err error) (status int) {
	for text := range strings.SplitSeq(err.Error(), "\n") { // errors that were joined
		r.line("inspect: %s", text)
	}
	return unable
}

// printable writes characters that cannot be seen as Go would.
func printable(text string) string {
	var b strings.Builder
	for _, c := range text {
		if unicode.IsPrint(c) {
			b.WriteRune(c)
			continue
		}
		quoted := strconv.QuoteRune(c)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}

// cut shortens what nobody would read to its end.
func cut(text string) string {
	const limit = 200
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + fmt.Sprintf("... (%d octets)", len(text))
}

// listed is a list of foreign texts as a sentence has it.
func listed(texts []string) string {
	if len(texts) == 0 {
		return "none"
	}
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = cut(strconv.Quote(text))
	}
	return strings.Join(quoted, " or ")
}
