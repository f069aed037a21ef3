package core

import (
	"slices"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// judgeType tells access tokens from what else the issuer signs (RFC 8725
// section 3.11).
func (iss *issuer) judgeType(h jws.Header, p *payload) *Refusal {
	typ := mediaType(h.Type)
	accepted := slices.ContainsFunc(iss.Types, func(want string) bool { return sameMediaType(typ, want) })
	// "" in Types accepts a typ that is absent, and not one that says nothing.
	if h.HasType && h.Type == "" || !accepted {
		return refuse(ReasonWrongType, &mismatch{"typ", h.Type, iss.Types})
	}
	return iss.judgeShape(p)
}

// judgeShape is for the many issuers that give everything they sign the type JWT, or
// none. The shape tells, whatever aud is: some give ID tokens and access tokens the
// same.
func (iss *issuer) judgeShape(p *payload) *Refusal {
	if iss.Profile == ProfileLogoutToken {
		return judgeLogoutToken(p)
	}
	if p.events {
		return refuse(ReasonWrongType, &mismatch{"events", "a security event or logout token", []string{"an access token"}})
	}
	if p.nonce && p.hashed && iss.Profile != ProfileIDToken {
		return refuse(ReasonWrongType, &mismatch{"nonce", "an ID token: nonce beside at_hash or c_hash", []string{"an access token"}})
	}
	return nil
}

// judgeLogoutToken tells a logout token from an ID token, which the same key may
// have signed for the same client (OpenID Connect Back-Channel Logout 1.0
// sections 2.4 and 2.6).
func judgeLogoutToken(p *payload) *Refusal {
	const event = "http://schemas.openid.net/event/backchannel-logout"
	if happened, ok := p.find([]string{"events", event}); !ok || happened.Kind() != '{' {
		return refuse(ReasonWrongType, &mismatch{"events", "no logout", []string{"an object with an object as " + event}})
	}
	if p.nonce {
		return refuse(ReasonWrongType, &mismatch{"nonce", "a nonce, as an ID token has", []string{"none"}})
	}
	return nil
}

// judgeProfile asks for the claims that a profile requires beyond those that
// every token must have.
func (iss *issuer) judgeProfile(p *payload) *Refusal {
	switch {
	case iss.Profile == "":
		return nil
	case iss.Profile == ProfileLogoutToken:
		return judgeEnded(p)
	case p.Subject == "":
		return missing("sub")
	case p.IssuedAt.IsZero():
		return missing("iat")
	case iss.Profile == ProfileIDToken: // OpenID Connect Core 1.0 section 2
		return nil
	case p.clients[0] == "": // RFC 9068 section 2.2; azp and its like do not stand in
		return missing("client_id")
	case p.ID == "":
		return missing("jti")
	}
	return nil
}

// judgeEnded asks a logout token what it ends: a session, or all of a user's.
func judgeEnded(p *payload) *Refusal {
	if p.ID == "" {
		return missing("jti")
	}
	session, ok := p.find([]string{"sid"})
	sid, isText := session.Text()
	switch {
	case ok && (!isText || sid == ""):
		return refuse(ReasonMalformedClaims, &mismatch{"sid", string(session), []string{"a string"}})
	case !ok && p.Subject == "":
		return missing("sid or sub")
	}
	return nil
}
