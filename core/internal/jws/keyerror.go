package jws

// What is wrong with a key: the values of [KeyError.Cause].
const (
	CauseKeyType     = "key_type"     // neither a public key nor a secret
	CauseRSASize     = "rsa_size"     // modulus below 2048 or above 8192 bits
	CauseRSAModulus  = "rsa_modulus"  // even modulus
	CauseRSAExponent = "rsa_exponent" // exponent even, below 3 or above 2^31-1
	CauseROCA        = "roca"         // modulus made by a generator with CVE-2017-15361
	CauseCurve       = "curve"        // curve other than P-256, P-384 and P-521
	CausePoint       = "point"        // not a point of the curve
	CauseEncoding    = "encoding"     // Ed25519 or ML-DSA key of the wrong size, or Ed25519 not reduced
	CauseLowOrder    = "low_order"    // Ed25519 point of order 1, 2, 4 or 8
	CauseSecretSize  = "secret_size"  // secret shorter than 32 octets
)

// KeyError says why [NewKey] refuses a key.
type KeyError struct {
	Cause  string // one of the Cause constants, fit for a label
	Detail string // got and want, for the log
}

// Error returns both fields. It holds nothing secret.
func (e *KeyError) Error() string {
	return "unusable key: " + e.Cause + ": " + e.Detail
}
