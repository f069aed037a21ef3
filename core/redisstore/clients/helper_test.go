package clients

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// claims are those of a token with that jti.
func claims(t *testing.T, i *jwttest.Issuer, id string) *core.Claims {
	t.Helper()
	text, err := json.Marshal(map[string]any{"iss": i.URL(), "jti": id, "sub": "alice", "iat": time.Now().Unix()})
	if err != nil {
		t.Fatal(err)
	}
	c := new(core.Claims)
	if err := json.Unmarshal(text, c); err != nil {
		t.Fatal(err)
	}
	return c
}
