package core_test

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// signatureAttacks are honest tokens with another signature.
func signatureAttacks(s *stage) []attack {
	mallory := jwttest.NewIssuer("")
	var list []attack
	for _, alg := range names(asymmetric) {
		signed, signature := cutSignature(s.Token(nil, jwttest.Algorithm(alg)))
		_, foreign := cutSignature(s.Token(map[string]any{"sub": "bob"}, jwttest.Algorithm(alg)))
		raw := mustDecode(signature)
		with := func(octets []byte) string { return signed + "." + base64.RawURLEncoding.EncodeToString(octets) }
		list = append(list,
			attack{"A02 empty signature " + alg, signed + ".", core.ReasonBadSignature},
			attack{"A02 stripped signature " + alg, signed, core.ReasonMalformedToken},
			attack{"A02 one octet " + alg, with(raw[:1]), core.ReasonBadSignature},
			attack{"A02 cut short " + alg, with(raw[:len(raw)-1]), core.ReasonBadSignature},
			attack{"A02 foreign signature " + alg, signed + "." + foreign, core.ReasonBadSignature},
			attack{"A02 zeros " + alg, with(make([]byte, len(raw))), core.ReasonBadSignature},
			attack{"A02 another key under the same kid " + alg,
				mallory.Token(nil, jwttest.Algorithm(alg), jwttest.KeyID(s.KeyID(alg))), core.ReasonBadSignature},
			attack{"A08b one octet more " + alg, with(append([]byte{0}, raw...)), core.ReasonBadSignature},
			attack{"A08b twice " + alg, with(append(raw, raw...)), core.ReasonBadSignature},
			attack{"A08b 8192 octets " + alg, with(make([]byte, 8192)), core.ReasonBadSignature})
	}
	return list
}

func cutSignature(token string) (signed, signature string) {
	last := strings.LastIndexByte(token, '.')
	return token[:last], token[last+1:]
}

func mustDecode(segment string) []byte {
	octets, err := base64.RawURLEncoding.DecodeString(segment)
	if err != nil {
		panic(err)
	}
	return octets
}

// encodingAttacks spell a token that passes in another way.
func encodingAttacks(s *stage) []attack {
	parts := strings.Split(s.withClaims(nil), ".")
	var list []attack
	for n, part := range []string{"header", "payload", "signature"} {
		respell := func(f func(string) string) string {
			changed := append([]string(nil), parts...)
			changed[n] = f(changed[n])
			return strings.Join(changed, ".")
		}
		middle := func(text string) func(string) string {
			return func(p string) string { return p[:8] + text + p[8:] }
		}
		for _, test := range []struct {
			name   string
			change func(string) string
		}{
			{"padding", func(p string) string { return p + strings.Repeat("=", (4-len(p)%4)%4) + "=" }},
			{"one equals sign", func(p string) string { return p + "=" }},
			{"two equals signs", func(p string) string { return p + "==" }},
			{"CRLF inside", middle("\r\n")},
			{"LF at the end", func(p string) string { return p + "\n" }},
			{"CR at the start", func(p string) string { return "\r" + p }},
			{"blank", middle(" ")},
			{"tab", middle("\t")},
			{"NUL", middle("\x00")},
			{"byte order mark", func(p string) string { return "\ufeff" + p }},
			{"standard alphabet", func(p string) string { return p[:8] + "+/" + p[10:] }},
			{"percent", middle("%2E")},
			{"quotes", func(p string) string { return `"` + p + `"` }},
			{"comma", middle(",")},
			{"one character more", func(p string) string { return p + strings.Repeat("A", (5-len(p)%4)%4) }},
		} {
			list = append(list, attack{"A14 " + test.name + " in " + part, respell(test.change), core.ReasonMalformedToken})
		}
	}
	text := strings.Join(parts, ".")
	return append(list,
		attack{"A14 full-width dots", strings.ReplaceAll(text, ".", "\uff0e"), core.ReasonMalformedToken},
		attack{"A14 Bearer in front", "Bearer " + text, core.ReasonMalformedToken},
		attack{"A14 nothing", "", core.ReasonMalformedToken},
		attack{"A14b trailing bits in header", s.trailingBits(0), core.ReasonMalformedToken},
		attack{"A14b trailing bits in payload", s.trailingBits(1), core.ReasonMalformedToken},
		attack{"A14b trailing bits in signature", s.trailingBits(2), core.ReasonMalformedToken})
}

