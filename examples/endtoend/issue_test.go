package endtoend

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
)

// startIssuer serves an issuer on loopback until the test ends.
func startIssuer(t *testing.T, path string, algorithm core.Algorithm) (*issue.Issuer, string) {
	t.Helper()
	var issuer *issue.Issuer
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { issuer.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	store := issue.FileStore(filepath.Join(t.TempDir(), "ring"))
	issuer, err := issue.New(issue.Config{Issuer: server.URL + path, Keys: issue.Ring{Store: store, Algorithm: algorithm}})
	if err != nil {
		t.Fatal(err)
	}
	return issuer, server.URL + path
}

func issued(t *testing.T, issuer *issue.Issuer) string {
	t.Helper()
	token, err := issuer.Sign(t.Context(), issue.Claims{Subject: "alice", ClientID: "web", Audience: []string{api}, Scopes: []string{"orders:ship"}})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// npm jose takes the tokens of core/issue by the documents that it serves, before and after a rotation, and
// refuses those of a key that leaked.
func TestJoseTakesIssuedTokens(t *testing.T) {
	for algorithm, path := range map[core.Algorithm]string{core.ES256: "", core.RS256: "/realm", core.PS256: "", core.EdDSA: "", core.Ed25519: ""} {
		t.Run(string(algorithm), func(t *testing.T) {
			issuer, url := startIssuer(t, path, algorithm)
			verify := func(tokens ...string) []string {
				t.Helper()
				command := node(t, "verify.mjs", url, api)
				command.Stdin = strings.NewReader(strings.Join(tokens, "\n") + "\n")
				output, err := command.Output()
				if err != nil {
					t.Fatal(err)
				}
				return strings.Split(strings.TrimSpace(string(output)), "\n")
			}
			accepted := fmt.Sprintf("alice by %s", algorithm)
			before := issued(t, issuer)
			if err := issuer.Rotate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := verify(before, issued(t, issuer)); got[0] != accepted || got[1] != accepted {
				t.Errorf("got %q, want %q twice", got, accepted)
			}
			if err := issuer.Replace(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := verify(before, issued(t, issuer)); got[0] != "ERR_JWKS_NO_MATCHING_KEY" || got[1] != accepted {
				t.Errorf("after Replace: got %q, want the first refused and %q", got, accepted)
			}
		})
	}
}

// golang-jwt takes them with the same key set.
func TestGolangJWTTakesIssuedTokens(t *testing.T) {
	for _, algorithm := range []core.Algorithm{core.ES256, core.ES384, core.RS256, core.PS256, core.EdDSA} {
		t.Run(string(algorithm), func(t *testing.T) {
			issuer, url := startIssuer(t, "", algorithm)
			token := issued(t, issuer)
			_, body := send(t, http.MethodGet, url+"/.well-known/jwks.json", nil, "")
			var set jose.JSONWebKeySet
			if err := json.Unmarshal(body, &set); err != nil {
				t.Fatal(err)
			}
			parsed, err := jwt.Parse(token, func(token *jwt.Token) (any, error) {
				keys := set.Key(token.Header["kid"].(string))
				if len(keys) != 1 {
					return nil, fmt.Errorf("got %d keys, want 1", len(keys))
				}
				return keys[0].Key, nil
			}, jwt.WithValidMethods([]string{string(algorithm)}), jwt.WithIssuer(url), jwt.WithAudience(api), jwt.WithExpirationRequired(), jwt.WithIssuedAt())
			if err != nil {
				t.Fatal(err)
			}
			if subject, err := parsed.Claims.GetSubject(); subject != "alice" || err != nil {
				t.Errorf("got subject %q and %v, want alice", subject, err)
			}
		})
	}
}

// gin and fiber services verify them by discovery, over HTTP.
func TestServicesTakeIssuedTokens(t *testing.T) {
	issuer, url := startIssuer(t, "/realm", core.ES256)
	services := serve(t, core.Config{Issuer: url, Audiences: []string{api}, Profile: core.ProfileRFC9068})
	expect(t, services, "/ship", issued(t, issuer), "200 alice by ES256")
}
