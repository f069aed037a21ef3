package jws

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// vectorFile holds signatures from the test suites of other implementations. It
// lies beside the project, not in it.
const vectorFile = "../../../../shared/vectors/vectors.json"

type vector struct {
	ID     string
	Token  string
	Algs   []Algorithm
	Expect string
	Reason string
	Key    json.RawMessage
	JWKS   struct{ Keys []json.RawMessage }
}

const (
	emptyPayload = "an empty payload is no claims set; Split refuses it"
	keyChoice    = "the signature holds under one of the keys; which key may be used at all, package keyset decides"
)

// decisions has the vectors on which this package says otherwise than their
// source, and why.
var decisions = map[string]string{
	"wycheproof/json_web_signature/259":               emptyPayload,
	"wycheproof/json_web_signature/264":               emptyPayload,
	"wycheproof/json_web_signature/268":               emptyPayload,
	"wycheproof/json_web_signature/272":               emptyPayload,
	"wycheproof/json_web_signature/320":               emptyPayload,
	"wycheproof/json_web_signature/325":               emptyPayload,
	"wycheproof/json_web_signature/353":               keyChoice, // use
	"wycheproof/json_web_signature/354":               keyChoice, // use
	"wycheproof/json_web_signature/355":               keyChoice, // key_ops
	"wycheproof/json_web_signature/356":               keyChoice, // key_ops
	"wycheproof/json_web_key/1":                       keyChoice, // secret among public keys
	"wycheproof/json_web_key/4":                       keyChoice, // duplicate kid
	"wycheproof/json_web_key/21":                      keyChoice, // use
	"jwt_verify_lib/jwk_rsa/NonExistKidFail":          keyChoice,
	"jwt_verify_lib/jwk_rsa/JwtTextWithIncorrectKid":  keyChoice,
	"jwt_verify_lib/jwk_hmac/NonExistKidFail":         keyChoice,
	"jwt_verify_lib/jwk_hmac/JwtTextWithIncorrectKid": keyChoice,
	"jwt_verify_lib/jwk_ec/NonExistKidFail":           keyChoice,
	"jwt_verify_lib/jwk_okp/NonExistKidFail":          keyChoice,
	"panva/b64-false-no-crit":                         "a b64 that nobody marked as critical is refused, not ignored (RFC 7797 section 7)",
}

func TestVectors(t *testing.T) {
	data, err := os.ReadFile(vectorFile)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("../shared/vectors is not there")
	}
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		t.Run(v.ID, func(t *testing.T) {
			accepted := v.accepted()
			want := v.Expect == "valid"
			if reason, ok := decisions[v.ID]; ok {
				want = !want
				t.Log("decided otherwise:", reason)
			}
			if accepted != want {
				t.Errorf("got acceptance %t, want %t: %s", accepted, want, v.Reason)
			}
		})
	}
}

func (v vector) accepted() bool {
	keys := v.JWKS.Keys
	if len(v.Key) > 0 {
		keys = append(keys, v.Key)
	}
	for _, data := range keys {
		var jwk jose.JSONWebKey
		if jwk.UnmarshalJSON(data) != nil {
			continue
		}
		material := jwk.Key
		if secret, ok := material.([]byte); ok {
			material = Secret(secret)
		}
		key, err := NewKey(material)
		if err != nil {
			continue
		}
		allowed := v.Algs
		if jwk.Algorithm != "" {
			allowed = slices.DeleteFunc(slices.Clone(allowed), func(a Algorithm) bool { return a != Algorithm(jwk.Algorithm) })
		}
		if _, err := check(v.Token, key, allowed...); err == nil {
			return true
		}
	}
	return false
}
