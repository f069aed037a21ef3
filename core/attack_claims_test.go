package core_test

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// syntaxAttacks sign a payload that is not one strict JSON object.
func syntaxAttacks(s *stage) []attack {
	good := s.members()
	deep := func(depth int) string { return "{" + good + `,"x":` + nested(depth) + "}" }
	var list []attack
	for _, test := range []struct {
		name, payload string
		want          core.Reason
	}{
		{"A15 null", `null`, core.ReasonMalformedToken},
		{"A15 array", `[{` + good + `}]`, core.ReasonMalformedToken},
		{"A15 string", `"{}"`, core.ReasonMalformedToken},
		{"A15 number", `1`, core.ReasonMalformedToken},
		{"A15 true", `true`, core.ReasonMalformedToken},
		{"A15 blank", ` `, core.ReasonMalformedToken},
		{"A15 text", `alice`, core.ReasonMalformedToken},
		{"A15 cut short", `{` + good, core.ReasonMalformedToken},
		{"A15 object behind", `{` + good + `}{}`, core.ReasonMalformedToken},
		{"A15 brace behind", `{` + good + `}}`, core.ReasonMalformedToken},
		{"A15 NUL behind", `{` + good + "}\x00", core.ReasonMalformedToken},
		{"A15 comma behind", `{` + good + `,}`, core.ReasonMalformedToken},
		{"A15 comment", `{` + good + `/* */}`, core.ReasonMalformedToken},
		{"A15 line comment", "{" + good + "//\n}", core.ReasonMalformedToken},
		{"A15 byte order mark", "\ufeff{" + good + "}", core.ReasonMalformedToken},
		{"A15 UTF-16", utf16Text("{" + good + "}"), core.ReasonMalformedToken},
		{"A15 single quotes", strings.ReplaceAll("{"+good+"}", `"`, `'`), core.ReasonMalformedToken},
		{"A15 bare names", `{` + good + `,x:1}`, core.ReasonMalformedToken},
		{"A15 newline in a string", "{" + good + ",\"x\":\"a\nb\"}", core.ReasonMalformedToken},
		{"A15c 33 deep", deep(32), core.ReasonMalformedToken},
		{"A15c 2000 deep", deep(2000), core.ReasonMalformedToken},
		{"A15c 10000 deep", deep(10000), core.ReasonTokenTooLong},
		{"A15c 100000 deep", deep(100000), core.ReasonTokenTooLong},
		{"A15c 2000 deep, never closed", "{" + good + `,"x":` + strings.Repeat("[", 2000), core.ReasonMalformedToken},
	} {
		list = append(list, attack{test.name, s.withPayload(test.payload), test.want})
	}
	return list
}

func utf16Text(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		b.WriteByte(byte(unit))
		b.WriteByte(byte(unit >> 8))
	}
	return b.String()
}

// unicodeAttacks sign what is no UTF-8 (RFC 7519 section 7.2 step 10).
func unicodeAttacks(s *stage) []attack {
	var list []attack
	for name, octets := range map[string]string{
		"stray continuation": "\x80", "overlong slash": "\xc0\xaf", "overlong NUL": "\xc0\x80", "surrogate": "\xed\xa0\x80",
		"beyond U+10FFFF": "\xf4\x90\x80\x80", "cut short": "\xe2\x82", "0xFF": "\xff",
		"escaped lone high surrogate": `\ud800`, "escaped lone low surrogate": `\udc00`, "escaped pair in the wrong order": `\udc00\ud800`,
	} {
		list = append(list,
			attack{"A15b " + name + " in a value", s.withPayload("{" + s.members() + `,"x":"` + octets + `"}`), core.ReasonMalformedToken},
			attack{"A15b " + name + " in a name", s.withPayload("{" + s.members() + `,"` + octets + `":1}`), core.ReasonMalformedToken},
			attack{"A15b " + name + " deep inside", s.withPayload("{" + s.members() + `,"x":[{"y":"` + octets + `"}]}`), core.ReasonMalformedToken})
	}
	return list
}

