package jws

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unsafe"
)

// nested returns depth arrays inside an object, which makes depth+1 levels.
func nested(depth int) string {
	return `{"a":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `}`
}

var objects = []struct {
	name string
	text string
	want string // names and values as fmt prints them, "" for ErrJSON
}{
	{"empty object", `{}`, ""},
	{"every kind", `{"n":null,"f":false,"t":true,"s":"x","i":-1.5e3,"o":{"a":1},"l":[1,2]}`,
		`n=null f=false t=true s="x" i=-1.5e3 o={"a":1} l=[1,2]`},
	{"white space", " {\t\"a\" :\r\n1 , \"b\": [ 1 ]} \n", `a=1 b=[ 1 ]`},
	{"escaped name", `{"\u0061\"":1}`, `a"=1`},
	{"names differ by case", `{"iss":1,"ISS":2}`, `iss=1 ISS=2`},
	{"same name at different depth", `{"a":{"a":1},"b":{"a":1}}`, `a={"a":1} b={"a":1}`},
	{"name empty", `{"":1}`, `=1`},
	{"brackets in strings", `{"a":"` + strings.Repeat(`[{\"\\`, 40) + `"}`, `a="` + strings.Repeat(`[{\"\\`, 40) + `"`},
	{"many flat arrays", `{"a":[` + strings.Repeat("[],", 40) + `1]}`, `a=[` + strings.Repeat("[],", 40) + `1]`},
	{"deepest", nested(MaxDepth - 1), "a=" + nested(MaxDepth - 1)[5:5+2*(MaxDepth-1)]},
	{"surrogate pair", `{"a":"\ud83d\ude00"}`, `a="\ud83d\ude00"`},
}

