package adaptertest

import (
	"fmt"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// hostileKeyID must not come back in any answer, and so its word must not.
const (
	hostileKeyID = "../../<" + hostileWord + ">\r\nX-Injected: yes"
	hostileWord  = "hostile-kid"
)

func tokenRow(name, token string, want wanted) tableRow {
	return tableRow{name, wireRequest{lines: []string{"Authorization: Bearer " + token}}, want}
}

// tokenRows are about what a token says.
func (a *app) tokenRows() []tableRow {
	i, now := a.issuer, time.Now()
	with := func(claim string, value any) string { return i.Token(map[string]any{claim: value}) }
	wrongAudience := invalidToken(core.ReasonWrongAudience, "the token is not meant for this service")
	wrongIssuer := invalidToken(core.ReasonWrongIssuer, "the token is not from a trusted issuer")
	malformedClaim := invalidToken(core.ReasonMalformedClaims, "a claim of the token is malformed")
	wrongType := invalidToken(core.ReasonWrongType, "the token is not of an accepted type")
	bound := invalidToken(core.ReasonSenderConstraint, "the token is bound to a key and is no bearer token")
	return []tableRow{
		tokenRow("RS256", i.Token(nil), passes(jwttest.Subject)),
		tokenRow("ES256", i.Token(nil, jwttest.Algorithm("ES256")), passes(jwttest.Subject)),
		tokenRow("an access token by RFC 9068", i.Token(nil, jwttest.Type("at+jwt")), passes(jwttest.Subject)),
		tokenRow("no kid where one key fits", i.Token(nil, jwttest.Header(map[string]any{"kid": nil})), passes(jwttest.Subject)),
		tokenRow("one audience of several", with("aud", []string{"https://other.test", jwttest.Audience}), passes(jwttest.Subject)),
		tokenRow("a subject that is not ASCII", with("sub", "Ælfgifu \u202e\"<b>"), passes("Ælfgifu \u202e\"<b>")),

		tokenRow("expired", with("exp", now.Add(-time.Hour)), invalidToken(core.ReasonExpired, "the token has expired")),
		tokenRow("not yet valid", with("nbf", now.Add(time.Hour)), invalidToken(core.ReasonNotYetValid, "the token is not valid yet")),
		tokenRow("issued in the future", with("iat", now.Add(time.Hour)), invalidToken(core.ReasonIssuedInFuture, "the token was issued in the future")),
		tokenRow("no exp", with("exp", nil), invalidToken(core.ReasonMissingClaim, "the token lacks a required claim")),
		tokenRow("exp is a string", with("exp", "4102444800"), malformedClaim),
		tokenRow("sub is a number", with("sub", 7), malformedClaim),
		tokenRow("wrong audience", with("aud", "https://other.test"), wrongAudience),
		tokenRow("no audience", with("aud", nil), wrongAudience),
		tokenRow("A17 audience with a slash more", with("aud", jwttest.Audience+"/"), wrongAudience),
		tokenRow("wrong issuer", with("iss", "https://evil.test"), wrongIssuer),
		tokenRow("A18 issuer with a slash more", with("iss", i.URL()+"/"), wrongIssuer),
		tokenRow("no issuer", with("iss", nil), wrongIssuer),
		tokenRow("A19 another type of token", i.Token(nil, jwttest.Type("logout+jwt")), wrongType),
		tokenRow("A05d a DPoP proof", i.Token(nil, jwttest.Type("dpop+jwt")), wrongType),
		tokenRow("C04 bound to a DPoP key", with("cnf", map[string]string{"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}), bound),
		tokenRow("C04 bound to a client certificate", with("cnf", map[string]string{"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}), bound),
	}
}

// hostileRows are about tokens that no honest issuer made.
func (a *app) hostileRows() []tableRow {
	i := a.issuer
	good := i.Token(nil)
	unsigned := good[:strings.LastIndexByte(good, '.')]
	other := i.Token(map[string]any{"sub": "mallory"})
	wrongAlgorithm := invalidToken(core.ReasonWrongAlgorithm, "the token is signed with an algorithm that is not accepted")
	unknownKey := invalidToken(core.ReasonUnknownKey, "the token is signed with an unknown key")
	badSignature := invalidToken(core.ReasonBadSignature, "the signature of the token is not valid")
	tooLong := invalidToken(core.ReasonTokenTooLong, "the token is too long")
	twoSubjects := fmt.Appendf(nil, `{"iss":%q,"aud":%q,"sub":"alice","sub":"mallory","exp":%d}`, i.URL(), jwttest.Audience, time.Now().Unix()+60)
	return []tableRow{
		tokenRow("not a token", "letmein", malformedToken),
		tokenRow("three words that are no token", "a.b.c", malformedToken),
		tokenRow("A20b five segments", "e30.e30.e30.e30.e30", malformedToken),
		tokenRow("A21 only dots", strings.Repeat(".", 8000), malformedToken),
		tokenRow("A02 no signature", unsigned+".", badSignature),
		tokenRow("A02 the signature of another token", unsigned+other[strings.LastIndexByte(other, '.'):], badSignature),
		tokenRow("A02 a payload with one more blank", tampered(i), badSignature),
		tokenRow("A14 padded", good+"==", malformedToken),
		tokenRow("A12b a duplicate claim", i.Sign("RS256", []byte(`{"alg":"RS256"}`), twoSubjects), malformedToken),
		tokenRow("A12 a duplicate header name", i.Sign("RS256", []byte(`{"alg":"RS256","alg":"RS256"}`), []byte(`{}`)), malformedToken),

		tokenRow("A01 alg none", i.Token(nil, jwttest.Unsigned()), wrongAlgorithm),
		tokenRow("A01 alg none with a signature", i.Token(nil, jwttest.Header(map[string]any{"alg": "none"})), wrongAlgorithm),
		tokenRow("A03 HS256 under the public key", i.Token(nil, jwttest.HMAC("HS256", i.PublicKeyPEM("RS256")), jwttest.KeyID(i.KeyID("RS256"))), wrongAlgorithm),
		tokenRow("A04 the key's type with another hash", i.Token(nil, jwttest.Header(map[string]any{"alg": "RS384"})), wrongAlgorithm),
		tokenRow("A04 ES256 in the header, RS256 by its kid", i.Token(nil, jwttest.Header(map[string]any{"alg": "ES256"})), wrongAlgorithm),
		tokenRow("A07 crit", i.Token(nil, jwttest.Header(map[string]any{"crit": []string{"exp"}})),
			invalidToken(core.ReasonUnsupportedHeader, "the token has an unsupported header parameter")),
		tokenRow("A05 a key in the header", a.selfSigned(), unknownKey),
		tokenRow("A06c the kid of another key", i.Token(nil, jwttest.KeyID(i.KeyID("ES256"))), wrongAlgorithm),
		tokenRow("an unknown kid", i.Token(nil, jwttest.KeyID("no-such-key")), unknownKey),
		tokenRow("C08 a kid that wants to be repeated", i.Token(nil, jwttest.KeyID(hostileKeyID)), unknownKey),

		tokenRow("D01 a long token", i.Token(map[string]any{"filler": strings.Repeat("x", 11000)}), passes(jwttest.Subject)),
		tokenRow("D01 a token over 16 KiB", i.Token(map[string]any{"filler": strings.Repeat("x", 13000)}), tooLong),
		tokenRow("D01 20000 bytes that are no token", strings.Repeat("x", 20000), tooLong),
	}
}

// tampered is a good token whose payload has another text and the same meaning.
func tampered(i *jwttest.Issuer) string {
	payload := fmt.Appendf(nil, `{"iss":%q,"aud":%q,"sub":"alice","exp":%d}`, i.URL(), jwttest.Audience, time.Now().Unix()+60)
	header := fmt.Appendf(nil, `{"alg":"RS256","kid":%q}`, i.KeyID("RS256"))
	signed := i.Sign("RS256", header, payload)
	signature := signed[strings.LastIndexByte(signed, '.')+1:]
	return jwttest.Compact(header, append(payload, ' '), nil) + signature
}

// selfSigned is signed with a key that nobody trusts and that the header brings along.
func (a *app) selfSigned() string {
	return a.down.Token(map[string]any{"iss": a.issuer.URL()},
		jwttest.Header(map[string]any{"jwk": a.down.PublicJWK("RS256"), "jku": a.down.JWKSURL()}))
}
