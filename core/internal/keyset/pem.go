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

// ParsePEM reads every block of a PEM file: PUBLIC KEY (RFC 7468 section 13), RSA PUBLIC KEY (PKCS #1) and CERTIFICATE,
// of which only the key is taken. Neither a certificate's validity period nor who signed it is judged: the file is
// trusted because its owner configured it. A private key, any other block, a key that is too weak and text outside
// the blocks are errors.
func ParsePEM(data []byte) ([]*jws.Key, error) {
	var keys []*jws.Key
	rest := bytes.TrimSpace(data)
	for len(rest) > 0 {
		// pem.Decode would search the text for the next block; what it jumps over is likely a damaged key.
		if !bytes.HasPrefix(rest, []byte("-----BEGIN ")) {
			return nil, errors.New("PEM: got text outside the blocks")
		}
		first := rest
		block, after := pem.Decode(rest)
		if block == nil || bytes.Count(first[:len(first)-len(after)], []byte("-----BEGIN ")) != 1 {
			return nil, errors.New("PEM: got a damaged block")
		}
		key, err := blockKey(block)
		if err != nil {
			return nil, fmt.Errorf("PEM block %d: %w", len(keys)+1, err)
		}
		keys = append(keys, key)
		rest = bytes.TrimSpace(after)
	}
	if len(keys) == 0 {
		return nil, errors.New("PEM: got no block, want a public key or a certificate")
	}
	return keys, nil
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
