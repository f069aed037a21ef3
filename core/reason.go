package core

import (
	"errors"
	"net/http"
)

// Reason says in one stable word why a request was refused. Values are never
// renamed; new ones may come.
type Reason string

// The reasons, with the status each is answered with.
const (
	// The request.
	ReasonNoToken          Reason = "no_token"          // 401, bare challenge
	ReasonMultipleTokens   Reason = "multiple_tokens"   // 400: more than one token, or two Authorization headers
	ReasonMalformedRequest Reason = "malformed_request" // 400: Bearer without exactly one word, or control characters
	ReasonCrossOrigin      Reason = "cross_origin"      // 403: a cookie sent by another site's page with an unsafe method

	// The token.
	ReasonTokenTooLong      Reason = "token_too_long"     // 401: over 16 KiB
	ReasonMalformedToken    Reason = "malformed_token"    // 401: not a compact JWS of strict JSON
	ReasonUnsupportedHeader Reason = "unsupported_header" // 401: crit, b64 or zip
	ReasonWrongAlgorithm    Reason = "wrong_algorithm"    // 401: alg not pinned, or not the key's
	ReasonWrongType         Reason = "wrong_type"         // 401: typ, or the shape of an ID token
	ReasonMalformedClaims   Reason = "malformed_claims"   // 401: a registered claim of the wrong JSON type
	ReasonMissingClaim      Reason = "missing_claim"      // 401: exp, or a claim that MaxAge or RFC 9068 requires
	ReasonWrongIssuer       Reason = "wrong_issuer"       // 401: iss names no trusted issuer
	ReasonWrongAudience     Reason = "wrong_audience"     // 401: aud does not name this service
	ReasonWrongClient       Reason = "wrong_client"       // 401: the client is not among Clients
	ReasonExpired           Reason = "expired"            // 401: exp is now or in the past
	ReasonNotYetValid       Reason = "not_yet_valid"      // 401: nbf is in the future
	ReasonIssuedInFuture    Reason = "issued_in_future"   // 401: iat is in the future
	ReasonTooOld            Reason = "too_old"            // 401: iat is longer ago than MaxAge
	ReasonSenderConstraint  Reason = "sender_constraint"  // 401: cnf binds it to a key, and nobody proved possession; or it is bound to none and has to be
	ReasonUnacceptableClaim Reason = "unacceptable_claim" // 401: what Config.RequireClaims asks for is not met
	ReasonUnknownKey        Reason = "unknown_key"        // 401: no key of the issuer, or no single one, is meant
	ReasonBadSignature      Reason = "bad_signature"      // 401: the signature does not match
	ReasonRevoked           Reason = "revoked"            // 401: Config.Revoked said so
	ReasonInactive          Reason = "inactive"           // 401: Introspection: its issuer says that it is not active

	// The proof that the sender holds the token's key (RFC 9449).
	ReasonInvalidProof  Reason = "invalid_proof"  // 401: absent, malformed, or made for another request or token
	ReasonReplayedProof Reason = "replayed_proof" // 401: it was used before
	ReasonUseDPoPNonce  Reason = "use_dpop_nonce" // 401: it must carry the nonce that DPoP-Nonce answers

	// The answer cannot be known now.
	ReasonKeysUnavailable          Reason = "keys_unavailable"          // 503: the issuer's keys cannot be had
	ReasonRevocationUnavailable    Reason = "revocation_unavailable"    // 503: Config.Revoked failed
	ReasonReplayUnavailable        Reason = "replay_unavailable"        // 503: DPoP.Replays failed, or the memory of proofs is full
	ReasonIntrospectionUnavailable Reason = "introspection_unavailable" // 503: Introspection: the issuer's answer cannot be had or read

	// The token is valid; it does not suffice.
	ReasonInsufficientScope          Reason = "insufficient_scope"          // 403: a scope is missing
	ReasonForbidden                  Reason = "forbidden"                   // 403: another requirement is not met
	ReasonInsufficientAuthentication Reason = "insufficient_authentication" // 401: step-up, RFC 9470

	// The service is at fault.
	ReasonMisconfigured Reason = "misconfigured"  // 500: no Verifier, or Require without a guard before it
	ReasonInternal      Reason = "internal_error" // 500: an error that is no Refusal
)

// The sentinels group the reasons for errors.Is. The 400s, the 500s,
// ReasonRevocationUnavailable, ReasonReplayUnavailable and
// ReasonIntrospectionUnavailable belong to none.
var (
	// ErrNoToken: the request carries no token. 401.
	ErrNoToken = errors.New("no token")
	// ErrInvalidToken: the token is malformed, expired, of another issuer or
	// otherwise not valid, or the proof that belongs to it is not. 401.
	ErrInvalidToken = errors.New("invalid token")
	// ErrForbidden: the token is valid and does not grant what is asked, or it
	// came in a cookie with another site's request. 403, or 401 where stronger
	// authentication would help (RFC 9470).
	ErrForbidden = errors.New("forbidden")
	// ErrKeysUnavailable: the issuer's keys cannot be had, so nobody knows
	// whether the token is valid. 503.
	ErrKeysUnavailable = errors.New("keys unavailable")
)

