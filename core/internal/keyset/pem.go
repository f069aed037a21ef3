package keyset

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// ParsePEM reads every block of a PEM file: PUBLIC KEY (RFC 7468 section 13), RSA PUBLIC KEY (PKCS #1) and CERTIFICATE, of
// which it takes the key alone. It judges neither a certificate's validity period nor who signed it: the file is trusted
// because its owner configured it. Text outside the blocks is ignored (RFC 7468 section 2). A private key, any other block,
// a damaged block and a key that is too weak are errors.
func ParsePEM(data []byte) ([]*jws.Key, error) {
	var keys []*jws.Key
	for len(data) > 0 {
		line, after, _ := bytes.Cut(data, []byte("\n"))
		if !bytes.HasPrefix(line, []byte("-----BEGIN ")) {
			if strayBoundary(line) {
				return nil, errDamagedPEM
			}
			data = after
			continue
		}
		block, rest := pem.Decode(data)
		// Decode looks for the next good block if this one is damaged, and would leave out a key that its owner put there.
		if block == nil || bytes.Count(data[:len(data)-len(rest)], []byte("-----BEGIN ")) != 1 {
			return nil, errDamagedPEM
		}
		key, err := blockKey(block)
		if err != nil {
			return nil, fmt.Errorf("PEM block %d: %w", len(keys)+1, err)
		}
		keys, data = append(keys, key), rest
	}
	if len(keys) == 0 {
		return nil, errors.New("PEM: got no block, want a public key or a certificate")
	}
	return keys, nil
}

var errDamagedPEM = errors.New("PEM: got a damaged block")

// strayBoundary says that a line outside the blocks looks like the first or the last line of one: indented, with a dash too
// few, or alone. The block that it belongs to must not pass as text.
func strayBoundary(line []byte) bool {
	return bytes.Contains(line, []byte("--")) && (bytes.Contains(line, []byte("BEGIN ")) || bytes.Contains(line, []byte("END ")))
}

func blockKey(block *pem.Block) (*jws.Key, error) {
	var public any
	var err error
	switch {
	case block.Type == "PUBLIC KEY":
		public, err = x509.ParsePKIXPublicKey(block.Bytes)
	case block.Type == "RSA PUBLIC KEY":
		public, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case block.Type == "CERTIFICATE":
		public, err = certificateKey(block.Bytes)
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return nil, errors.New("got a private key, want its public key: a verifier must not hold the private one")
	default:
		return nil, fmt.Errorf("got type %q, want PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE", cut(block.Type))
	}
	if err != nil {
		return nil, err
	}
	return jws.NewKey(public)
}

func certificateKey(der []byte) (any, error) {
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return certificate.PublicKey, nil
}
