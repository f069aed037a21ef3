package keyset

import "github.com/jwtmw/jwtmw/core/internal/jws"

// Why a JWK is left out: every name that Stats.Skipped, Fetched.Skipped and Set.Skipped can hold. They are fit for a label.
const (
	causeMalformed    = "malformed"     // no strict JSON object, a member is missing or of a wrong type, bad base64url
	causeSecret       = "secret"        // kty oct: a secret that others can read
	causePrivate      = "private"       // carries private parameters
	causeUse          = "use"           // "use" other than sig
	causeKeyOps       = "key_ops"       // "key_ops" without verify
	causeAlgorithm    = "algorithm"     // "alg" that this key cannot do
	causeMaterial     = "material"      // go-jose refuses it: off the curve, of a wrong length, an exponent of 0 or 1
	causeCertificate  = "certificate"   // "x5c" starts with a certificate of another key
	causeDuplicateKid = "duplicate_kid" // shares its kid with a different key

	causeKeyType     = jws.CauseKeyType     // kty other than RSA, EC, OKP and AKP, or AKP in a program of a Go before 1.27
	causeCurve       = jws.CauseCurve       // crv other than P-256, P-384, P-521 and Ed25519
	causeRSASize     = jws.CauseRSASize     // modulus below 2048 or above 8192 bits
	causeRSAModulus  = jws.CauseRSAModulus  // even modulus
	causeRSAExponent = jws.CauseRSAExponent // exponent even, below 3 or above 2^31-1
	causeROCA        = jws.CauseROCA        // modulus from a generator with CVE-2017-15361
	causeEncoding    = jws.CauseEncoding    // Ed25519 key that is not reduced, or an ML-DSA key that crypto/mldsa refuses
	causeLowOrder    = jws.CauseLowOrder    // Ed25519 point of order 1, 2, 4 or 8
	causePoint       = jws.CausePoint       // not a point of its curve
)
