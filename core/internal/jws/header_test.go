package jws

import (
	"errors"
	"strings"
	"testing"
)

var headers = []struct {
	name, text string
	want       Header
}{
	{"alg alone", `{"alg":"RS256"}`, Header{Algorithm: RS256}},
	{"all", `{"typ":"at+jwt","alg":"ES256","kid":"k1"}`,
		Header{Algorithm: ES256, KeyID: "k1", HasKeyID: true, Type: "at+jwt", HasType: true}},
	{"empty kid and typ", `{"alg":"ES256","kid":"","typ":""}`, Header{Algorithm: ES256, HasKeyID: true, HasType: true}},
	{"escaped", `{"\u0061lg":"\u0052S256","kid":"a\/b"}`, Header{Algorithm: RS256, KeyID: "a/b", HasKeyID: true}},
	{"white space", "\n{ \"alg\" : \"RS256\" }\t", Header{Algorithm: RS256}},
	{"unknown members", `{"alg":"RS256","cty":"JWT","x":{"y":[1,null]},"nonce":"n"}`, Header{Algorithm: RS256}},
	{"A01 none is for the caller to refuse", `{"alg":"none"}`, Header{Algorithm: "none"}},
	{"A05 jwk", `{"alg":"RS256","jwk":{"kty":"RSA","n":"AQ","e":"AQAB"}}`, Header{Algorithm: RS256}},
	{"A05 jwk of another type", `{"alg":"RS256","jwk":1}`, Header{Algorithm: RS256}},
	{"A05 jwk with a kid of its own", `{"alg":"RS256","kid":"k","jwk":{"kid":"other"}}`, Header{Algorithm: RS256, KeyID: "k", HasKeyID: true}},
	{"A05b jku", `{"alg":"RS256","jku":"http://169.254.169.254/"}`, Header{Algorithm: RS256}},
	{"A05b x5u", `{"alg":"RS256","x5u":"https://attacker.example/c.pem"}`, Header{Algorithm: RS256}},
	{"A05c x5c", `{"alg":"RS256","x5c":["AA=="],"x5t":"AA","x5t#S256":"AA"}`, Header{Algorithm: RS256}},
	{"A05c jwks", `{"alg":"RS256","jwks":{"keys":[]}}`, Header{Algorithm: RS256}},
	{"A06 path in kid", `{"alg":"RS256","kid":"../../dev/null"}`, Header{Algorithm: RS256, KeyID: "../../dev/null", HasKeyID: true}},
	{"A06 control characters in kid", `{"alg":"RS256","kid":"a\r\nb\u0000"}`, Header{Algorithm: RS256, KeyID: "a\r\nb\x00", HasKeyID: true}},
	{"A13 other case beside alg", `{"alg":"RS256","ALG":"none","Alg":"HS256"}`, Header{Algorithm: RS256}},
	{"A13 other case beside kid", `{"alg":"RS256","kid":"k","KID":1,"Kid":null}`, Header{Algorithm: RS256, KeyID: "k", HasKeyID: true}},
	{"A13 Kelvin sign", "{\"alg\":\"RS256\",\"\u212aid\":\"k\"}", Header{Algorithm: RS256}},
	{"A13 escaped Kelvin sign", `{"alg":"RS256","\u212aid":"k"}`, Header{Algorithm: RS256}},
	{"A13 other case of crit", `{"alg":"RS256","CRIT":["exp"]}`, Header{Algorithm: RS256}},
	{"A15c deepest", `{"alg":"RS256","a":` + nested(MaxDepth-2) + `}`, Header{Algorithm: RS256}},
}

