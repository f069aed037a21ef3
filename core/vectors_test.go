package core_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/jwtmw/jwtmw/core/internal/jws"
	"github.com/jwtmw/jwtmw/core/internal/keyset"
)

// vector is one token of the public test suites that lie beside the project.
type vector struct {
	ID              string
	Key             json.RawMessage
	JWKS            json.RawMessage
	Algs            []string
	Token           string
	Expect          string
	ExpectJWT       *string `json:"expect_jwt"`
	Policy          *policy
	PolicyDependent string `json:"policy_dependent"`
}

// decisions are ours on the signature where both verdicts can be defended, or
// where this library asks for more than a signature. Where it is invalid, so is
// the token.
var decisions = map[string]struct{ verdict, why string }{
	"wycheproof/json_web_signature/346":            {"invalid", keyAlgorithm},
	"wycheproof/json_web_signature/347":            {"invalid", keyAlgorithm},
	"wycheproof/json_web_signature/350":            {"invalid", keyAlgorithm},
	"wycheproof/json_web_signature/351":            {"invalid", keyAlgorithm},
	"wycheproof/json_web_key/1":                    {"invalid", noSecrets},
	"wycheproof/json_web_key/4":                    {"invalid", noSecrets},
	"jwt_verify_lib/jwk_rsa/NoKidOK":               {"invalid", severalKeys},
	"jwt_verify_lib/jwk_rsa/NoKidLongExpOK":        {"invalid", severalKeys},
	"jwt_verify_lib/jwk_rsa/OkPublicKeyNotAlg":     {"invalid", severalKeys},
	"jwt_verify_lib/jwk_rsa/OkPublicKeyNotKid":     {"invalid", severalKeys},
	"jwt_verify_lib/jwk_hmac/NoKidOK":              {"invalid", noSecrets},
	"jwt_verify_lib/jwk_hmac/NoKidLongExpOK":       {"invalid", noSecrets},
	"jwt_verify_lib/jwk_hmac/OkSymmetricKeyNotAlg": {"invalid", noSecrets},
	"jwt_verify_lib/jwk_hmac/OkSymmetricKeyNotKid": {"invalid", noSecrets},
	"jwt_verify_lib/jwk_ec/KidES512OK":             {"invalid", "a coordinate is as long as its field, leading zeros included (RFC 7518 section 6.2.1.2)"},
	"jwt_verify_lib/jwk_ec/NoKidOK":                {"valid", oneKey},
	"jwt_verify_lib/jwk_ec/PubkeyNoKidOK":          {"invalid", namedKey},
	"jwt_verify_lib/jwk_okp/NoKidOK":               {"valid", oneKey},
	"jwt_verify_lib/jwk_okp/PubkeyNoKidOK":         {"invalid", namedKey},
	"jwx/es384-no-sig-trim":                        {"valid", "the one key was handed over by itself, so that a kid has nothing to choose"},
	"pyjwt/crit/b64_true":                          {"invalid", noExtension},
	"joserfc/jws_rfc7797/HS256-with-b64-true":      {"invalid", noExtension},
	"panva/crit/5":                                 {"invalid", noExtension},
	"panva/b64-false-no-crit":                      {"invalid", "a b64 that nobody marked as critical is refused, not passed over (RFC 7797 section 7)"},
	"panva/claims/iss-empty-option":                {"valid", emptyOption},
	"panva/claims/aud-empty-option":                {"valid", emptyOption},

	// These say nothing about policy; their payload is empty.
	"wycheproof/json_web_signature/259": {"invalid", emptyPayload},
	"wycheproof/json_web_signature/264": {"invalid", emptyPayload},
	"wycheproof/json_web_signature/268": {"invalid", emptyPayload},
	"wycheproof/json_web_signature/272": {"invalid", emptyPayload},
	"wycheproof/json_web_signature/320": {"invalid", emptyPayload},
	"wycheproof/json_web_signature/325": {"invalid", emptyPayload},
}

