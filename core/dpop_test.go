package core_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// The service of these tests, as its clients reach it.
const (
	apiURL    = "https://api.example.com"
	ordersURL = apiURL + "/orders"
)

// proofStage is a service with DPoP in force, and a client of it.
type proofStage struct {
	*jwttest.Issuer
	prover *jwttest.Prover
	guard  core.Guard
	log    *logbook
}

func newProofStage(t testing.TB, edit func(*core.Config), tokens ...core.TokenSource) *proofStage {
	t.Helper()
	s := &proofStage{Issuer: jwttest.NewIssuer(""), prover: jwttest.NewProver("ES256"), log: &logbook{}}
	config := s.Config()
	config.Logger = s.log.logger()
	config.DPoP = core.DPoP{URLs: []string{apiURL}}
	if edit != nil {
		edit(&config)
	}
	s.guard = core.Guard{Verifier: mustNew(t, config), Tokens: tokens}
	return s
}

// bound is a token that is bound to the client's key.
func (s *proofStage) bound() string { return s.boundTo(s.prover.Confirmation()) }

func (s *proofStage) boundTo(cnf any) string {
	return s.Token(map[string]any{"cnf": cnf}, jwttest.Algorithm("ES256"))
}

func (s *proofStage) unbound() string { return s.Token(nil, jwttest.Algorithm("ES256")) }

// proof is a good one for GET /orders, unless it is spoilt.
func (s *proofStage) proof(token string, claims map[string]any, options ...jwttest.TokenOption) string {
	return s.prover.Proof("GET", ordersURL, token, claims, options...)
}

// sent is one request and what must become of it.
type sent struct {
	name   string
	method string // default GET
	target string // default /orders
	lines  []string
	want   outcome
}

// outcome is how a request is answered. The zero outcome lets it pass.
type outcome struct {
	reason core.Reason
	scheme string // of the challenge that stands first
}

// The verdicts of the matrix.
var (
	passes      outcome
	badProof    = outcome{core.ReasonInvalidProof, "DPoP"}
	replayed    = outcome{core.ReasonReplayedProof, "DPoP"}
	notTheirs   = outcome{core.ReasonSenderConstraint, "DPoP"}
	bearsBound  = outcome{core.ReasonSenderConstraint, "Bearer"}
	wantsNonce  = outcome{core.ReasonUseDPoPNonce, "DPoP"}
	unavailable = outcome{core.ReasonReplayUnavailable, ""}
)

// codes are what RFC 9449 and RFC 6750 call the reasons.
var codes = map[core.Reason]string{
	core.ReasonInvalidProof: "invalid_dpop_proof", core.ReasonReplayedProof: "invalid_dpop_proof", core.ReasonUseDPoPNonce: "use_dpop_nonce",
	core.ReasonMultipleTokens: "invalid_request", core.ReasonMalformedRequest: "invalid_request", core.ReasonInsufficientScope: "insufficient_scope",
	core.ReasonInsufficientAuthentication: "insufficient_user_authentication", core.ReasonNoToken: "", core.ReasonReplayUnavailable: "",
}

// dpop is a request with a token by the scheme DPoP, and proofs.
func dpop(name string, want outcome, token string, proofs ...string) sent {
	lines := []string{"Authorization: DPoP " + token}
	for _, proof := range proofs {
		lines = append(lines, "DPoP: "+proof)
	}
	return sent{name: name, lines: lines, want: want}
}

// byBearer is a request with a token by the scheme Bearer.
func byBearer(name string, want outcome, token string, lines ...string) sent {
	return sent{name: name, lines: append([]string{"Authorization: Bearer " + token}, lines...), want: want}
}

func (r sent) request(t testing.TB) *http.Request {
	t.Helper()
	method, target := r.method, r.target
	if method == "" {
		method = "GET"
	}
	if target == "" {
		target = "/orders"
	}
	request := httptest.NewRequest(method, "/", nil)
	request.RequestURI = target // as it stood on the wire, sound or not
	for _, line := range r.lines {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Host" {
			request.Host = value
			continue
		}
		request.Header.Add(name, value)
	}
	return request
}

func (s *proofStage) check(t testing.TB, r sent) (*core.Claims, *core.Refusal) {
	t.Helper()
	ctx, err := s.guard.Check(t.Context(), core.HTTPRequest(r.request(t)))
	claims, _ := core.FromContext(ctx)
	return claims, core.RefusalOf(err)
}

