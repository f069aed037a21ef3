package core_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// refusals reaches every Reason once, with all that a client may see of it.
var refusals = []struct {
	reason   core.Reason
	refuse   func(s *stage) error
	status   int
	code     string // the "error" of the challenge; "bare" for a challenge without one, "" for no challenge
	sentinel error
}{
	{core.ReasonNoToken, request(nil), 401, "bare", core.ErrNoToken},
	{core.ReasonMultipleTokens, request(http.Header{"Authorization": {"Bearer a", "Bearer b"}}), 400, "invalid_request", nil},
	{core.ReasonMalformedRequest, request(http.Header{"Authorization": {"Bearer a b"}}), 400, "invalid_request", nil},
	{core.ReasonCrossOrigin, crossOrigin, 403, "", core.ErrForbidden},
	{core.ReasonTokenTooLong, verify(func(*stage) string { return strings.Repeat("A", 20000) }), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonMalformedToken, verify(func(*stage) string { return "x" }), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonUnsupportedHeader, verify(func(s *stage) string { return s.withHeader(`{"alg":"ES256","crit":["x"]}`) }), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonWrongAlgorithm, verify(func(s *stage) string { return s.Token(nil, jwttest.Algorithm("PS256")) }), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonWrongType, verify(func(s *stage) string { return s.Token(nil, jwttest.Type("dpop+jwt")) }), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonMalformedClaims, claims(map[string]any{"exp": "x"}), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonMissingClaim, claims(map[string]any{"exp": nil}), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonWrongIssuer, claims(map[string]any{"iss": "x"}), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonWrongAudience, claims(map[string]any{"aud": "x"}), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonWrongClient, claims(map[string]any{"azp": "x"}), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonExpired, claims(map[string]any{"exp": 1}), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonNotYetValid, claims(map[string]any{"nbf": 9999999999}), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonIssuedInFuture, claims(map[string]any{"iat": 9999999999}), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonTooOld, claims(map[string]any{"iat": 1}), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonSenderConstraint, claims(map[string]any{"cnf": map[string]any{}}), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonUnknownKey, verify(func(s *stage) string { return s.Token(web, jwttest.KeyID("x")) }), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonBadSignature, verify(func(s *stage) string { return strings.Join(strings.Split(s.Token(web), ".")[:2], ".") + ".AAAA" }), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonRevoked, claims(map[string]any{"jti": "revoked"}), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonUnacceptableClaim, claims(map[string]any{"token_use": "id"}), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonKeysUnavailable, keysDown, 503, "", core.ErrKeysUnavailable},
	{core.ReasonRevocationUnavailable, claims(map[string]any{"jti": "unknown"}), 503, "", nil},
	{core.ReasonInactive, asked(nil), 401, "invalid_token", core.ErrInvalidToken},
	{core.ReasonIntrospectionUnavailable, asked(jwttest.Fail(500)), 503, "", nil},
	{core.ReasonInvalidProof, proved(nil), 401, "invalid_dpop_proof", core.ErrInvalidToken},
	{core.ReasonReplayedProof, proved(func(c *core.Config) {
		c.DPoP.Replays = storeFunc(func(context.Context, string, time.Duration) (bool, error) { return false, nil })
	}), 401, "invalid_dpop_proof", core.ErrInvalidToken},
	{core.ReasonUseDPoPNonce, proved(withNonces(nonceSecret)), 401, "use_dpop_nonce", core.ErrInvalidToken},
	{core.ReasonReplayUnavailable, proved(func(c *core.Config) {
		c.DPoP.Replays = storeFunc(func(context.Context, string, time.Duration) (bool, error) { return false, io.ErrUnexpectedEOF })
	}), 503, "", nil},
	{core.ReasonInsufficientScope, require(core.Scope("x")), 403, "insufficient_scope", core.ErrForbidden},
	{core.ReasonForbidden, require(core.Role("x")), 403, "insufficient_scope", core.ErrForbidden},
	{core.ReasonInsufficientAuthentication, require(core.ACR("x")), 401, "insufficient_user_authentication", core.ErrForbidden},
	{core.ReasonMisconfigured, require(nil), 500, "", nil},
	{core.ReasonInternal, func(*stage) error { return core.RefusalOf(errors.New("alice@example.com")) }, 500, "", nil},
}

// web are the claims that newRefusalStage asks for.
var web = map[string]any{"azp": "web", "token_use": "access"}

func request(header http.Header) func(*stage) error {
	return func(s *stage) error {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header = header
		_, err := core.Guard{Verifier: s.verifier}.Check(context.Background(), core.HTTPRequest(r))
		return err
	}
}

