package jws

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"encoding/base64"
	"testing"
)

// claims is a payload of common size and shape.
const claims = `{"iss":"https://issuer.example/","sub":"248289761001","aud":["https://api.example","account"],` +
	`"exp":1893456000,"nbf":1735689600,"iat":1735689600,"jti":"0b5ad0fa-64d4-4c52-9e83-f7f9a8f1f4d1",` +
	`"client_id":"s6BhdRkqt3","scope":"openid profile email orders:read orders:write","azp":"s6BhdRkqt3",` +
	`"realm_access":{"roles":["offline_access","uma_authorization","user"]},"resource_access":{"account":{"roles":["view-profile"]}}}`

// BenchmarkVerify compares Key.Verify with the primitive in the standard library.
func BenchmarkVerify(b *testing.B) {
	signed := encode(`{"alg":"RS256","typ":"at+jwt","kid":"2024-11-01"}`) + "." + encode(claims)
	for _, alg := range []Algorithm{HS256, HS512, RS256, PS256, ES256, ES384, ES512, EdDSA} {
		pair := trusted(b, alg)
		signature := pair.sign(b, alg, signed)
		b.Run(string(alg)+"/key", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := pair.key.Verify(alg, signed, signature); err != nil {
					b.Fatal(err)
				}
			}
		})
		bare := primitive(b, alg, pair, signed)
		b.Run(string(alg)+"/primitive", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !bare() {
					b.Fatal("refused")
				}
			}
		})
	}
}

// BenchmarkReadObject reads claims, each of its strings unescaped.
func BenchmarkReadObject(b *testing.B) {
	b.SetBytes(int64(len(claims)))
	b.ReportAllocs()
	for b.Loop() {
		err := ReadObject(claims, func(_ string, value Value) error {
			value.Text()
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseHeader(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseHeader(`{"alg":"RS256","typ":"at+jwt","kid":"2024-11-01"}`); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAppendDecode compares AppendDecode with the decoder that it guards,
// on the payload of claims.
func BenchmarkAppendDecode(b *testing.B) {
	segment := encode(claims)
	buffer := make([]byte, 0, len(segment))
	b.Run("strict", func(b *testing.B) {
		b.SetBytes(int64(len(segment)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := AppendDecode(buffer, segment); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/base64", func(b *testing.B) {
		b.SetBytes(int64(len(segment)))
		text := []byte(segment)
		for b.Loop() {
			if _, err := base64.RawURLEncoding.Decode(buffer[:cap(buffer)], text); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkNewKey covers every rule for a key, the fingerprint of ROCA among them.
func BenchmarkNewKey(b *testing.B) {
	for _, alg := range []Algorithm{HS256, RS256, ES256, EdDSA} {
		public := publicPart(trusted(b, alg).private)
		b.Run(string(alg), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := NewKey(public); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// primitive returns the call to the standard library that verifies a signature
// over signed, hash included, with everything else prepared.
func primitive(t testing.TB, alg Algorithm, pair keyPair, signed string) func() bool {
	text := []byte(signed)
	signature := pair.sign(t, alg, signed)
	w := newWorkspace(signed)
	switch key := publicPart(pair.private).(type) {
	case *rsa.PublicKey:
		options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: alg.hash()}
		if alg[0] == 'P' {
			return func() bool { return rsa.VerifyPSS(key, alg.hash(), w.digest(alg), signature, options) == nil }
		}
		return func() bool { return rsa.VerifyPKCS1v15(key, alg.hash(), w.digest(alg), signature) == nil }
	case *ecdsa.PublicKey:
		half := len(signature) / 2
		der := w.signatureDER(signature[:half], signature[half:])
		return func() bool { return ecdsa.VerifyASN1(key, w.digest(alg), der) }
	case ed25519.PublicKey:
		return func() bool { return ed25519.Verify(key, text, signature) }
	}
	if alg.MLDSA() {
		return mldsaPrimitive(pair, text, signature)
	}
	mac := hmac.New(alg.hash().New, pair.private.(Secret))
	return func() bool {
		mac.Reset()
		mac.Write(text)
		return hmac.Equal(mac.Sum(w.sum[:0]), signature)
	}
}
