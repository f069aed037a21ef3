package jwttest

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"iter"
	"strings"
)

// Sign returns a token of exactly these header and payload bytes, JSON or not, with a valid signature of the issuer's
// key for alg. The header is not read, so it may name another algorithm or none.
func (i *Issuer) Sign(alg string, header, payload []byte) string {
	return i.keys.current(alg).sign(header, payload)
}

// SignHMAC is [Issuer.Sign] with HS256, HS384 or HS512 under a secret of any length.
func SignHMAC(alg string, secret, header, payload []byte) string {
	if !strings.HasPrefix(alg, "HS") {
		panic(fmt.Sprintf("jwttest: got algorithm %.64q, want one of HS256, HS384, HS512", alg))
	}
	key := &signingKey{alg: alg, private: secret}
	return key.sign(header, payload)
}

// Compact joins three parts to a token in compact serialisation (RFC 7515, section 7.1), without a look at them.
func Compact(header, payload, signature []byte) string {
	return signingInput(header, payload) + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// PublicKeyPEM returns the public key of alg as PEM, with the label "PUBLIC KEY" (PKIX).
func (i *Issuer) PublicKeyPEM(alg string) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: i.keys.current(alg).pkix()})
}

// PublicKeyEncodings returns the public key of alg in every form that a confused verifier may take for an HMAC secret
// (RFC 8725, section 2.1), each with a name that says which it is. Sign with each by [HMAC].
func (i *Issuer) PublicKeyEncodings(alg string) iter.Seq2[string, []byte] {
	key := i.keys.current(alg)
	return func(yield func(string, []byte) bool) {
		_ = yieldPEM(yield, "PKIX", "PUBLIC KEY", key.pkix()) &&
			key.yieldPKCS1(yield) &&
			yield("JWK", key.jwk(key.signer().Public())) &&
			key.yieldMembers(yield)
	}
}

func (k *signingKey) pkix() []byte {
	return must(x509.MarshalPKIXPublicKey(k.signer().Public()))
}

func (k *signingKey) yieldPKCS1(yield func(string, []byte) bool) bool {
	key, ok := k.signer().Public().(*rsa.PublicKey)
	return !ok || yieldPEM(yield, "PKCS1", "RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(key))
}

// yieldMembers yields the numbers of the key, as text and as bytes.
func (k *signingKey) yieldMembers(yield func(string, []byte) bool) bool {
	var jwk map[string]string
	if err := json.Unmarshal(k.jwk(k.signer().Public()), &jwk); err != nil {
		panic(fmt.Sprintf("jwttest: %v", err))
	}
	for _, name := range []string{"n", "x"} {
		text, ok := jwk[name]
		if ok && !(yield(name+" as text", []byte(text)) && yield(name, must(base64.RawURLEncoding.DecodeString(text)))) {
			return false
		}
	}
	return true
}

func yieldPEM(yield func(string, []byte) bool, name, label string, der []byte) bool {
	text := pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})
	return yield(name+" PEM", text) &&
		yield(name+" PEM with CRLF", bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))) &&
		yield(name+" PEM without its last newline", bytes.TrimRight(text, "\n")) &&
		yield(name+" PEM after a blank", append([]byte(" "), text...)) &&
		yield(name+" DER", der)
}

// sign signs any bytes with the standard library, because go-jose writes the header itself.
func (k *signingKey) sign(header, payload []byte) string {
	return Compact(header, payload, signatureOf(k.alg, k.private, []byte(signingInput(header, payload))))
}

func signingInput(header, payload []byte) string {
	return base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)
}