func TestReadObject(t *testing.T) {
	for _, test := range objects {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			err := ReadObject(test.text, func(name string, value Value) error {
				got = append(got, name+"="+string(value))
				return nil
			})
			if err != nil || strings.Join(got, " ") != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

var notObjects = []struct{ name, text string }{
	{"nothing", ""},
	{"white space alone", " \n"},
	{"A15 null", `null`},
	{"A15 array", `[{"a":1}]`},
	{"A15 string", `"{}"`},
	{"A15 number", `1`},
	{"A15 trailing brace", `{}}`},
	{"A15 trailing object", `{"a":1}{"a":1}`},
	{"A15 trailing NUL", "{}\x00"},
	{"A15 trailing text", `{"a":1} x`},
	{"A15 line comment", "{} // x"},
	{"A15 block comment", `{/* x */"a":1}`},
	{"A15 byte order mark", "\ufeff{}"},
	{"A15 UTF-16", "\xff\xfe{\x00}\x00"},
	{"A15 vertical tab", "\v{}"},
	{"A15 no-break space", "\u00a0{}"},
	{"A15b invalid UTF-8 in value", "{\"a\":\"\xff\"}"},
	{"A15b invalid UTF-8 in name", "{\"\xff\":1}"},
	{"A15b invalid UTF-8 nested", "{\"a\":[{\"b\":\"\xc3\"}]}"},
	{"A15b overlong slash", "{\"a\":\"\xc0\xaf\"}"},
	{"A15b encoded surrogate", "{\"a\":\"\xed\xa0\x80\"}"},
	{"A15b lone high surrogate", `{"a":"\ud800"}`},
	{"A15b lone low surrogate", `{"a":"\udc00"}`},
	{"A15b lone surrogate in name", `{"\ud800":1}`},
	{"A15b lone surrogate nested", `{"a":["\ud800x"]}`},
	{"raw control character", "{\"a\":\"\x01\"}"},
	{"raw line break in string", "{\"a\":\"\n\"}"},
	{"bad escape", `{"a":"\x41"}`},
	{"single quotes", `{'a':1}`},
	{"bare name", `{a:1}`},
	{"number as name", `{1:1}`},
	{"object as name", `{{}:1}`},
	{"no value", `{"a"}`},
	{"no colon", `{"a" 1}`},
	{"trailing comma", `{"a":1,}`},
	{"leading comma", `{,"a":1}`},
	{"no comma", `{"a":1 "b":2}`},
	{"truncated", `{"a":1`},
	{"truncated in string", `{"a":"x`},
	{"mismatched brackets", `{"a":[}]`},
	{"A16 NaN", `{"a":NaN}`},
	{"A16 Infinity", `{"a":-Infinity}`},
	{"A16 hexadecimal", `{"a":0x10}`},
	{"A16 leading zero", `{"a":01}`},
	{"A16 plus sign", `{"a":+1}`},
	{"A16 bare point", `{"a":.5}`},
	{"A12 duplicate", `{"a":1,"a":1}`},
	{"A12 duplicate far apart", `{"a":1,"b":2,"c":3,"a":4}`},
	{"A12 escaped twin", `{"a":1,"\u0061":2}`},
	{"A12 duplicate nested", `{"x":{"a":1,"a":2}}`},
	{"A12 duplicate deep in arrays", `{"x":[[{"y":[{"a":1,"\u0061":2}]}]]}`},
	{"A12 duplicate empty name", `{"":1,"":2}`},
	{"A15c one level too deep", nested(MaxDepth)},
	{"A15c objects too deep", strings.Repeat(`{"a":`, MaxDepth+1) + "1" + strings.Repeat("}", MaxDepth+1)},
	{"A15c 2 000 deep", nested(2000)},
	{"A15c 10 000 deep", nested(10_000)},
	{"A15c 100 000 deep", nested(100_000)},
	{"A15c 100 000 unclosed", `{"a":` + strings.Repeat("[", 100_000)},
	{"A15c deep after closing too often", "}}}}" + strings.Repeat("[", 36)},
	{"A15c deep behind an escaped quote", `{"b":"\"","a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`},
}

func TestReadObjectRefuses(t *testing.T) {
	for _, test := range notObjects {
		t.Run(test.name, func(t *testing.T) {
			err := ReadObject(test.text, func(string, Value) error { return nil })
			if !errors.Is(err, ErrJSON) {
				t.Errorf("got %v, want ErrJSON", err)
			}
		})
	}
}

func TestReadObjectErrorIsShort(t *testing.T) {
	long := strings.Repeat("a", 4000)
	for _, text := range []string{
		`{"` + long + `":1,"` + long + `":2}`,
		`{"` + long + `":{"` + long + `":x}}`,
		`{}` + long,
		`{"a":"\x` + long + `"}`,
	} {
		err := ReadObject(text, func(string, Value) error { return nil })
		if err == nil || len(err.Error()) > 200 {
			t.Errorf("got an error of %d octets, want one of at most 200", len(fmt.Sprint(err)))
		}
	}
}

func TestReadObjectStops(t *testing.T) {
	want := errors.New("enough")
	calls := 0
	err := ReadObject(`{"a":1,"b":2}`, func(string, Value) error {
		calls++
		return want
	})
	if err != want || calls != 1 {
		t.Errorf("got %v after %d calls, want %v after 1", err, calls, want)
	}
}

// A member may be read while its object is.
func TestReadObjectReentrant(t *testing.T) {
	var got []string
	err := ReadObject(`{"a":{"b":["x","y"]},"c":["z"]}`, func(name string, value Value) error {
		if value.Kind() != '{' {
			texts, _ := value.Texts()
			got = append(got, texts...)
			return nil
		}
		return ReadObject(string(value), func(_ string, value Value) error {
			texts, _ := value.Texts()
			got = append(got, texts...)
			return nil
		})
	})
	if err != nil || strings.Join(got, "") != "xyz" {
		t.Errorf("got %q, %v, want xyz", got, err)
	}
}

// A panic in a callback, and a large text before, leave the readers usable.
func TestReadObjectAfterPanic(t *testing.T) {
	func() {
		defer func() { recover() }()
		ReadObject(`{"a":{"b":1}}`, func(string, Value) error { panic("callback") })
	}()
	large := `{"a":"` + strings.Repeat("x", 1<<20) + `"}`
	for _, text := range []string{large, `{"a":1}`} {
		if err := ReadObject(text, func(string, Value) error { return nil }); err != nil {
			t.Errorf("got %v for %d octets, want none", err, len(text))
		}
	}
}

func TestReadObjectGivesPartsOfText(t *testing.T) {
	text := `{"name":"value"}`
	err := ReadObject(text, func(name string, value Value) error {
		unquoted, _ := value.Text()
		for _, part := range []struct {
			text   string
			offset uintptr
		}{{name, 2}, {string(value), 8}, {unquoted, 9}} {
			got := uintptr(unsafe.Pointer(unsafe.StringData(part.text))) - uintptr(unsafe.Pointer(unsafe.StringData(text)))
			if got != part.offset {
				t.Errorf("%q: got offset %d, want %d", part.text, got, part.offset)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestReadArray(t *testing.T) {
	for _, test := range []struct {
		name, text, want string
		refused          bool
	}{
		{"empty", `[]`, "", false},
		{"mixed", `[1, "a",[2],{"b":3},null]`, `1|"a"|[2]|{"b":3}|null|`, false},
		{"white space around", " [1] \n", "1|", false},
		{"object", `{}`, "", true},
		{"nothing", ``, "", true},
		{"trailing", `[1]]`, "", true},
		{"trailing comma", `[1,]`, "", true},
		{"duplicate name", `[{"a":1,"a":2}]`, "", true},
		{"deepest", strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth),
			strings.Repeat("[", MaxDepth-1) + strings.Repeat("]", MaxDepth-1) + "|", false},
		{"too deep", strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1), "", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			err := ReadArray(test.text, func(value Value) error {
				got += string(value) + "|"
				return nil
			})
			if test.refused && !errors.Is(err, ErrJSON) {
				t.Errorf("got %v, want ErrJSON", err)
			}
			if !test.refused && (err != nil || got != test.want) {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestReadArrayStops(t *testing.T) {
	want := errors.New("enough")
	if err := ReadArray(`[1,2]`, func(Value) error { return want }); err != want {
		t.Errorf("got %v, want %v", err, want)
	}
}

// A text that begins as something else is not looked into.
func TestReadRefusesAnotherBeginning(t *testing.T) {
	calls := 0
	object := func(text string) error {
		return ReadObject(text, func(string, Value) error { calls++; return nil })
	}
	array := func(text string) error { return ReadArray(text, func(Value) error { calls++; return nil }) }
	for _, test := range []struct {
		name string
		read func(string) error
		text string
	}{
		{"an array for an object", object, `[1,2]`}, {"an object for an array", array, `{"a":1}`},
		{"a string for an object", object, `"a"`}, {"a string for an array", array, `"a"`},
		{"nothing for an object", object, ""}, {"nothing for an array", array, ""},
		{"blanks for an object", object, " \t\r\n"}, {"blanks for an array", array, " \t\r\n"},
		{"null for an object", object, "null"}, {"null for an array", array, "null"},
	} {
		want := "another beginning than that of an " + test.name[strings.LastIndexByte(test.name, ' ')+1:]
		if err := test.read(test.text); !errors.Is(err, ErrJSON) || !strings.Contains(err.Error(), want) || calls > 0 {
			t.Errorf("%s: got %v after %d calls, want an error and none", test.name, err, calls)
		}
	}
}
