package playground

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

const maxLifetime = 365 * 24 * 60 * 60 // seconds

// order is the token that the page asks for.
type order struct {
	Algorithm string `json:"algorithm"`
	Lifetime  int64  `json:"lifetime"` // seconds; below zero for a token that has expired
	Audience  string `json:"audience"` // empty: the token has no "aud"
	Scopes    string `json:"scopes"`   // separated by blanks; empty: the token has no "scope"
	Bound     bool   `json:"bound"`    // to the key of the page's client
}

type minted struct {
	Token string `json:"token"`
}

func (p *playground) mint(_ context.Context, o order) (minted, error) {
	if !slices.Contains(jwttest.Algorithms(), o.Algorithm) {
		return minted{}, fmt.Errorf("got algorithm %.64q, want one of %s", o.Algorithm, strings.Join(jwttest.Algorithms(), ", "))
	}
	if o.Lifetime < -maxLifetime || o.Lifetime > maxLifetime {
		return minted{}, fmt.Errorf("got a lifetime of %d s, want at most a year", o.Lifetime)
	}
	claims := map[string]any{
		"jti":   rand.Text()[:8], // tokens of one second differ
		"exp":   time.Now().Unix() + o.Lifetime,
		"aud":   orAbsent(strings.TrimSpace(o.Audience)),
		"scope": orAbsent(strings.Join(strings.Fields(o.Scopes), " ")),
	}
	if o.Bound {
		claims["cnf"] = p.prover.Confirmation()
	}
	return minted{p.issuer.Token(claims, jwttest.Algorithm(o.Algorithm))}, nil
}

// orAbsent leaves a claim out that nobody filled in.
func orAbsent(value string) any {
	if value == "" {
		return nil
	}
	return value
}