const (
	keyAlgorithm = "a JWK's alg is the only one that it serves, and must be one that exists (RFC 7517 section 4.4)"
	noSecrets    = "a secret is never taken from a key set; whoever configures a Secret has chosen it, which needs one kid to choose by"
	severalKeys  = "a token without kid, and several keys fit: to try each would be to guess"
	oneKey       = "a token without kid, and one key fits, if under several kids: nothing is guessed"
	namedKey     = "the token names a kid and no key of the set has it"
	noExtension  = "no extension is understood, b64 no more than others (RFC 7515 section 4.1.11)"
	emptyOption  = "the signature holds; an empty Issuer or audience is a mistake that New refuses, and never means any"
	emptyPayload = "an empty payload is no Claims Set, so that the token ends before its signature is looked at"
)

// loadVectors skips the test where the vectors are not there.
func loadVectors(t *testing.T) []vector {
	t.Helper()
	const path = "../../shared/vectors/vectors.json"
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("SKIPPED: no public test vectors at %s", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 1000 {
		t.Fatalf("got %d vectors, want all of them", len(vectors))
	}
	return vectors
}

func TestVectorsOfSignatures(t *testing.T) {
	for _, v := range loadVectors(t) {
		t.Run(v.ID, func(t *testing.T) {
			want, why := v.Expect, "the source says so"
			if ours, ok := decisions[v.ID]; ok {
				want, why = ours.verdict, ours.why
			} else if v.PolicyDependent != "" {
				t.Errorf("got no decision, want one: %s", v.PolicyDependent)
			}
			err := v.verifySignature()
			if got := verdict(err); got != want {
				t.Errorf("got %s (%v), want %s: %s", got, err, want, why)
			}
		})
	}
}

func verdict(err error) string {
	if err != nil {
		return "invalid"
	}
	return "valid"
}

// verifySignature judges a vector with the packages under this one.
func (v vector) verifySignature() error {
	compact, err := jws.Split(v.Token)
	if err != nil {
		return err
	}
	text, err := jws.AppendDecode(nil, compact.Header)
	if err != nil {
		return err
	}
	header, err := jws.ParseHeader(string(text))
	if err != nil {
		return err
	}
	if _, err := jws.AppendDecode(nil, compact.Payload); err != nil {
		return err
	}
	signature, err := jws.AppendDecode(nil, compact.Signature)
	if err != nil {
		return err
	}
	key, err := v.keyFor(header)
	if err != nil {
		return err
	}
	return key.Verify(header.Algorithm, compact.Signed, signature)
}

func (v vector) keyFor(header jws.Header) (*jws.Key, error) {
	if secret, ok := v.secret(header); ok {
		return jws.NewKey(jws.Secret(secret))
	}
	set, err := keyset.Parse(v.document(), keyset.Limits{})
	if err != nil {
		return nil, err
	}
	if v.Key != nil {
		return set.Key("", false, header.Algorithm)
	}
	return set.Key(header.KeyID, header.HasKeyID, header.Algorithm)
}

// document is the vector's key set, or one of its only key.
func (v vector) document() []byte {
	if v.Key != nil {
		return fmt.Appendf(nil, `{"keys":[%s]}`, v.Key)
	}
	return v.JWKS
}

// secret is the HMAC key that a token with this header would be verified with.
// A Secret is configured by hand: its JWK is taken apart here, and chosen here
// if it is the only one or the only one of its kid.
func (v vector) secret(header jws.Header) ([]byte, bool) {
	var set struct {
		Keys []struct{ Kty, K, Kid, Alg string }
	}
	if err := json.Unmarshal(v.document(), &set); err != nil {
		return nil, false
	}
	var found [][]byte
	for _, key := range set.Keys {
		if key.Kty != "oct" {
			return nil, false
		}
		fits := v.Key != nil || header.HasKeyID && key.Kid == header.KeyID
		secret, err := base64.RawURLEncoding.DecodeString(key.K)
		if fits && err == nil && (key.Alg == "" || key.Alg == string(header.Algorithm)) {
			found = append(found, secret)
		}
	}
	if len(found) != 1 {
		return nil, false
	}
	return found[0], true
}
