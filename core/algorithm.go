package core

import "github.com/jwtmw/jwtmw/core/internal/jws"

// Algorithm is the JOSE name of a signature algorithm, as it stands in the
// "alg" header (RFC 7518 section 3.1, RFC 8037, RFC 9864).
type Algorithm string

// The algorithms that a Config may name. Ed25519 (RFC 9864) and EdDSA use the
// same signature but are pinned apart, as two names.
const (
	HS256   Algorithm = "HS256"
	HS384   Algorithm = "HS384"
	HS512   Algorithm = "HS512"
	RS256   Algorithm = "RS256"
	RS384   Algorithm = "RS384"
	RS512   Algorithm = "RS512"
	PS256   Algorithm = "PS256"
	PS384   Algorithm = "PS384"
	PS512   Algorithm = "PS512"
	ES256   Algorithm = "ES256"
	ES384   Algorithm = "ES384"
	ES512   Algorithm = "ES512"
	EdDSA   Algorithm = "EdDSA"
	Ed25519 Algorithm = "Ed25519"
)

// everyAlgorithm does not hold "none".
var everyAlgorithm = []jws.Algorithm{
	jws.HS256, jws.HS384, jws.HS512, jws.RS256, jws.RS384, jws.RS512, jws.PS256, jws.PS384, jws.PS512,
	jws.ES256, jws.ES384, jws.ES512, jws.EdDSA, jws.Ed25519,
}