// proved sends a good proof where edit has something against it, and otherwise none.
func proved(edit func(*core.Config)) func(*stage) error {
	return func(*stage) error {
		issuer, prover := jwttest.NewIssuer(""), jwttest.NewProver("ES256")
		config := issuer.Config()
		config.DPoP = core.DPoP{URLs: []string{apiURL}, Algorithms: []core.Algorithm{core.ES256}, Required: true}
		config.Logger = slog.New(slog.DiscardHandler)
		r := httptest.NewRequest("GET", ordersURL, nil)
		prover.Sign(r, issuer.Token(map[string]any{"cnf": prover.Confirmation()}))
		if edit == nil {
			r.Header.Del("DPoP")
		} else {
			edit(&config)
		}
		_, err := core.MustGuard(config).Check(context.Background(), core.HTTPRequest(r))
		return err
	}
}

// asked is about an opaque token that is not active, or cannot be known to be.
func asked(fault jwttest.Fault) func(*stage) error {
	return func(*stage) error {
		issuer := jwttest.NewIssuer("")
		issuer.Misbehave(fault)
		config := issuer.OpaqueConfig()
		config.Logger = slog.New(slog.DiscardHandler)
		_, err := core.MustGuard(config).Check(context.Background(), get("Authorization", "Bearer opaque"))
		return err
	}
}

func crossOrigin(s *stage) error {
	r := httptest.NewRequest("POST", "/", nil)
	r.AddCookie(&http.Cookie{Name: "session", Value: s.Token(nil)})
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	_, err := core.Guard{Verifier: s.verifier, Tokens: []core.TokenSource{core.FromCookie("session")}}.Check(context.Background(), core.HTTPRequest(r))
	return err
}

func verify(token func(*stage) string) func(*stage) error {
	return func(s *stage) error {
		_, err := s.verifier.Verify(context.Background(), token(s))
		return err
	}
}

// claims are faulty ones in a token that is good otherwise.
func claims(faulty map[string]any) func(*stage) error {
	all := maps.Clone(web)
	maps.Copy(all, faulty)
	return verify(func(s *stage) string { return s.withClaims(all) })
}

func require(r core.Requirement) func(*stage) error {
	return func(s *stage) error {
		request := httptest.NewRequest("GET", "/", nil)
		request.Header.Set("Authorization", "Bearer "+s.Token(web))
		ctx, err := core.Guard{Verifier: s.verifier}.Check(context.Background(), core.HTTPRequest(request))
		if err != nil {
			return err
		}
		return core.Require(ctx, r)
	}
}

func keysDown(s *stage) error {
	config := goodConfig()
	config.Keys = core.JWKSFile("testdata/there-is-no-such-file")
	v, err := core.New(config)
	if err != nil {
		return err
	}
	_, err = v.Verify(context.Background(), s.Token(nil))
	return err
}

func newRefusalStage(t testing.TB) *stage {
	t.Helper()
	return newStage(t, func(c *core.Config) {
		c.MaxAge = time.Hour
		c.Clients = []string{"web"}
		c.RequireClaims = []core.Requirement{core.ClaimIn([]string{"token_use"}, "access")}
		c.Revoked = func(_ context.Context, c *core.Claims) (bool, error) {
			if c.ID == "unknown" {
				return false, io.ErrUnexpectedEOF
			}
			return c.ID == "revoked", nil
		}
	})
}

func TestEveryReason(t *testing.T) {
	s := newRefusalStage(t)
	for _, test := range refusals {
		t.Run(string(test.reason), func(t *testing.T) {
			err := test.refuse(s)
			r := core.RefusalOf(err)
			if r == nil || r.Reason != test.reason || r.Status != test.status || r.StatusCode() != test.status {
				t.Fatalf("got %+v (%v), want %d %s", r, errors.Unwrap(r), test.status, test.reason)
			}
			for _, sentinel := range []error{core.ErrNoToken, core.ErrInvalidToken, core.ErrForbidden, core.ErrKeysUnavailable} {
				if got := errors.Is(err, sentinel); got != (sentinel == test.sentinel) {
					t.Errorf("got errors.Is(%v) %t", sentinel, got)
				}
			}
			mustChallenge(t, r, test.code)
			mustHaveBody(t, r)
			if (r.RetryAfter >= time.Second) != (r.Status == 503) {
				t.Errorf("got RetryAfter %v with status %d", r.RetryAfter, r.Status)
			}
		})
	}
}