// judge sends a request and holds the answer against the wanted one.
func (s *proofStage) judge(t testing.TB, r sent) *core.Refusal {
	t.Helper()
	claims, refusal := s.check(t, r)
	if r.want == passes {
		if refusal != nil {
			t.Fatalf("got %q (%v), want it to pass", refusal.Reason, refusal.Unwrap())
		}
		if claims == nil || claims.Subject != jwttest.Subject {
			t.Errorf("got claims %v, want those of %q", claims, jwttest.Subject)
		}
		return nil
	}
	if refusal == nil {
		t.Fatalf("got it to pass, want %q", r.want.reason)
	}
	if refusal.Reason != r.want.reason {
		t.Errorf("got reason %q (%v), want %q", refusal.Reason, refusal.Unwrap(), r.want.reason)
	}
	mustSayInFirst(t, refusal, r.want)
	text := refusal.Error() + refusal.Challenge
	for _, line := range s.log.take(t) {
		text += line.text
	}
	for _, line := range r.lines {
		for _, word := range strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '.' }) {
			if len(word) > 80 && strings.Contains(text, word) {
				t.Errorf("got %.300q told or logged, want nothing of %.40q", text, word)
			}
		}
	}
	return refusal
}

// mustSayInFirst wants the error in the first challenge.
func mustSayInFirst(t testing.TB, refusal *core.Refusal, want outcome) {
	t.Helper()
	code, known := codes[want.reason]
	if !known {
		code = "invalid_token"
	}
	begin := want.scheme
	if code != "" && begin != "" {
		begin += ` error="` + code + `"`
	}
	if !strings.HasPrefix(refusal.Challenge, begin) || begin == "" && refusal.Challenge != "" {
		t.Errorf("got challenge %q, want it to begin with %q", refusal.Challenge, begin)
	}
}

func TestDPoP(t *testing.T) {
	s := newProofStage(t, nil)
	for _, rows := range []func(*testing.T, *proofStage) []sent{
		schemeRows, typeRows, algorithmRows, jwkRows, keyRows, textRows, signatureRows, confirmationRows, hashRows, methodRows, hostRows, pathRows, urlRows, claimRows,
	} {
		for _, row := range rows(t, s) {
			t.Run(row.name, func(t *testing.T) { s.judge(t, row) })
		}
	}
	token := s.bound()
	if claims, _ := s.check(t, dpop("", passes, token, s.proof(token, nil))); claims == nil || claims.Bound != "jkt" {
		t.Errorf("got %v, want claims that are bound by jkt after all that", claims)
	}
}

// The algorithms of proofs, by default.
func TestDPoPAlgorithms(t *testing.T) {
	for _, alg := range []string{"ES256", "PS256", "RS256", "Ed25519", "EdDSA"} {
		t.Run(alg, func(t *testing.T) {
			s := newProofStage(t, nil)
			s.prover = jwttest.NewProver(alg)
			token := s.bound()
			s.judge(t, dpop("", passes, token, s.proof(token, nil)))
		})
	}
}

// A token that was verified without a request proves nothing.
func TestDPoPVerifySeesNoRequest(t *testing.T) {
	s := newProofStage(t, nil)
	if _, err := s.guard.Verifier.Verify(context.Background(), s.bound()); reasonOf(err) != core.ReasonSenderConstraint {
		t.Errorf("got %v, want sender_constraint", err)
	}
	if _, err := s.guard.Verifier.Verify(context.Background(), s.unbound()); err != nil {
		t.Errorf("got %v, want an unbound token to pass", err)
	}
	remembering := newProofStage(t, func(c *core.Config) { c.TokenCache = 1 })
	token := remembering.bound()
	remembering.judge(t, dpop("", passes, token, remembering.proof(token, nil)))
	if _, err := remembering.guard.Verifier.Verify(context.Background(), token); reasonOf(err) != core.ReasonSenderConstraint {
		t.Errorf("got %v for a token that is remembered, want sender_constraint", err)
	}
	required := newProofStage(t, func(c *core.Config) { c.DPoP.Required = true })
	if _, err := required.guard.Verifier.Verify(context.Background(), required.unbound()); reasonOf(err) != core.ReasonSenderConstraint {
		t.Errorf("got %v, want sender_constraint where DPoP is required", err)
	}
}
