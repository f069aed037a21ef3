package issue

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/jwtmw/jwtmw/core"
)

// Secrets are HS256 secrets, newest first: the first signs, and Issuer.Config
// verifies with any. One to 4 of 32 random octets at least (RFC 7518 section
// 3.2); they are copied. Nothing is published: the key set is empty, and whoever
// verifies has the secret, and can sign with it.
//
// HS256 is right where one team runs both sides and nobody else verifies. See
// the package comment on how to leave it.
type Secrets [][]byte

const (
	minSecret  = sha256.Size
	maxSecrets = 4 // as many as package core verifies with
)

const secretText = "[secret]"

// Format writes [secret] for every verb, in the place of all of them.
func (s Secrets) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, secretText) }

// MarshalText is Format for encoding/json and log/slog.
func (s Secrets) MarshalText() ([]byte, error) { return []byte(secretText), nil }

// verifying returns the secrets as package core takes them.
func (s Secrets) verifying() core.Secrets {
	verifying := make(core.Secrets, len(s))
	for i, secret := range s {
		verifying[i] = bytes.Clone(secret)
	}
	return verifying
}

func (s Secrets) open(c Config) (source, error) {
	var found mistakes
	if len(s) == 0 || len(s) > maxSecrets {
		found.addf("Secrets has %d entries, want 1 to %d", len(s), maxSecrets)
	}
	kept := make(Secrets, len(s))
	for i, secret := range s {
		if len(secret) < minSecret {
			found.addf("Secrets[%d] has %d octets, want at least %d (RFC 7518 section 3.2)", i, len(secret), minSecret)
		}
		kept[i] = bytes.Clone(secret)
	}
	if err := errors.Join(found...); err != nil {
		return nil, err
	}
	header, err := headerOf(core.HS256, "", c.Type)
	if err != nil {
		return nil, err
	}
	signing := &key{algorithm: core.HS256, header: header, signature: func(_ context.Context, input []byte) ([]byte, error) {
		mac := hmac.New(sha256.New, kept[0])
		mac.Write(input)
		return mac.Sum(nil), nil
	}}
	table := newTimetable([]slot{{key: signing}}, c.Lifetime)
	table.maxAge = defaultMaxAge
	return &fixed{table: table, secrets: kept}, nil
}
