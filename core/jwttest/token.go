package jwttest

import (
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Lifetime is the time from now to the "exp" of a token whose claims name none.
const Lifetime = 5 * time.Minute

// Token returns a good token in compact serialisation, unless claims or options spoil it. It is signed with RS256 and
// its header says alg, kid and typ "JWT".
//
// The payload holds the given claims and, where they say nothing, iss [Issuer.URL], sub [Subject], aud [Audience], iat
// now and exp now + [Lifetime]. A nil value leaves the claim out: {"exp": nil} makes a token without exp. A
// [time.Time] becomes a number of seconds, a json.RawMessage stands as it is.
//
// Token panics if a claim cannot be written as JSON.
func (i *Issuer) Token(claims map[string]any, options ...TokenOption) string {
	request := tokenRequest{alg: "RS256"}
	for _, option := range options {
		option(&request)
	}
	payload := payloadOf(i.identifier, claims)
	switch {
	case request.unsigned:
		header := map[string]any{"alg": "none", "typ": "JWT"}
		overlay(header, request.header)
		return Compact(mustJSON(header), payload, nil)
	case request.hmac:
		header := map[string]any{"alg": request.alg, "typ": "JWT"}
		overlay(header, request.header)
		return SignHMAC(request.alg, request.secret, mustJSON(header), payload)
	}
	key := i.keys.current(request.alg)
	header := map[string]any{"alg": request.alg, "kid": key.id, "typ": "JWT"}
	if request.header == nil && request.alg != "Ed25519" { // go-jose knows Ed25519 as EdDSA only
		return key.signWithJose(header, payload)
	}
	overlay(header, request.header)
	return key.sign(mustJSON(header), payload)
}

// TokenOption changes how [Issuer.Token] makes a token. Of two that say different things, the later one holds.
type TokenOption func(*tokenRequest)

// Algorithm signs with the issuer's key for the algorithm, one of [Algorithms]. Default: RS256.
func Algorithm(name string) TokenOption {
	return func(r *tokenRequest) { r.alg, r.hmac, r.unsigned = name, false, false }
}

// HMAC signs with HS256, HS384 or HS512 under any secret, such as a public key that a verifier might mistake for one
// ([Issuer.PublicKeyEncodings]). The header names no kid unless [KeyID] follows.
func HMAC(alg string, secret []byte) TokenOption {
	return func(r *tokenRequest) { r.alg, r.secret, r.hmac, r.unsigned = alg, secret, true, false }
}

// Unsigned makes an unsecured token (RFC 7519, section 6): alg "none", no kid and an empty signature.
func Unsigned() TokenOption {
	return func(r *tokenRequest) { r.unsigned = true }
}

// Header sets members of the header, alg included, without a change to the way the token is signed. A nil value
// removes the member.
func Header(members map[string]any) TokenOption {
	return func(r *tokenRequest) {
		if r.header == nil {
			r.header = map[string]any{}
		}
		for name, value := range members {
			r.header[name] = value
		}
	}
}

// KeyID sets the header's "kid".
func KeyID(kid string) TokenOption { return Header(map[string]any{"kid": kid}) }

// Type sets the header's "typ", such as "at+jwt".
func Type(typ string) TokenOption { return Header(map[string]any{"typ": typ}) }

// tokenRequest is what the options of one token ask for.
type tokenRequest struct {
	alg      string
	header   map[string]any
	hmac     bool
	secret   []byte
	unsigned bool
}

// payloadOf is what a good token says, but for what claims says otherwise.
func payloadOf(issuer string, claims map[string]any) []byte {
	return mustJSON(membersOf(issuer, claims))
}

func membersOf(issuer string, claims map[string]any) map[string]any {
	now := time.Now()
	payload := map[string]any{
		"iss": issuer,
		"sub": Subject,
		"aud": Audience,
		"iat": now.Unix(),
		"exp": now.Add(Lifetime).Unix(),
	}
	overlay(payload, claims)
	return payload
}

// signWithJose signs ordinary tokens with an implementation that is not ours, so that a mistake made here and in the
// verifier alike cannot hide.
func (k *signingKey) signWithJose(header map[string]any, payload []byte) string {
	options := &jose.SignerOptions{}
	for name, value := range header {
		if name != "alg" {
			options.WithHeader(jose.HeaderKey(name), value)
		}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(k.alg), Key: k.private}, options)
	if err != nil {
		panic(fmt.Sprintf("jwttest: %v", err))
	}
	signed := must(signer.Sign(payload))
	return must(signed.CompactSerialize())
}
