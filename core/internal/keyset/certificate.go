package keyset

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"io"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// checkCertificate refuses a key if the first certificate of its x5c holds another one (RFC 7517 section 4.7). Everything
// else about a certificate is ignored, because nothing here trusts one: real issuers publish good keys beside an x5t in
// hexadecimal, an empty x5c, or a certificate that Go does not parse.
func (k *jwk) checkCertificate(public crypto.PublicKey) error {
	if k.x5c == "" {
		return nil // most keys: not worth the two errors below
	}
	var first string
	_ = jws.ReadArray(string(k.x5c), func(value jws.Value) error {
		first, _ = value.Text()
		return io.EOF // the others are of those who issued it
	})
	der, err := base64.StdEncoding.DecodeString(first)
	if err != nil {
		return nil
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil || certificate.PublicKey == nil { // nil: of an algorithm that Go does not know
		return nil
	}
	own, comparing := public.(interface{ Equal(crypto.PublicKey) bool })
	if !comparing || !own.Equal(certificate.PublicKey) {
		return &jws.KeyError{Cause: causeCertificate, Detail: "got an x5c whose first certificate holds another key"}
	}
	return nil
}
