package jws

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	got, err := Split("aa.bb.cc")
	want := Compact{Header: "aa", Payload: "bb", Signature: "cc", Signed: "aa.bb"}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestSplitLongest(t *testing.T) {
	token := "a.b." + strings.Repeat("c", MaxLength-4)
	if _, err := Split(token); err != nil {
		t.Errorf("%d octets: got %v, want acceptance", len(token), err)
	}
	if _, err := Split(token + "c"); !errors.Is(err, ErrTooLong) {
		t.Errorf("%d octets: got %v, want ErrTooLong", len(token)+1, err)
	}
}

var badShapes = []struct {
	name, token string
	want        error
}{
	{"nothing", "", ErrMalformed},
	{"no dot", "abc", ErrMalformed},
	{"one dot", "a.b", ErrMalformed},
	{"dots alone", "..", ErrMalformed},
	{"three dots", "a.b.c.d", ErrMalformed},
	{"three dots, two of them together", "a.b..c", ErrMalformed},
	{"three dots, one at the end", "a.b.c.", ErrMalformed},
	{"A02 stripped signature and dot", "a.b", ErrMalformed},
	{"empty header", ".b.c", ErrMalformed},
	{"A07b detached payload", "a..c", ErrMalformed},
	{"A20b JWE", "a.b.c.d.e", ErrMalformed},
	{"A20b JWE without a key", "a..c.d.e", ErrMalformed},
	{"A20b JWE, PBES2 with p2c 2^31", encode(`{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2c":2147483648,"p2s":"AA"}`) + ".a.b.c.d", ErrMalformed},
	{"A14 comma list", "a.b.c,a.b.c", ErrMalformed},
	{"A14 full-width dots", "a\uff0eb\uff0ec", ErrMalformed},
	{"A14 percent", "a%2Eb%2Ec", ErrMalformed},
	{"A14c JSON serialisation", `{"payload":"a","protected":"b","signature":"c"}`, ErrMalformed},
	{"A14c flattened with dots", `{"payload":"a.b","signature":"c.d.e"}`, ErrMalformed},
	{"A21 one million dots", strings.Repeat(".", 1_000_000), ErrTooLong},
	{"A21 8 MB header", strings.Repeat("a", 8<<20) + ".b.c", ErrTooLong},
	{"A21 8 MB payload", "a." + strings.Repeat("b", 8<<20) + ".c", ErrTooLong},
	{"A21 8 MB signature", "a.b." + strings.Repeat("c", 8<<20), ErrTooLong},
	{"A21 64 KiB kid", encode(`{"alg":"HS256","kid":"`+strings.Repeat("k", 64<<10)+`"}`) + ".b.c", ErrTooLong},
}

func TestSplitRefuses(t *testing.T) {
	for _, test := range badShapes {
		t.Run(test.name, func(t *testing.T) {
			got, err := Split(test.token)
			if !errors.Is(err, test.want) || got != (Compact{}) {
				t.Errorf("got %+v, %v, want %v", got, err, test.want)
			}
		})
	}
}

func TestAppendDecode(t *testing.T) {
	for _, test := range []struct{ segment, want string }{
		{"", ""}, {"AA", "\x00"}, {"_-8", "\xff\xef"}, {"eyJh", "{\"a"}, {"AQIDBA", "\x01\x02\x03\x04"},
	} {
		got, err := AppendDecode([]byte("x"), test.segment)
		if err != nil || string(got) != "x"+test.want {
			t.Errorf("%s: got %q, %v, want %q", test.segment, got, err, "x"+test.want)
		}
	}
}

var badSegments = []struct{ name, segment string }{
	{"A14 padded", "AA=="},
	{"A14 padded once", "AAA="},
	{"A14 padding alone", "="},
	{"A14 padding inside", "AA==AA"},
	{"A14 line feed inside", "AA\nAA"},
	{"A14 line feed at the end", "AAAA\n"},
	{"A14 line feed at the start", "\nAAAA"},
	{"A14 carriage return inside", "AA\rAA"},
	{"A14 four line feeds", "AAAA\n\n\n\n"},
	{"A14 both", "AA\r\nAA"},
	{"A14 blank", "AA AA"},
	{"A14 tab", "AA\tAA"},
	{"A14 NUL", "AA\x00A"},
	{"A14 NUL at the end", "AAAA\x00"},
	{"A14 byte order mark", "\ufeffAAAA"},
	{"A14 standard alphabet plus", "AA+A"},
	{"A14 standard alphabet slash", "AA/A"},
	{"A14 percent", "AA%3D"},
	{"A14 quotes", `"AAAA"`},
	{"A14 comma", "AA,A"},
	{"A14 dot", "AA.A"},
	{"A14 tilde", "AAAA~"},
	{"A14 full-width letter", "\uff21AAA"},
	{"A14 one character too many", "AAAAA"},
	{"A14 one character", "A"},
	{"A14b trailing bits after one octet", "AB"},
	{"A14b trailing bits after one octet, high", "AI"},
	{"A14b trailing bits after two octets", "AAB"},
	{"A14b all bits after four octets", "AQIDBP"},
}

func TestAppendDecodeRefuses(t *testing.T) {
	for _, test := range badSegments {
		t.Run(test.name, func(t *testing.T) {
			got, err := AppendDecode([]byte("x"), test.segment)
			if !errors.Is(err, ErrMalformed) || string(got) != "x" {
				t.Errorf("got %q, %v, want ErrMalformed", got, err)
			}
		})
	}
}

// Of all texts of one length, as many decode as there are octets to encode.
func TestAppendDecodeIsCanonical(t *testing.T) {
	seen := make(map[string]string)
	for a := range 256 {
		for b := range 256 {
			segment := string([]byte{byte(a), byte(b)})
			octets, err := AppendDecode(nil, segment)
			if err != nil {
				continue
			}
			if twin, ok := seen[string(octets)]; ok {
				t.Fatalf("%q and %q both decode to %x", segment, twin, octets)
			}
			seen[string(octets)] = segment
		}
	}
	if len(seen) != 256 {
		t.Errorf("got %d octets with an encoding, want 256", len(seen))
	}
}

// Wherever line breaks stand, and however many: the standard decoder skips them.
func TestAppendDecodeRefusesEveryLineBreak(t *testing.T) {
	var walk func(segment string)
	walk = func(segment string) {
		if _, err := AppendDecode(nil, segment); err == nil && strings.ContainsAny(segment, "\r\n") {
			t.Errorf("%q: got no error, want ErrMalformed", segment)
		}
		if len(segment) == 10 {
			return
		}
		for _, next := range []string{"A", "\n", "\r"} {
			walk(segment + next)
		}
	}
	walk("")
}

// What dst holds, in use or in reserve, is not disturbed beyond what is appended.
func TestAppendDecodeKeepsPrefix(t *testing.T) {
	backing := []byte("prefix-reserve-reserve")
	got, err := AppendDecode(backing[:7], "AQIDBA")
	if err != nil || !bytes.Equal(got, []byte("prefix-\x01\x02\x03\x04")) {
		t.Errorf("got %q, %v", got, err)
	}
	if string(backing[11:]) != "rve-reserve" {
		t.Errorf("got %q behind the result, want it untouched", backing[11:])
	}
}