// nameAttacks give a claim twice, or in a spelling that a careless reader
// takes for the claim.
func nameAttacks(s *stage) []attack {
	good := s.members()
	past := `"iss":"https://issuer.test","aud":"https://api.test","exp":1`
	var list []attack
	for _, member := range []string{
		`"iss":"https://issuer.test"`, `"aud":"https://api.test"`, `"sub":"bob"`, `"exp":9999999999`, `"iat":1`,
		`"\u0069ss":"https://issuer.test"`, `"\u0065xp":9999999999`, `"s\u0075b":"bob"`,
		`"nbf":1,"nbf":1`, `"scope":"a","scope":"a"`, `"x":1,"x":1`, `"x":{"y":1,"y":1}`, `"x":[[{"y":1,"\u0079":1}]]`, `"":1,"":2`,
	} {
		list = append(list,
			attack{"A12b " + member + " last", s.withPayload("{" + good + "," + member + "}"), core.ReasonMalformedToken},
			attack{"A12b " + member + " first", s.withPayload("{" + member + "," + good + "}"), core.ReasonMalformedToken})
	}
	for _, test := range []struct {
		name, payload string
		want          core.Reason
	}{
		{"A13 EXP over an expired exp", `{` + past + `,"EXP":9999999999}`, core.ReasonExpired},
		{"A13 Exp before an expired exp", `{"Exp":9999999999,` + past + `}`, core.ReasonExpired},
		{"A13 EXP alone", `{"iss":"https://issuer.test","aud":"https://api.test","EXP":9999999999}`, core.ReasonMissingClaim},
		{"A13 ISS alone", `{"ISS":"https://issuer.test","aud":"https://api.test","exp":9999999999}`, core.ReasonWrongIssuer},
		{"A13 iss with a long s", `{"is\u017f":"https://issuer.test","aud":"https://api.test","exp":9999999999}`, core.ReasonWrongIssuer},
		{"A13 Aud alone", `{"iss":"https://issuer.test","Aud":"https://api.test","exp":9999999999}`, core.ReasonWrongAudience},
		{"A13 aud beside AUD", `{"iss":"https://issuer.test","aud":"x","AUD":"https://api.test","exp":9999999999}`, core.ReasonWrongAudience},
		{"A13 exp with a blank", `{"iss":"https://issuer.test","aud":"https://api.test","exp ":9999999999}`, core.ReasonMissingClaim},
		{"A13 claims one level down", `{"claims":{` + good + `}}`, core.ReasonWrongIssuer},
		{"A23b iss twice, ours last", `{"iss":"https://mallory.test",` + good + `}`, core.ReasonMalformedToken},
		{"A23b ISS beside iss", `{"iss":"https://mallory.test","ISS":"https://issuer.test","aud":"https://api.test","exp":9999999999}`, core.ReasonWrongIssuer},
	} {
		list = append(list, attack{test.name, s.withPayload(test.payload), test.want})
	}
	return list
}

// dateAttacks are dates that are none, or not in time.
func dateAttacks(s *stage) []attack {
	now := time.Now()
	list := []attack{
		{"A16c exp missing", s.withClaims(map[string]any{"exp": nil}), core.ReasonMissingClaim},
		{"A16c exp in the past", s.withClaims(map[string]any{"exp": now.Add(-time.Minute)}), core.ReasonExpired},
		{"A16c exp zero", s.withClaims(map[string]any{"exp": 0}), core.ReasonExpired},
		{"A16c nbf in the future", s.withClaims(map[string]any{"nbf": now.Add(time.Hour)}), core.ReasonNotYetValid},
		{"A16c iat in the future", s.withClaims(map[string]any{"iat": now.Add(time.Hour)}), core.ReasonIssuedInFuture},
	}
	for _, claim := range []string{"exp", "nbf", "iat"} {
		payload := func(value string) string {
			others := `"iss":"https://issuer.test","aud":"https://api.test"`
			if claim != "exp" {
				others += `,"exp":9999999999`
			}
			return s.withPayload(fmt.Sprintf(`{%s,%q:%s}`, others, claim, value))
		}
		for _, value := range []string{`"9999999999"`, `""`, `null`, `true`, `[9999999999]`, `{}`, `1e400`, `-1e400`, `"NaN"`} {
			list = append(list, attack{"A16 " + claim + " " + value, payload(value), core.ReasonMalformedClaims})
		}
		for _, value := range []string{`NaN`, `Infinity`, `0x7fffffff`, `09999999999`, `+9999999999`, `.5`, `1.`, `1e`, `1_000`, `--1`} {
			list = append(list, attack{"A16 " + claim + " " + value, payload(value), core.ReasonMalformedToken})
		}
		for _, value := range []string{
			`-1`, `-0.5`, `253402300800`, `253402300799.5`, `9223372036854775807`, `9223372036854775808`, `18446744073709551615`, `18446744073709551616`,
			`1e308`, `1700000000000`, `1e15`, "1" + strings.Repeat("0", 999), `-9223372036854775808`,
		} {
			list = append(list, attack{fmt.Sprintf("A16b %s %.24s", claim, value), payload(value), core.ReasonMalformedClaims})
		}
	}
	return list
}

