package core_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// attack is one token that must not pass. Its name begins with the row of the
// attack matrix that it belongs to, see testdata/rows.txt.
type attack struct {
	name  string
	token string
	want  core.Reason
}

// newAttackStage has a key for each algorithm, no leeway, and nothing left that an
// unknown kid could spend: from here on every request sent is a mistake.
func newAttackStage(t testing.TB) *stage {
	t.Helper()
	s := newStage(t, func(c *core.Config) { c.Leeway = core.NoLeeway }, asymmetric...)
	s.spend(t)
	return s
}

func TestAttacks(t *testing.T) {
	s := newAttackStage(t)
	for _, list := range []func(*stage) []attack{
		algorithmAttacks, confusionAttacks, signatureAttacks, embeddedKeyAttacks, keyIDAttacks, criticalAttacks,
		headerAttacks, encodingAttacks, formatAttacks, sizeAttacks, typeAttacks,
		syntaxAttacks, unicodeAttacks, nameAttacks, dateAttacks, audienceAttacks, issuerAttacks, bindingAttacks,
	} {
		for _, a := range list(s) {
			t.Run(a.name, func(t *testing.T) { s.mustRefuse(t, a) })
		}
	}
	// A token that passes says that the stage still stands.
	if _, err := s.verifier.Verify(t.Context(), s.withClaims(nil)); err != nil {
		t.Errorf("got %v, want a good token to pass after all attacks", err)
	}
}

// mustRefuse tries one attack: the reason, the status, silence towards the
// client, one log line without the token, and not one request sent.
func (s *stage) mustRefuse(t *testing.T, a attack) {
	t.Helper()
	s.log.take(t)
	before := s.outbound.requests.Load()
	claims, err := s.verifier.Verify(t.Context(), a.token)
	if got := reasonOf(err); got != a.want {
		t.Fatalf("got reason %q (%v), want %q", got, errors.Unwrap(core.RefusalOf(err)), a.want)
	}
	if claims != nil {
		t.Errorf("got claims %v, want none", claims)
	}
	if got := s.outbound.requests.Load() - before; got != 0 {
		t.Errorf("got %d requests sent, want none", got)
	}
	refusal := core.RefusalOf(err)
	if refusal.Status != 401 || !errors.Is(err, core.ErrInvalidToken) {
		t.Errorf("got status %d, errors.Is(ErrInvalidToken) %t, want 401 and true", refusal.Status, errors.Is(err, core.ErrInvalidToken))
	}
	mustNotTell(t, refusal, a.token)
	mustLogOnce(t, s.log.take(t), a)
}

// mustNotTell holds what a client gets to see against the token.
func mustNotTell(t *testing.T, refusal *core.Refusal, token string) {
	t.Helper()
	body, err := json.Marshal(refusal)
	if err != nil {
		t.Fatalf("body: %v", err)
	}
	told := refusal.Error() + "\n" + refusal.Challenge + "\n" + string(body)
	for _, secret := range append(segments(token), jwttest.Subject, jwttest.DefaultURL, jwttest.Audience, "kid") {
		if strings.Contains(told, secret) {
			t.Errorf("got %.200q for the client, want nothing of the token's %.64q", told, secret)
		}
	}
	for _, r := range told {
		if r > '~' {
			t.Errorf("got %q for the client, want ASCII", told)
		}
	}
	if kind := parseChallenge(t, refusal.Challenge).params["error"]; kind != "invalid_token" {
		t.Errorf("got error %q in the challenge, want invalid_token", kind)
	}
}

// mustLogOnce wants one line for a refusal, and no token in it.
func mustLogOnce(t *testing.T, lines []line, a attack) {
	t.Helper()
	if len(lines) != 1 {
		t.Fatalf("got %d log lines, want 1: %v", len(lines), lines)
	}
	got := lines[0]
	if got.Level != "INFO" || got.Msg != "token refused" || got.Reason != string(a.want) || got.Cause == "" {
		t.Errorf("got line %s, want the reason and its cause at INFO", got.text)
	}
	if got.Issuer != "" && got.Issuer != jwttest.DefaultURL {
		t.Errorf("got issuer %q, want the configured one, or none", got.Issuer)
	}
	for _, segment := range segments(a.token) {
		if strings.Contains(got.text, segment) {
			t.Errorf("got line %.300q, want no segment of the token", got.text)
		}
	}
	if len(got.Kid) > 6*64+5 || len(got.Cause) > 1500 {
		t.Errorf("got kid of %d and cause of %d octets, want them cut", len(got.Kid), len(got.Cause))
	}
	for _, r := range got.Kid + got.Cause {
		if !unicode.IsPrint(r) {
			t.Errorf("got line %.300q, want no control characters", got.text)
			break
		}
	}
}

// segments are the parts of a token that would give it away.
func segments(token string) []string {
	var list []string
	for segment := range strings.SplitSeq(token, ".") {
		if len(segment) >= 16 {
			list = append(list, segment)
		}
	}
	return list
}
