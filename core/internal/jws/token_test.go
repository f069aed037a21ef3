package jws

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// edits turn the three segments of a valid token into a text that a lenient
// reader would take for the same token.
var edits = []struct {
	name string
	edit func(header, payload, signature string) string
}{
	{"A14 padded header", func(h, p, s string) string { return h + "=." + p + "." + s }},
	{"A14 padded payload", func(h, p, s string) string { return h + "." + p + "==." + s }},
	{"A14 padded signature", func(h, p, s string) string { return h + "." + p + "." + s + "=" }},
	{"A14 line feed in header", func(h, p, s string) string { return h[:4] + "\n" + h[4:] + "." + p + "." + s }},
	{"A14 line feed in payload", func(h, p, s string) string { return h + "." + p[:4] + "\n" + p[4:] + "." + s }},
	{"A14 line feed in signature", func(h, p, s string) string { return h + "." + p + "." + s[:4] + "\n" + s[4:] }},
	{"A14 carriage return in signature", func(h, p, s string) string { return h + "." + p + "." + s[:4] + "\r" + s[4:] }},
	{"A14 line feed at the end", func(h, p, s string) string { return h + "." + p + "." + s + "\n" }},
	{"A14 line feed at the start", func(h, p, s string) string { return "\n" + h + "." + p + "." + s }},
	{"A14 CRLF at each dot", func(h, p, s string) string { return h + "\r\n." + p + "\r\n." + s }},
	{"A14 blank at the end", func(h, p, s string) string { return h + "." + p + "." + s + " " }},
	{"A14 blank at the start", func(h, p, s string) string { return " " + h + "." + p + "." + s }},
	{"A14 blank at a dot", func(h, p, s string) string { return h + " ." + p + "." + s }},
	{"A14 tab", func(h, p, s string) string { return h + "." + p + ".\t" + s }},
	{"A14 NUL at the end", func(h, p, s string) string { return h + "." + p + "." + s + "\x00" }},
	{"A14 byte order mark", func(h, p, s string) string { return "\ufeff" + h + "." + p + "." + s }},
	{"A14 standard alphabet", func(h, p, s string) string {
		return h + "." + p + "." + strings.NewReplacer("-", "+", "_", "/").Replace(s)
	}},
	{"A14 percent dot", func(h, p, s string) string { return h + "%2E" + p + "%2E" + s }},
	{"A14 full-width dot", func(h, p, s string) string { return h + "\uff0e" + p + "\uff0e" + s }},
	{"A14 quoted", func(h, p, s string) string { return `"` + h + "." + p + "." + s + `"` }},
	{"A14 comma and a second token", func(h, p, s string) string { return h + "." + p + "." + s + "," + h + "." + p + "." + s }},
	{"A14 scheme before", func(h, p, s string) string { return "Bearer " + h + "." + p + "." + s }},
	{"A14b trailing bits in header", func(h, p, s string) string { return raise(h) + "." + p + "." + s }},
	{"A14b trailing bits in payload", func(h, p, s string) string { return h + "." + raise(p) + "." + s }},
	{"A14b trailing bits in signature", func(h, p, s string) string { return h + "." + p + "." + raise(s) }},
	{"A14c JSON serialisation", func(h, p, s string) string {
		return `{"payload":"` + p + `","signatures":[{"protected":"` + h + `","signature":"` + s + `"}]}`
	}},
	{"A14c flattened JSON serialisation", func(h, p, s string) string {
		return `{"payload":"` + p + `","protected":"` + h + `","signature":"` + s + `"}`
	}},
	{"A14c JSON around a compact token", func(h, p, s string) string { return `{"token":"` + h + "." + p + "." + s + `"}` }},
	{"A14c SD-JWT", func(h, p, s string) string { return h + "." + p + "." + s + "~" }},
	{"A14c SD-JWT with a disclosure", func(h, p, s string) string { return h + "." + p + "." + s + "~WyJhIl0~" }},
	{"A02 no signature", func(h, p, s string) string { return h + "." + p + "." }},
	{"A02 no signature and no dot", func(h, p, s string) string { return h + "." + p }},
	{"A07b payload detached", func(h, p, s string) string { return h + ".." + s }},
	{"dot at the end", func(h, p, s string) string { return h + "." + p + "." + s + "." }},
	{"dot at the start", func(h, p, s string) string { return "." + h + "." + p + "." + s }},
}

