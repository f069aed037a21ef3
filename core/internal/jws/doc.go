// Package jws takes compact JSON Web Signatures apart and verifies them
// (RFC 7515, RFC 7518, RFC 8037, RFC 9864, RFC 9964).
//
// One token goes through four calls: [Split] cuts the text at its two dots,
// [AppendDecode] turns a segment into octets, [ParseHeader] reads the header
// and [Key.Verify] judges the signature. The package knows neither claims nor
// the network, and it makes no choice of trust: which algorithms may be used,
// and which key belongs to a token, the caller decides. What it does guarantee
// is that a [Key] verifies only what fits its own type and strength, whatever
// the header of a token says, and that the key a header may carry (jwk, x5c) or
// point to (jku, x5u) is never looked at (RFC 8725 sections 3.1 and 3.10).
//
// Each token has exactly one accepted spelling, but for one exception: where
// (r, s) is an ECDSA signature, so is (r, n-s), and nothing in RFC 7518
// forbids it. So the text of a token does not identify it. Never key a deny list by it.
package jws
