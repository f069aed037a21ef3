package jws

import (
	"slices"
	"testing"
)

func TestValueKind(t *testing.T) {
	for _, test := range []struct {
		value Value
		want  byte
	}{
		{"null", 'n'}, {"false", 'f'}, {"true", 't'}, {`""`, '"'}, {"0", '0'}, {"9.5", '0'},
		{"-1", '0'}, {"{}", '{'}, {"[]", '['}, {"", 0},
	} {
		if got := test.value.Kind(); got != test.want {
			t.Errorf("%s: got %q, want %q", test.value, got, test.want)
		}
	}
}

func TestValueText(t *testing.T) {
	for _, test := range []struct {
		name  string
		value Value
		want  string
		ok    bool
	}{
		{"plain", `"abc"`, "abc", true},
		{"empty", `""`, "", true},
		{"escapes", `"\u0061\"\\\/\n\ud83d\ude00"`, "a\"\\/\n\U0001F600", true},
		{"NUL", `"\u0000"`, "\x00", true},
		{"number", `1`, "", false},
		{"null", `null`, "", false},
		{"array", `["a"]`, "", false},
		{"none", ``, "", false},
		{"half", `"`, "", false},
	} {
		if got, ok := test.value.Text(); got != test.want || ok != test.ok {
			t.Errorf("%s: got %q, %t, want %q, %t", test.name, got, ok, test.want, test.ok)
		}
	}
}

func TestValueTexts(t *testing.T) {
	for _, test := range []struct {
		name  string
		value Value
		want  []string
		ok    bool
	}{
		{"two", `["a", "\u0062"]`, []string{"a", "b"}, true},
		{"empty", `[]`, nil, true},
		{"empty string", `[""]`, []string{""}, true},
		{"mixed", `["a",1]`, nil, false},
		{"a number first", `[1,"a"]`, nil, false},
		{"a number between", `["a",1,"b"]`, nil, false},
		{"null between", `["a" , null , "b"]`, nil, false},
		{"a list between", `["a",["b"],"c"]`, nil, false},
		{"an object at the end", `["a",{"b":"c"}]`, nil, false},
		{"blanks", "[ \"a\"\t,\n\"b\"\r]", []string{"a", "b"}, true},
		{"null inside", `[null]`, nil, false},
		{"nested", `[["a"]]`, nil, false},
		{"string", `"a"`, nil, false},
		{"object", `{"a":"b"}`, nil, false},
		{"null", `null`, nil, false},
		{"none", ``, nil, false},
	} {
		if got, ok := test.value.Texts(); !slices.Equal(got, test.want) || ok != test.ok {
			t.Errorf("%s: got %q, %t, want %q, %t", test.name, got, ok, test.want, test.ok)
		}
	}
}