func mustChallenge(t *testing.T, r *core.Refusal, code string) {
	t.Helper()
	if code == "" {
		if r.Challenge != "" {
			t.Errorf("got challenge %q, want none", r.Challenge)
		}
		return
	}
	c := parseChallenge(t, r.Challenge)
	want := "Bearer"
	if strings.Contains(code, "dpop") {
		want = "DPoP"
	}
	if c.scheme != want {
		t.Errorf("got scheme %q, want %s", c.scheme, want)
	}
	if code == "bare" {
		if r.Challenge != "Bearer" {
			t.Errorf("got %q, want Bearer alone (RFC 6750 section 3.1)", r.Challenge)
		}
		return
	}
	description := c.params["error_description"]
	if c.params["error"] != code || description != r.Error() || description == "" {
		t.Errorf("got %v, want error %q and the description %q", c.params, code, r.Error())
	}
	// RFC 6750 section 3: no quotes and no backslash in these two.
	if strings.ContainsAny(description+code, `"\`) {
		t.Errorf("got %q, want no quotes and no backslash", description)
	}
}

// mustHaveBody wants the problem details of RFC 9457 section 3.1.
func mustHaveBody(t *testing.T, r *core.Refusal) {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]any
	if err := json.Unmarshal(text, &body); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"type": "about:blank", "title": http.StatusText(r.Status), "status": float64(r.Status), "detail": r.Error(), "reason": string(r.Reason)}
	if fmt.Sprint(body) != fmt.Sprint(want) {
		t.Errorf("got body %v, want %v", body, want)
	}
	for _, secret := range []string{"alice", "example.com", "issuer.test", "unexpected EOF", "no-such-file"} {
		if strings.Contains(string(text)+r.Challenge, secret) {
			t.Errorf("got %s and %q, want nothing of the cause", text, r.Challenge)
		}
	}
}

// A Reason without a row above is a Reason that nobody has seen.
func TestEveryReasonIsTested(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []core.Reason
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Names) == 1 && strings.HasPrefix(spec.Names[0].Name, "Reason") {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			declared = append(declared, core.Reason(text))
		}
		return true
	})
	var tested []core.Reason
	for _, test := range refusals {
		tested = append(tested, test.reason)
	}
	slices.Sort(declared)
	slices.Sort(tested)
	if len(declared) < 20 || !slices.Equal(declared, tested) {
		t.Errorf("got rows for %q, want one for each constant of reason.go: %q", tested, declared)
	}
	for _, reason := range declared {
		if strings.Trim(string(reason), "abcdefghijklmnopqrstuvwxyz_") != "" {
			t.Errorf("got %q, want lower_snake", reason)
		}
	}
}

func TestRefusalOf(t *testing.T) {
	_, refused := new(core.Verifier).Verify(t.Context(), "x")
	plain := errors.New("alice")
	if got := core.RefusalOf(nil); got != nil {
		t.Errorf("got %v, want nil for nil", got)
	}
	for name, err := range map[string]error{
		"itself": refused, "wrapped": fmt.Errorf("handler: %w", refused), "joined": errors.Join(plain, refused),
	} {
		if got := core.RefusalOf(err); error(got) != refused {
			t.Errorf("%s: got %v, want the very Refusal", name, got)
		}
	}
	for name, err := range map[string]error{"other": plain, "context": context.Canceled, "nil pointer": (*core.Refusal)(nil)} {
		got := core.RefusalOf(err)
		if got.Status != 500 || got.Reason != core.ReasonInternal || got.Challenge != "" || strings.Contains(got.Error(), "alice") {
			t.Errorf("%s: got %+v, want 500 internal_error", name, got)
		}
		if errors.Is(got, core.ErrInvalidToken) { // must not panic either
			t.Errorf("%s: got ErrInvalidToken", name)
		}
		if got.Unwrap() == nil || got.Unwrap().Error() == "" {
			t.Errorf("%s: got no cause, want one for the log", name)
		}
	}
}

func TestRefusalHeaders(t *testing.T) {
	for _, test := range []struct {
		name    string
		refusal core.Refusal
		want    []string
	}{
		{"nothing", core.Refusal{}, nil},
		{"challenge", core.Refusal{Challenge: "Bearer"}, []string{"WWW-Authenticate: Bearer"}},
		{"a second", core.Refusal{RetryAfter: time.Second}, []string{"Retry-After: 1"}},
		{"rounded up", core.Refusal{RetryAfter: 1500 * time.Millisecond}, []string{"Retry-After: 2"}},
		{"a nanosecond", core.Refusal{RetryAfter: 1}, []string{"Retry-After: 1"}},
		{"both", core.Refusal{Challenge: "Bearer", RetryAfter: time.Minute}, []string{"WWW-Authenticate: Bearer", "Retry-After: 60"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			test.refusal.SetHeaders(func(name, value string) { got = append(got, name+": "+value) })
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
