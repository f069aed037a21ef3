package keyset

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"
)

// certificateOddities come with members about a certificate. Nets eID Broker's set is one of those that are taken.
func certificateOddities(t testing.TB) []oddity {
	certificate, stranger := certificateOf(t, rsaPair()), strangersCertificate(t)
	thumbprint, modulus := sha1.Sum(certificate), rsaPair().N.Bytes()
	long := &rsa.PublicKey{N: new(big.Int).SetBytes(oddModulus(4104)), E: 65537}
	chain := func(der []byte) []string { return []string{base64.StdEncoding.EncodeToString(der)} }
	return []oddity{
		{"x5c and x5t of its own", jwkText(rsaMembers("odd"), "x5c", chain(certificate), "x5t", b64(thumbprint[:])), ""},
		{"x5t of the hexadecimal spelling", jwkText(rsaMembers("odd"), "x5c", chain(certificate), "x5t", b64([]byte(hex.EncodeToString(thumbprint[:])))), ""},
		{"A22e x5c of another key", jwkText(rsaMembers("odd"), "x5c", chain(stranger)), causeCertificate},
		{"K21 x5c of another key, and a number", jwkText(rsaMembers("odd"), "x5c", []any{chain(stranger)[0], 1}), causeCertificate},
		{"K21 x5c of another key type", jwkText(ecMembers("a"), "x5c", chain(certificate)), causeCertificate},
		{"K21 x5c of another key, 4104 bits", jwkText(rsaMembers("odd"), "n", b64(long.N.Bytes()), "x5c", chain(certificate)), causeCertificate},
		{"K21 x5c of its own, 4104 bits", jwkText(rsaMembers("odd"), "n", b64(long.N.Bytes()), "x5c", chain(certificateFor(t, long))), ""},
		{"K21 x5c of its own, issued by another", jwkText(rsaMembers("odd"), "x5c", append(chain(certificate), chain(stranger)...)), ""},
		{"K21 x5c malformed", jwkText(rsaMembers("odd"), "x5c", []string{"MIIC"}), ""},
		{"K21 x5c truncated", jwkText(rsaMembers("odd"), "x5c", chain(stranger[:100])), ""},
		{"K21 x5c a string", jwkText(rsaMembers("odd"), "x5c", "MIIC"), ""},
		{"K21 x5c an empty string", jwkText(rsaMembers("odd"), "x5c", ""), ""},
		{"K21 x5c empty", jwkText(rsaMembers("odd"), "x5c", []string{}), ""},
		{"K21 x5c of an empty string", jwkText(rsaMembers("odd"), "x5c", []string{""}), ""},
		{"K21 x5c of numbers", jwkText(rsaMembers("odd"), "x5c", []any{1}), ""},
		{"K21 x5c null, 4104 bits", strings.Replace(jwkText(rsaMembers("odd"), "n", b64(long.N.Bytes())), "{", `{"x5c":null,`, 1), ""},
		{"K21 x5t of another certificate", jwkText(rsaMembers("odd"), "x5c", chain(certificate), "x5t", b64(modulus[:20])), ""},
		{"K21 x5t too short", jwkText(rsaMembers("odd"), "x5t", b64(modulus[:19])), ""},
		{"K21 x5t in hexadecimal", jwkText(rsaMembers("odd"), "x5t", hex.EncodeToString(thumbprint[:])), ""},
		{"K21 x5t a number", jwkText(rsaMembers("odd"), "x5t", 5, "x5t#S256", []any{}), ""},
	}
}

func certificateOf(t testing.TB, key *rsa.PrivateKey) []byte {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// certificateFor is a certificate of a key whose owner need not be there.
func certificateFor(t testing.TB, public *rsa.PublicKey) []byte {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(3)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, rsaPair())
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func strangersCertificate(t testing.TB) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}