func TestParseHeader(t *testing.T) {
	for _, test := range headers {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseHeader(test.text)
			if err != nil || got != test.want {
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

var badHeaders = []struct {
	name, text string
	want       error
}{
	{"nothing", ``, ErrMalformed},
	{"null", `null`, ErrMalformed},
	{"array", `["alg","RS256"]`, ErrMalformed},
	{"trailing object", `{"alg":"RS256"}{}`, ErrMalformed},
	{"byte order mark", "\ufeff{\"alg\":\"RS256\"}", ErrMalformed},
	{"invalid UTF-8", "{\"alg\":\"RS256\",\"kid\":\"\xff\"}", ErrMalformed},
	{"lone surrogate", `{"alg":"RS256","kid":"\ud800"}`, ErrMalformed},
	{"A04 no alg", `{"kid":"k"}`, ErrMalformed},
	{"A04 alg empty", `{"alg":""}`, ErrMalformed},
	{"A04 alg null", `{"alg":null}`, ErrMalformed},
	{"A04 alg number", `{"alg":256}`, ErrMalformed},
	{"A04 alg boolean", `{"alg":false}`, ErrMalformed},
	{"A04 alg array", `{"alg":["RS256"]}`, ErrMalformed},
	{"A04 alg object", `{"alg":{"name":"RS256"}}`, ErrMalformed},
	{"A06b kid null", `{"alg":"RS256","kid":null}`, ErrMalformed},
	{"A06b kid number", `{"alg":"RS256","kid":1}`, ErrMalformed},
	{"A06b kid boolean", `{"alg":"RS256","kid":true}`, ErrMalformed},
	{"A06b kid array", `{"alg":"RS256","kid":["k"]}`, ErrMalformed},
	{"A06b kid object", `{"alg":"RS256","kid":{"$ne":""}}`, ErrMalformed},
	{"A19 typ null", `{"alg":"RS256","typ":null}`, ErrMalformed},
	{"A19 typ array", `{"alg":"RS256","typ":["JWT"]}`, ErrMalformed},
	{"A19 typ number", `{"alg":"RS256","typ":1}`, ErrMalformed},
	{"A07 crit unknown", `{"alg":"RS256","crit":["x"],"x":1}`, ErrCritical},
	{"A07 crit of a missing member", `{"alg":"RS256","crit":["x"]}`, ErrCritical},
	{"A07 crit empty", `{"alg":"RS256","crit":[]}`, ErrCritical},
	{"A07 crit null", `{"alg":"RS256","crit":null}`, ErrCritical},
	{"A07 crit string", `{"alg":"RS256","crit":"exp"}`, ErrCritical},
	{"A07 crit number", `{"alg":"RS256","crit":0}`, ErrCritical},
	{"A07 crit object", `{"alg":"RS256","crit":{}}`, ErrCritical},
	{"A07 crit of registered names", `{"alg":"RS256","crit":["alg","kid"]}`, ErrCritical},
	{"A07 crit of exp", `{"alg":"RS256","crit":["exp"],"exp":1}`, ErrCritical},
	{"A07 crit of itself", `{"alg":"RS256","crit":["crit"]}`, ErrCritical},
	{"A07 crit twice", `{"alg":"RS256","crit":["x"],"crit":["x"]}`, ErrCritical},
	{"A07 crit escaped", `{"alg":"RS256","\u0063rit":["x"]}`, ErrCritical},
	{"A07b b64 false with crit", `{"alg":"RS256","b64":false,"crit":["b64"]}`, ErrCritical},
	{"A07b b64 false alone", `{"alg":"RS256","b64":false}`, ErrCritical},
	{"A07b b64 true", `{"alg":"RS256","b64":true}`, ErrCritical},
	{"A07b b64 null", `{"alg":"RS256","b64":null}`, ErrCritical},
	{"A20 zip", `{"alg":"RS256","zip":"DEF"}`, ErrCritical},
	{"A20 zip null", `{"alg":"RS256","zip":null}`, ErrCritical},
	{"A12 alg twice", `{"alg":"RS256","alg":"RS256"}`, ErrMalformed},
	{"A12 alg, then none", `{"alg":"RS256","alg":"none"}`, ErrMalformed},
	{"A12 alg twice, once escaped", `{"alg":"RS256","\u0061lg":"HS256"}`, ErrMalformed},
	{"A12 kid twice", `{"alg":"RS256","kid":"a","kid":"b"}`, ErrMalformed},
	{"A12 typ twice", `{"alg":"RS256","typ":"JWT","typ":"at+jwt"}`, ErrMalformed},
	{"A12 unknown member twice", `{"alg":"RS256","x":1,"x":1}`, ErrMalformed},
	{"A12 name twice inside a member", `{"alg":"RS256","x":[{"y":1,"y":2}]}`, ErrMalformed},
	{"A13 ALG alone", `{"ALG":"RS256"}`, ErrMalformed},
	{"A13 Alg alone", `{"Alg":"RS256"}`, ErrMalformed},
	{"A15c 33 deep", `{"alg":"RS256","a":` + nested(MaxDepth-1) + `}`, ErrMalformed},
	{"A15c 2 000 deep", `{"alg":"RS256","a":` + nested(2000) + `}`, ErrMalformed},
	{"A15c 10 000 deep", `{"alg":"RS256","a":` + nested(10_000) + `}`, ErrMalformed},
	{"A15c 100 000 deep", `{"alg":"RS256","a":` + nested(100_000) + `}`, ErrMalformed},
}

func TestParseHeaderRefuses(t *testing.T) {
	for _, test := range badHeaders {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseHeader(test.text)
			if !errors.Is(err, test.want) || got != (Header{}) {
				t.Errorf("got %+v, %v, want %v", got, err, test.want)
			}
		})
	}
}

func TestParseHeaderErrors(t *testing.T) {
	if _, err := ParseHeader(`{"alg":"RS256","crit":["x"]}`); errors.Is(err, ErrMalformed) {
		t.Errorf("got %v, want ErrCritical alone", err)
	}
	if _, err := ParseHeader(`{"alg":"RS256","kid":1}`); errors.Is(err, ErrCritical) || errors.Is(err, ErrJSON) {
		t.Errorf("got %v, want neither ErrCritical nor ErrJSON", err)
	}
	if _, err := ParseHeader(`{"alg":"RS256"`); !errors.Is(err, ErrMalformed) || !errors.Is(err, ErrJSON) {
		t.Errorf("got %v, want ErrMalformed and ErrJSON", err)
	}
	_, err := ParseHeader(`{"alg":"RS256","kid":[` + strings.Repeat(`"\n",`, 1000) + `1]}`)
	if err == nil || len(err.Error()) > 250 || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %q, want at most 250 octets in one line", err)
	}
}