// trailingBits sets one of the bits behind the last octet of a segment. The
// blanks see to it that there are such bits.
func (s *stage) trailingBits(n int) string {
	for blanks := ""; ; blanks += " " {
		header := fmt.Sprintf(`{"alg":"ES256","kid":%q%s}`, s.KeyID("ES256"), blanks)
		parts := strings.Split(s.Sign("ES256", []byte(header), []byte("{"+s.members()+blanks+"}")), ".")
		segment := parts[n]
		if len(segment)%4 == 0 {
			continue
		}
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		last := strings.IndexByte(alphabet, segment[len(segment)-1])
		parts[n] = segment[:len(segment)-1] + alphabet[last|1:last|1+1]
		return strings.Join(parts, ".")
	}
}

// formatAttacks are other serialisations and tokens inside tokens.
func formatAttacks(s *stage) []attack {
	good := s.withClaims(nil)
	parts := strings.Split(good, ".")
	object := fmt.Sprintf(`{"payload":%q,"protected":%q,"signature":%q}`, parts[1], parts[0], parts[2])
	jwe := func(header string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(header)) + ".QUFB.QUFBQUFBQUFBQUFB.QUFB.QUFBQUFBQUFBQUFBQUFBQQ"
	}
	return []attack{
		{"A14c JSON serialisation", object, core.ReasonMalformedToken},
		{"A14c general JSON serialisation", fmt.Sprintf(`{"payload":%q,"signatures":[{"protected":%q,"signature":%q}]}`, parts[1], parts[0], parts[2]), core.ReasonMalformedToken},
		{"A14c JSON around a compact token", `{"a":".","token":"` + good + `"}`, core.ReasonMalformedToken},
		{"A14c polyglot", good + object, core.ReasonMalformedToken},
		{"A14c SD-JWT", good + "~WyJzYWx0IiwibmFtZSIsInZhbHVlIl0~", core.ReasonMalformedToken},
		{"A20 nested token", s.withPayload(good), core.ReasonMalformedToken},
		{"A20 nested token as a JSON string", s.withPayload(`"` + good + `"`), core.ReasonMalformedToken},
		{"A20 nested under cty", s.Sign("ES256", []byte(`{"alg":"ES256","cty":"JWT"}`), []byte(good)), core.ReasonMalformedToken},
		{"A20 JWE around an unsigned token", jwe(`{"alg":"RSA-OAEP-256","enc":"A128GCM","cty":"JWT"}`), core.ReasonMalformedToken},
		{"A20b PBES2 with 2^31 rounds", jwe(`{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2147483647,"p2s":"AAAA"}`), core.ReasonMalformedToken},
		{"A20b JWE with an empty key", jwe(`{"alg":"dir","enc":"A128GCM","zip":"DEF"}`), core.ReasonMalformedToken},
		{"A20b JWE header under three segments", s.withHeader(`{"alg":"dir","enc":"A128GCM"}`), core.ReasonWrongAlgorithm},
		{"A20b four segments", good + ".AAAA", core.ReasonMalformedToken},
	}
}

// sizeAttacks must end before anything is split, decoded or copied.
func sizeAttacks(s *stage) []attack {
	const million = 1 << 20
	return []attack{
		{"A21 a million dots", strings.Repeat(".", million), core.ReasonTokenTooLong},
		{"A21 16384 dots", strings.Repeat(".", 16<<10), core.ReasonMalformedToken},
		{"A21 8 MiB of header", strings.Repeat("A", 8*million) + ".AAAA.AAAA", core.ReasonTokenTooLong},
		{"A21 8 MiB of payload", "eyJhbGciOiJFUzI1NiJ9." + strings.Repeat("A", 8*million) + ".AAAA", core.ReasonTokenTooLong},
		{"A21 8 MiB of signature", "eyJhbGciOiJFUzI1NiJ9.e30." + strings.Repeat("A", 8*million), core.ReasonTokenTooLong},
		{"D01 10000 groups", s.withClaims(map[string]any{"groups": strings.Split(strings.Repeat("group ", 10000), " ")}), core.ReasonTokenTooLong},
		{"D01 one octet too many", s.sized(16<<10 + 1), core.ReasonTokenTooLong},
	}
}

// sized is a token of exactly that length that would pass if it were short.
func (s *stage) sized(length int) string {
	for header := 0; ; header++ {
		h := fmt.Sprintf(`{"alg":"ES256","kid":%q%s}`, s.KeyID("ES256"), strings.Repeat(" ", header))
		room := length - base64.RawURLEncoding.EncodedLen(len(h)) - base64.RawURLEncoding.EncodedLen(64) - 2
		blanks := room*3/4 - len(s.members()) - 2
		token := s.Sign("ES256", []byte(h), []byte("{"+s.members()+strings.Repeat(" ", blanks)+"}"))
		if len(token) == length {
			return token
		}
	}
}
