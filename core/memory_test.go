package core_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// What a refusal allocates is bounded by the text that was sent, and beyond the
// longest token by nothing at all.
func TestA21MemoryOfRefusals(t *testing.T) {
	s := newStage(t, nil)
	fill := func(n int) string { return strings.Repeat("A", n) }
	nested := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	for name, token := range map[string]string{
		"one million dots":       strings.Repeat(".", 1_000_000),
		"8 MB segment":           fill(8<<20) + ".e30.AA",
		"long text":              fill(5000) + "." + fill(5000) + "." + fill(5000),
		"long header":            jwttest.Compact([]byte(`{"alg":"RS256","kid":"`+fill(9000)+`"}`), []byte("{}"), []byte("x")),
		"long payload, unsigned": jwttest.Compact([]byte(`{"alg":"RS256"}`), []byte(`{"iss":"`+fill(9000)+`"}`), []byte("x")),
		"many members":           jwttest.Compact([]byte(`{"alg":"RS256"}`), []byte(`{"a":[`+strings.Repeat(`"x",`, 2000)+`1]}`), []byte("x")),
		"deep payload":           jwttest.Compact([]byte(`{"alg":"RS256"}`), []byte(`{"a":`+nested+`}`), []byte("x")),
	} {
		t.Run(name, func(t *testing.T) {
			const calls = 200
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range calls {
				if _, err := s.verifier.Verify(t.Context(), token); err == nil {
					t.Fatal("got it accepted")
				}
			}
			runtime.ReadMemStats(&after)
			// The text itself is decoded, copied for the reader, and quoted in a log line, each at most once or twice.
			most := uint64(8*min(len(token), 16<<10) + 8<<10)
			if got := (after.TotalAlloc - before.TotalAlloc) / calls; got > most {
				t.Errorf("got %d octets allocated for a text of %d, want at most %d", got, len(token), most)
			}
		})
	}
}