// audienceAttacks are meant for another service, or for nobody.
func audienceAttacks(s *stage) []attack {
	good := jwttest.Audience
	list := []attack{{"A17 aud missing", s.withClaims(map[string]any{"aud": nil}), core.ReasonWrongAudience}}
	for _, aud := range []any{
		"", "*", " ", good + "/", good[:len(good)-1], " " + good, good + " ", strings.ToUpper(good), good + "," + good, good + " " + good,
		good + "\x00", "http" + good[5:], strings.Replace(good, "a", "\u0430", 1), []string{}, []string{""}, []string{good + "/", "other"},
	} {
		list = append(list, attack{fmt.Sprintf("A17 aud %q", aud), s.withClaims(map[string]any{"aud": aud}), core.ReasonWrongAudience})
	}
	for _, aud := range []any{1, true, []any{1}, []any{good, 1}, []any{good, nil}, []any{[]string{good}}, map[string]any{good: true}, map[string]any{}} {
		list = append(list, attack{fmt.Sprintf("A17 aud %v", aud), s.withClaims(map[string]any{"aud": aud}), core.ReasonMalformedClaims})
	}
	return append(list, attack{"A17 aud null", s.withPayload(`{"iss":"https://issuer.test","aud":null,"exp":9999999999}`), core.ReasonMalformedClaims})
}

// issuerAttacks name an issuer that is not the trusted one, byte for byte.
func issuerAttacks(s *stage) []attack {
	good := s.URL()
	list := []attack{{"A18 iss missing", s.withClaims(map[string]any{"iss": nil}), core.ReasonWrongIssuer}}
	for _, iss := range []string{
		"", "*", good + "/", good[:len(good)-1], good + ":443", strings.ToUpper(good), "HTTPS" + good[5:], "http" + good[5:], good + "?", good + "#",
		"https://issuer.test@mallory.test", "https://mallory.test@issuer.test", good + "\x00", " " + good, good + " ", good + "/..", "https://mallory.test/" + good,
		strings.Replace(good, "i", "\u0456", 1), good + "." + "mallory.test", "https://issuer。test",
	} {
		list = append(list, attack{fmt.Sprintf("A18 iss %q", iss), s.withClaims(map[string]any{"iss": iss}), core.ReasonWrongIssuer})
	}
	for _, iss := range []any{1, true, []string{good}, map[string]any{"url": good}} {
		list = append(list, attack{fmt.Sprintf("A18 iss %v", iss), s.withClaims(map[string]any{"iss": iss}), core.ReasonMalformedClaims})
	}
	return append(list,
		attack{"A18 iss null", s.withPayload(`{"iss":null,"aud":"https://api.test","exp":9999999999}`), core.ReasonMalformedClaims},
		attack{"A23 token of an unknown issuer", jwttest.NewIssuer("https://mallory.test").Token(nil), core.ReasonWrongIssuer})
}

// bindingAttacks send a token that is bound to a key as if it were not.
func bindingAttacks(s *stage) []attack {
	var list []attack
	for name, cnf := range map[string]any{
		"jkt": map[string]any{"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}, "x5t#S256": map[string]any{"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"},
		"jwk": map[string]any{"jwk": map[string]any{}}, "unknown": map[string]any{"x": 1}, "empty": map[string]any{}, "string": "x", "false": false,
	} {
		list = append(list, attack{"C04 cnf " + name, s.withClaims(map[string]any{"cnf": cnf}), core.ReasonSenderConstraint})
	}
	return append(list, attack{"C04 cnf null", s.withPayload("{" + s.members() + `,"cnf":null}`), core.ReasonSenderConstraint})
}
