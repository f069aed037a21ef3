package main

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"

	"github.com/go-jose/go-jose/v4"

	"github.com/jwtmw/jwtmw/core"
)

// candidate is one key, for the verifier and for go-jose.
type candidate struct {
	source core.KeySource
	public any // or the secret
}

// apart returns every key by itself, those that the verifier skips too.
func (k keys) apart() []candidate {
	switch source := k.source.(type) {
	case core.Secret:
		return []candidate{{source, []byte(source)}}
	case core.PEM:
		return pemKeys(source)
	}
	var all []candidate
	for _, text := range jwksOf(k.document) {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(text) == nil {
			all = append(all, candidate{core.JWKSDocument(`{"keys":[` + string(text) + `]}`), key})
		}
	}
	return all
}

func pemKeys(text []byte) (all []candidate) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if key := blockKey(block); key != nil {
			all = append(all, candidate{core.PEM(pem.EncodeToMemory(block)), key})
		}
	}
	return all
}

// blockKey is nil for what is no public key, which the verifier has refused.
func blockKey(block *pem.Block) (key any) {
	switch block.Type {
	case "PUBLIC KEY":
		key, _ = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		if rsa, err := x509.ParsePKCS1PublicKey(block.Bytes); err == nil {
			key = rsa
		}
	case "CERTIFICATE":
		if certificate, err := x509.ParseCertificate(block.Bytes); err == nil {
			key = certificate.PublicKey
		}
	}
	return key
}

// jwksOf returns the keys of a document that the verifier has read more
// strictly already.
func jwksOf(document []byte) []json.RawMessage {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	_ = json.Unmarshal(document, &set)
	return set.Keys
}
