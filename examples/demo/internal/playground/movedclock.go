package playground

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core/issue"
)

// movedSealer stands between a ring, which goes by the computer's clock, and its
// document, whose times are those of a clock that is ahead of it. To the ring a
// key that began yesterday by the moved clock began yesterday.
type movedSealer struct {
	issue.Sealer
	ahead time.Duration
}

// Seal seals the document with its times as the moved clock says them.
func (s movedSealer) Seal(ctx context.Context, plain []byte) ([]byte, error) {
	moved, err := moveTimes(plain, s.ahead)
	if err != nil {
		return nil, err
	}
	return s.Sealer.Seal(ctx, moved)
}

// Open opens the document with its times as the computer's clock says them.
func (s movedSealer) Open(ctx context.Context, sealed []byte) ([]byte, error) {
	plain, err := s.Sealer.Open(ctx, sealed)
	if err != nil {
		return nil, err
	}
	return moveTimes(plain, -s.ahead)
}

// moveTimes moves "from" and "until" of every key of a ring's document.
func moveTimes(document []byte, by time.Duration) ([]byte, error) {
	var ring map[string]json.RawMessage
	var keys []map[string]json.RawMessage
	if err := json.Unmarshal(document, &ring); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(ring["keys"], &keys); err != nil {
		return nil, err
	}
	for _, key := range keys {
		for _, name := range []string{"from", "until"} {
			var at time.Time
			if err := json.Unmarshal(key[name], &at); err != nil {
				return nil, err
			}
			key[name], _ = json.Marshal(at.Add(by)) // of a time: fails only beyond the year 9999
		}
	}
	ring["keys"], _ = json.Marshal(keys) // of JSON: never fails
	return json.Marshal(ring)
}

// keyIDOf reads the kid of a token that this process has signed.
func keyIDOf(token string) string {
	header, _, _ := strings.Cut(token, ".")
	text, _ := base64.RawURLEncoding.DecodeString(header)
	var members struct {
		KeyID string `json:"kid"`
	}
	_ = json.Unmarshal(text, &members)
	return members.KeyID
}
