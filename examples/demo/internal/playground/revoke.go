package playground

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/revoke"
)

// revocation ends a token before it expires.
type revocation struct {
	Which string `json:"which"` // "token", or "user": every token that this user has by now
	Token string `json:"token"`
}

type revoked struct {
	What string `json:"what"` // is on the list now
}

// revoke puts the token or its user on the list that the services ask. A page that
// plays with tokens need not verify this one: to revoke lets nobody in.
func (p *playground) revoke(ctx context.Context, r revocation) (revoked, error) {
	claims, err := claimsOf(r.Token)
	if err != nil {
		return revoked{}, err
	}
	entry, what := revoke.Entry{Issuer: p.issuer.URL()}, ""
	switch {
	case r.Which == "token" && claims.ID != "":
		entry.ID, what = claims.ID, "the token "+claims.ID
	case r.Which == "user" && claims.Subject != "":
		entry.Subject, entry.Before, what = claims.Subject, time.Now(), "what "+claims.Subject+" was given until now"
	case r.Which == "token" || r.Which == "user":
		return revoked{}, errors.New("got a token without the jti or the sub that a list could name")
	default:
		return revoked{}, fmt.Errorf("got %.64q to revoke, want token or user", r.Which)
	}
	entry.Until = time.Now().Add(maxLifetime * time.Second) // no token of this page lives longer
	return revoked{what}, p.list.Add(ctx, entry)
}

func claimsOf(token string) (*core.Claims, error) {
	var claims core.Claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("got no token to revoke")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, fmt.Errorf("read the payload: %w", err)
	}
	return &claims, claims.UnmarshalJSON(payload)
}