// raise sets the lowest bit that the last character of segment holds without
// need: no octet changes.
func raise(segment string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(segment) - 1
	return segment[:last] + string(alphabet[strings.IndexByte(alphabet, segment[last])|1])
}

func TestEditedTokens(t *testing.T) {
	for _, alg := range []Algorithm{HS256, RS256, ES256, EdDSA} {
		pair, c := editable(t, alg)
		for _, test := range edits {
			t.Run(test.name+", "+string(alg), func(t *testing.T) {
				edited := test.edit(c.Header, c.Payload, c.Signature)
				if _, err := check(edited, pair.key, alg); err == nil {
					t.Errorf("got acceptance of %q", edited)
				}
			})
		}
	}
}

// editable returns a valid token that every edit changes: each segment ends with
// unused bits, and the signature has a character that is not in the standard alphabet.
func editable(t *testing.T, alg Algorithm) (keyPair, Compact) {
	t.Helper()
	pair := trusted(t, alg)
	for n := range 1000 {
		token := pair.token(t, alg, `{"alg": "`+string(alg)+`"}`, fmt.Sprintf(`{"n":%4d}`, n))
		c, err := Split(token)
		if err != nil {
			t.Fatal(err)
		}
		unused := len(c.Header)%4 != 0 && len(c.Payload)%4 != 0 && len(c.Signature)%4 != 0
		if !unused || !strings.ContainsAny(c.Signature, "-_") {
			continue
		}
		if _, err := check(token, pair.key, alg); err != nil {
			t.Fatalf("got %v before any edit, want acceptance", err)
		}
		return pair, c
	}
	t.Fatalf("%s: found no token to edit", alg)
	return keyPair{}, Compact{}
}

// An unsecured token, its name spelled every way, is refused with and without a
// signature by everyone who asks for an allowed algorithm, and by every key.
func TestUnsecuredTokens(t *testing.T) {
	for _, test := range unknownAlgorithms {
		t.Run(test.name, func(t *testing.T) {
			header := `{"alg":"` + jsonEscape(string(test.alg)) + `"}`
			signed := encode(header) + "." + encode(`{"sub":"admin"}`)
			for _, signature := range []string{"", "AA", encode(trusted(t, HS256).sign(t, HS256, signed))} {
				for _, alg := range []Algorithm{HS256, RS256, ES256, EdDSA} {
					key := trusted(t, alg).key
					if _, err := check(signed+"."+signature, key, allAlgorithms...); err == nil {
						t.Errorf("%s key: got acceptance of signature %q", alg, signature)
					}
					// Even to a caller who allows any name.
					if _, err := check(signed+"."+signature, key, test.alg); err == nil || errors.Is(err, ErrSignature) {
						t.Errorf("%s key, all allowed: got %v for signature %q, want a refusal before the signature", alg, err, signature)
					}
				}
			}
		})
	}
}

// jsonEscape escapes every octet of ASCII text.
func jsonEscape(text string) string {
	const digits = "0123456789abcdef"
	var escaped []byte
	for _, c := range []byte(text) {
		if c >= 0x80 {
			escaped = append(escaped, c)
			continue
		}
		escaped = append(escaped, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
	}
	return string(escaped)
}

// Every bit of what is signed and of the signature counts.
func TestVerifyRefusesFlippedBits(t *testing.T) {
	for _, alg := range allAlgorithms {
		t.Run(string(alg), func(t *testing.T) {
			t.Parallel()
			pair := trusted(t, alg)
			signed := []byte(encode(`{"alg":"`+string(alg)+`"}`) + "." + encode(`{"iss":"a"}`))
			signature := pair.sign(t, alg, string(signed))
			step := 1
			if testing.Short() || alg == ES384 || alg == ES512 || alg.MLDSA() {
				step = 7 // odd, so that it still meets every bit of an octet
			}
			for bit := 0; bit < 8*len(signed); bit += step {
				flipped := slices.Clone(signed)
				flipped[bit/8] ^= 1 << (bit % 8)
				if err := pair.key.Verify(alg, string(flipped), signature); err != ErrSignature {
					t.Errorf("bit %d of the signing input: got %v, want ErrSignature", bit, err)
				}
			}
			for bit := 0; bit < 8*len(signature); bit += step {
				flipped := slices.Clone(signature)
				flipped[bit/8] ^= 1 << (bit % 8)
				if err := pair.key.Verify(alg, string(signed), flipped); err != ErrSignature {
					t.Errorf("bit %d of the signature: got %v, want ErrSignature", bit, err)
				}
			}
		})
	}
}