var sentinels = []error{ErrNoToken, ErrInvalidToken, ErrForbidden, ErrKeysUnavailable}

// answer is what a reason means to a client. The detail is the
// error_description and the text of the error: ASCII without quotes (RFC 6750
// section 3), and nothing of the token.
type answer struct {
	status    int
	challenge challengeKind
	sentinel  error
	detail    string
}

// worded is an answer with the challenge of a Guard that adds nothing to it, so
// that a refusal costs no wording.
type worded struct {
	answer
	plain string
}

// answers has an entry for every Reason.
var answers = word(map[Reason]answer{
	ReasonNoToken:          {http.StatusUnauthorized, bareChallenge, ErrNoToken, "a token is required"},
	ReasonMultipleTokens:   {http.StatusBadRequest, invalidRequest, nil, "the request carries more than one token"},
	ReasonMalformedRequest: {http.StatusBadRequest, invalidRequest, nil, "the token is not sent as RFC 6750 describes"},
	ReasonCrossOrigin:      {http.StatusForbidden, noChallenge, ErrForbidden, "the request comes from another origin"},

	ReasonTokenTooLong:      {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the token is too long"},
	ReasonMalformedToken:    {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the token is malformed"},
	ReasonUnsupportedHeader: {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the token has an unsupported header parameter"},
	ReasonWrongAlgorithm:    {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the token is signed with an algorithm that is not accepted"},
	ReasonWrongType:         {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the token is not of an accepted type"},
	ReasonMalformedClaims:   {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "a claim of the token is malformed"},
	ReasonMissingClaim:      {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the token lacks a required claim"},
	ReasonWrongIssuer:       {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the token is not from a trusted issuer"},
	ReasonWrongAudience:     {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the token is not meant for this service"},
	ReasonWrongClient:       {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the token was issued to a client that is not accepted"},
	ReasonExpired:           {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the token has expired"},
	ReasonNotYetValid:       {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the token is not valid yet"},
	ReasonIssuedInFuture:    {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the token was issued in the future"},
	ReasonTooOld:            {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the token was issued too long ago"},
	ReasonSenderConstraint:  {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the token is bound to a key and is no bearer token"},
	ReasonUnacceptableClaim: {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "a claim of the token is not acceptable"},
	ReasonUnknownKey:        {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the token is signed with an unknown key"},
	ReasonBadSignature:      {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the signature of the token is not valid"},
	ReasonRevoked:           {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the token has been revoked"},
	ReasonInactive:          {http.StatusUnauthorized, invalidToken, ErrInvalidToken, "the token is not active"},

	ReasonInvalidProof:  {http.StatusUnauthorized, invalidProof, ErrInvalidToken, "the DPoP proof is missing or not valid for this request"},
	ReasonReplayedProof: {http.StatusUnauthorized, invalidProof, ErrInvalidToken, "the DPoP proof was used before"},
	ReasonUseDPoPNonce:  {http.StatusUnauthorized, useNonce, ErrInvalidToken, "the DPoP proof must carry the nonce of this service"},

	ReasonKeysUnavailable:          {http.StatusServiceUnavailable, noChallenge, ErrKeysUnavailable, "the keys to verify the token are not available"},
	ReasonRevocationUnavailable:    {http.StatusServiceUnavailable, noChallenge, nil, "the revocation status of the token is not available"},
	ReasonReplayUnavailable:        {http.StatusServiceUnavailable, noChallenge, nil, "whether the DPoP proof was used before cannot be known now"},
	ReasonIntrospectionUnavailable: {http.StatusServiceUnavailable, noChallenge, nil, "whether the token is active cannot be known now"},

	ReasonInsufficientScope:          {http.StatusForbidden, insufficientScope, ErrForbidden, "the token does not grant a required scope"},
	ReasonForbidden:                  {http.StatusForbidden, insufficientScope, ErrForbidden, "the token does not permit this request"},
	ReasonInsufficientAuthentication: {http.StatusUnauthorized, insufficientAuthentication, ErrForbidden, "a more recent or stronger authentication is required"},

	ReasonMisconfigured: {http.StatusInternalServerError, noChallenge, nil, "the service is not configured to verify tokens"},
	ReasonInternal:      {http.StatusInternalServerError, noChallenge, nil, "the request could not be judged"},
})

func word(answers map[Reason]answer) map[Reason]worded {
	all := make(map[Reason]worded, len(answers))
	for reason, a := range answers {
		all[reason] = worded{a, wording{}.challenge(a.challenge, a.detail, nil)}
	}
	return all
}
