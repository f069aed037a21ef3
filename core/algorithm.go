package core

import "github.com/jwtmw/jwtmw/core/internal/jws"

// Algorithm is the JOSE name of a signature algorithm, as it stands in the
// "alg" header (RFC 7518 section 3.1, RFC 8037, RFC 9864, RFC 9964).
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

// ML-DSA (RFC 9964), made to withstand quantum computers. None is accepted by
// default. A program verifies them if it was built with Go 1.27 or later; in any
// other, New refuses their names. Keys are JWKs of kty AKP, which need an "alg",
// or PEM.
//
// Signatures are long. A token with 400 octets of claims is 3.9 kB with ML-DSA-44,
// 5.1 kB with ML-DSA-65 and 6.8 kB with ML-DSA-87, and must fit every limit on its
// way:
//
//   - 16 KiB for a token, here;
//   - 4 KiB for a whole request head in fasthttp and so in fiber, which answers 431
//     beyond: set fiber.Config.ReadBufferSize to 16 KiB for any of the three;
//   - 8 KiB for one header line in nginx by default (large_client_header_buffers),
//     and in many a proxy for the whole head;
//   - 4 KiB for a cookie in browsers, into which ML-DSA-44 fits barely and the
//     others do not.
//
// A DPoP proof brings its key along and would be larger still: DPoP.Algorithms
// takes none of them. A key in a key set is 1.8, 2.6 and 3.5 kB: the 1 MiB of
// Fetch.MaxBytes hold 290 of the largest.
const (
	MLDSA44 Algorithm = "ML-DSA-44"
	MLDSA65 Algorithm = "ML-DSA-65"
	MLDSA87 Algorithm = "ML-DSA-87"
)

// everyAlgorithm does not hold "none".
var everyAlgorithm = []jws.Algorithm{
	jws.HS256, jws.HS384, jws.HS512, jws.RS256, jws.RS384, jws.RS512, jws.PS256, jws.PS384, jws.PS512,
	jws.ES256, jws.ES384, jws.ES512, jws.EdDSA, jws.Ed25519, jws.MLDSA44, jws.MLDSA65, jws.MLDSA87,
}
