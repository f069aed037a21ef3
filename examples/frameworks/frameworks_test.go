package frameworks

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// framework starts a service on loopback and returns what calls it.
type framework func(t *testing.T, g core.Guard) service

// service calls a method with these bearer tokens, each in a field of its own.
type service struct {
	scoped func(tokens ...string) answer // needs orders:read
	any    func(tokens ...string) answer // needs a valid token; nil: the service has no such method
}

// answer is what a client sees, the status as HTTP counts.
type answer struct {
	status             int
	challenge, subject string
	retryAfter         bool // the answer says when to come back
}

var frameworks = map[string]framework{
	"mux":               func(t *testing.T, g core.Guard) service { return startHTTP(t, Mux(g)) },
	"huma":              func(t *testing.T, g core.Guard) service { return startHTTP(t, Huma(g)) },
	"chi":               func(t *testing.T, g core.Guard) service { return startHTTP(t, Chi(g)) },
	"connect":           startConnect,
	"connect, gRPC-Web": startConnectWeb,
	"connect, stream":   startConnectStream,
}

func TestAnswers(t *testing.T) {
	const bare = "Bearer"
	tests := []struct {
		name   string
		tokens func(*jwttest.Issuer) []string
		down   bool
		want   answer
	}{
		{"a good token", good, false, answer{status: http.StatusOK, subject: jwttest.Subject}},
		{"no token", none, false, answer{status: http.StatusUnauthorized, challenge: bare}},
		{"an expired token", func(i *jwttest.Issuer) []string {
			return []string{i.Token(map[string]any{"exp": time.Now().Add(-time.Hour)})}
		}, false, answer{status: http.StatusUnauthorized,
			challenge: `Bearer error="invalid_token", error_description="the token has expired"`}},
		{"two tokens", func(i *jwttest.Issuer) []string { return append(good(i), good(i)...) }, false,
			answer{status: http.StatusBadRequest,
				challenge: `Bearer error="invalid_request", error_description="the request carries more than one token"`}},
		{"a wrong scope", func(i *jwttest.Issuer) []string { return []string{i.Token(map[string]any{"scope": "email"})} }, false,
			answer{status: http.StatusForbidden,
				challenge: `Bearer error="insufficient_scope", error_description="the token does not grant a required scope", scope="orders:read"`}},
		{"the issuer is down", good, true, answer{status: http.StatusServiceUnavailable, retryAfter: true}},
	}
	for name, start := range frameworks {
		for _, test := range tests {
			t.Run(name+"/"+test.name, func(t *testing.T) {
				issuer := jwttest.NewIssuer("")
				if test.down {
					issuer.Misbehave(jwttest.Fail(http.StatusInternalServerError))
				}
				got := start(t, guardOf(t, issuer)).scoped(test.tokens(issuer)...)
				if got != test.want {
					t.Errorf("got %+v, want %+v", got, test.want)
				}
			})
		}
	}
}

func TestAnyValidToken(t *testing.T) {
	for name, start := range frameworks {
		t.Run(name, func(t *testing.T) {
			issuer := jwttest.NewIssuer("")
			service := start(t, guardOf(t, issuer))
			if service.any == nil {
				return // its only method asks for a scope
			}
			if got := service.any(issuer.Token(nil)).status; got != http.StatusOK {
				t.Errorf("a token without a scope: got status %d, want 200", got)
			}
			if got := service.any().status; got != http.StatusUnauthorized {
				t.Errorf("no token: got status %d, want 401", got)
			}
		})
	}
}

// TestNoVerifier holds that a guard that was forgotten is found at start-up.
func TestNoVerifier(t *testing.T) {
	for name, start := range frameworks {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, "Guard.Verifier") {
					t.Errorf("got panic %q, want one that names Guard.Verifier", got)
				}
			}()
			start(t, core.Guard{})
		})
	}
}

func good(i *jwttest.Issuer) []string {
	return []string{i.Token(map[string]any{"scope": "orders:read"})}
}

func none(*jwttest.Issuer) []string { return nil }

func guardOf(t *testing.T, issuer *jwttest.Issuer) core.Guard {
	t.Helper()
	verifier, err := core.New(core.Config{
		Issuer:    issuer.URL(),
		Audiences: []string{jwttest.Audience},
		Keys:      core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return core.Guard{Verifier: verifier}
}
