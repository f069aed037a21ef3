package core

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a shared HMAC key of at least the hash's size: 32 octets for
// HS256, 48 for HS384, 64 for HS512 (RFC 7518 section 3.2). Everyone who can
// verify with it can also sign with it. It prints as [secret], whoever prints
// it: fmt, log/slog and encoding/json.
type Secret []byte

// maxSecrets are as many as a change of secrets needs, and more.
const maxSecrets = 4

const hidden = "[secret]"

// String keeps a Secret out of text.
func (Secret) String() string { return hidden }

// Format keeps a Secret out of what fmt prints, whatever the verb.
func (Secret) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, hidden) }

// LogValue keeps a Secret out of log/slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText keeps a Secret out of encoding/json and what else marshals text.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
