// Package proof judges DPoP proofs (RFC 9449): whoever sends a token proves with
// each request that it holds the key to which the token is bound.
//
// [Rules.Judge] decides about one proof. It is a function of the proof, the token,
// the request and the clock, and changes nothing. What it returns names the proof
// and the last instant at which it could pass, and the caller claims that name, in
// a [Memory] or elsewhere, when nothing else can refuse the request any more: a
// name that is claimed for a refused request would burn the proof of an honest
// client.
//
// The order of the checks bounds what garbage costs. The text of the header comes
// first, then the thumbprint of its key, so that only a key to which an
// authorization server has bound this very token is ever built; then the claims,
// and the signature last.
package proof
