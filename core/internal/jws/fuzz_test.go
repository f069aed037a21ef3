package jws

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// FuzzSplit checks that a token is put together again from its segments, and
// that the verdict is that of a count of dots.
func FuzzSplit(f *testing.F) {
	f.Add("aa.bb.cc")
	f.Add(plainToken(f, HS256))
	for _, test := range badShapes {
		if len(test.token) <= 2*MaxLength {
			f.Add(test.token)
		}
	}
	f.Fuzz(func(t *testing.T, token string) {
		c, err := Split(token)
		segments := strings.Split(token, ".")
		want := len(token) <= MaxLength && len(segments) == 3 && !slices.Contains(segments[:2], "")
		if (err == nil) != want {
			t.Fatalf("got %v, want acceptance %t", err, want)
		}
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLong) {
				t.Fatalf("got %v, want a sentinel", err)
			}
			return
		}
		if c.Signed+"."+c.Signature != token || c.Header+"."+c.Payload != c.Signed {
			t.Fatalf("got %+v, want the parts of %q", c, token)
		}
	})
}

// FuzzAppendDecode checks that exactly the canonical encodings decode.
func FuzzAppendDecode(f *testing.F) {
	f.Add("AQIDBA")
	for _, test := range badSegments {
		f.Add(test.segment)
	}
	f.Fuzz(func(t *testing.T, segment string) {
		octets, err := AppendDecode(nil, segment)
		if err == nil && encode(octets) != segment {
			t.Fatalf("%q decodes to %x, whose encoding is %q", segment, octets, encode(octets))
		}
		lenient, lenientErr := base64.RawURLEncoding.DecodeString(segment)
		canonical := lenientErr == nil && encode(lenient) == segment
		if (err == nil) != canonical || canonical && !bytes.Equal(octets, lenient) {
			t.Fatalf("%q: got %x, %v, want acceptance %t", segment, octets, err, canonical)
		}
	})
}

// FuzzParseHeader checks that go-jose reads the same from what is accepted.
func FuzzParseHeader(f *testing.F) {
	for _, test := range headers {
		f.Add(test.text)
	}
	for _, test := range badHeaders {
		f.Add(test.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		header, err := ParseHeader(text)
		if err != nil || readByGoJoseAlone(text) {
			return
		}
		token := encode(text) + ".e30.AA"
		algorithm := jose.SignatureAlgorithm(header.Algorithm)
		object, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{algorithm})
		if err != nil {
			t.Fatalf("%q: go-jose refuses it: %v", text, err)
		}
		other := object.Signatures[0].Header
		if other.Algorithm != string(header.Algorithm) || other.KeyID != header.KeyID {
			t.Fatalf("%q: got %+v, go-jose reads %+v", text, header, other)
		}
	})
}

// readByGoJoseAlone reports whether text has a member that ParseHeader ignores
// and go-jose reads, so that it may find fault with it.
func readByGoJoseAlone(text string) bool {
	found := false
	ReadObject(text, func(name string, _ Value) error {
		found = found || slices.Contains([]string{"jwk", "nonce", "x5c"}, name)
		return nil
	})
	return found
}

// FuzzReadObject checks the verdict and the members against the decoder of Go
// values, which reads the same grammar but knows no limit of ours on depth.
func FuzzReadObject(f *testing.F) {
	for _, test := range objects {
		f.Add(test.text)
	}
	for _, test := range notObjects {
		if len(test.text) < MaxLength {
			f.Add(test.text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := make(map[string]jsontext.Value)
		err := ReadObject(text, func(name string, value Value) error {
			if unescaped, ok := value.Text(); ok != (value.Kind() == '"') {
				t.Fatalf("%q: got text %q, %t", value, unescaped, ok)
			}
			got[name] = jsontext.Value(value)
			return nil
		})
		if err != nil && !errors.Is(err, ErrJSON) {
			t.Fatalf("%q: got %v, want ErrJSON", text, err)
		}
		var want map[string]jsontext.Value
		wantErr := json.Unmarshal([]byte(text), &want)
		if wantErr == nil && (want == nil || tooDeep(text)) {
			wantErr = ErrJSON // null, which a map takes
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: got %v, json.Unmarshal %v", text, err, wantErr)
		}
		if err == nil && !equalMembers(got, want) {
			t.Fatalf("%q: got %q, want %q", text, got, want)
		}
	})
}

// tooDeep counts brackets outside of strings in a text that is known to be JSON.
func tooDeep(text string) bool {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

func equalMembers(a, b map[string]jsontext.Value) bool {
	if len(a) != len(b) {
		return false
	}
	for name, value := range a {
		if !bytes.Equal(value, b[name]) {
			return false
		}
	}
	return true
}
