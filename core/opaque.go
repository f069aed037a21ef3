package core

import (
	"strings"
	"time"
)

// maxOpaque is the length of a token that an issuer is asked about. Opaque tokens
// are references, and short.
const maxOpaque = 4 << 10

// isOpaque tells a token that an issuer may be asked about from what a JWT or a JWE
// looks like, well-formed or not: one of those may be another issuer's, which must
// not learn of it. It is a token68 (RFC 9110 section 11.2).
func isOpaque(token string) bool {
	if token == "" || len(token) > maxOpaque {
		return false
	}
	if dots := strings.Count(token, "."); dots == 2 || dots == 4 {
		return false
	}
	text := strings.TrimRight(token, "=")
	for i := range len(text) {
		c := text[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~+/", c) >= 0) {
			return false
		}
	}
	return text != ""
}

// judgeFinding holds an opaque token against everything that a JWT is held against,
// as far as the issuer has said it.
func (iss *issuer) judgeFinding(f *finding, p *payload, how presentation, now time.Time) *Refusal {
	p.paths = iss.paths
	switch {
	case f.named && p.Issuer != iss.Issuer:
		return refuse(ReasonWrongIssuer, &mismatch{"iss", p.Issuer, []string{iss.Issuer}})
	case f.kind != "":
		return refuse(ReasonWrongType, &mismatch{"token_type, token_use or typ", f.kind, []string{"an access token"}})
	}
	// What reads claims by their issuer, as a list of revoked tokens does, must find it.
	p.Issuer = iss.Issuer
	if refusal := iss.judgeShape(p); refusal != nil {
		return refusal
	}
	if refusal := iss.judgeDates(p.Claims, now); refusal != nil {
		return refusal
	}
	if len(p.Audience) > 0 {
		if refusal := iss.judgeAudience(p); refusal != nil {
			return refusal
		}
	}
	if refusal := iss.judgeClient(p); refusal != nil {
		return refusal
	}
	if f.proofs && p.confirmation.jkt == "" && p.confirmation.wrong == "" {
		return refuseBinding(notShown, &mismatch{"cnf", "no jkt beside token_type DPoP", []string{"the key of the proof"}})
	}
	return iss.judgeConfirmation(p.confirmation, how)
}
