package core_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// asymmetric are the algorithms that a set of public keys may serve.
var asymmetric = []core.Algorithm{
	core.RS256, core.RS384, core.RS512, core.PS256, core.PS384, core.PS512,
	core.ES256, core.ES384, core.ES512, core.EdDSA, core.Ed25519,
}

// stage is an issuer, a Verifier that trusts it, and what the two leave behind.
type stage struct {
	*jwttest.Issuer
	verifier *core.Verifier
	log      *logbook
	outbound *outbound
}

// newStage makes a stage with one key for each of algorithms, RS256 and ES256
// if there are none, and with the keys loaded.
func newStage(t testing.TB, edit func(*core.Config), algorithms ...core.Algorithm) *stage {
	t.Helper()
	s := &stage{Issuer: jwttest.NewIssuer(""), log: &logbook{}}
	for _, alg := range algorithms {
		s.KeyID(string(alg))
	}
	s.outbound = &outbound{to: s.Issuer}
	told := make(chan struct{})
	tell := sync.OnceFunc(func() { close(told) })
	config := core.Config{
		Issuer:     s.URL(),
		Algorithms: algorithms,
		Audiences:  []string{jwttest.Audience},
		// Nothing but a token can cause a fetch while the test runs.
		Keys:   core.JWKS{URL: s.JWKSURL(), Fetch: core.Fetch{Client: s.outbound.client(), MaxAge: 24 * time.Hour, Cooldown: 24 * time.Hour}},
		Logger: s.log.logger(),
		Trace:  &core.Trace{StateChanged: func(core.StateChange) { tell() }},
	}
	if edit != nil {
		edit(&config)
	}
	s.verifier = mustNew(t, config)
	if err := s.verifier.Ready(t.Context()); err != nil {
		t.Fatalf("Ready: %v", err)
	}
	if s.verifier.Stats()[0].State != "static" {
		<-told // the line about the keys, which nobody waits for, must not fall among the test's own
	}
	return s
}

// spend uses up what an unknown kid may cost, so that no further fetch is legal.
func (s *stage) spend(t testing.TB) {
	t.Helper()
	for n := range 2 {
		token := s.Token(nil, jwttest.Algorithm("ES256"), jwttest.KeyID(fmt.Sprint("nobody", n)))
		if _, err := s.verifier.Verify(t.Context(), token); reasonOf(err) != core.ReasonUnknownKey {
			t.Fatalf("got %q, want unknown_key", reasonOf(err))
		}
	}
}

func mustNew(t testing.TB, configs ...core.Config) *core.Verifier {
	t.Helper()
	v, err := core.New(configs...)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return v
}

// reasonOf is the Reason of an error, "" for none.
func reasonOf(err error) core.Reason {
	if err == nil {
		return ""
	}
	return core.RefusalOf(err).Reason
}

// members is the text of a payload that passes, without its braces.
func (s *stage) members() string {
	now := time.Now().Unix()
	return fmt.Sprintf(`"iss":%q,"sub":"alice","aud":%q,"iat":%d,"exp":%d`, s.URL(), jwttest.Audience, now, now+300)
}

// withHeader signs a payload that passes under a header of the caller's.
func (s *stage) withHeader(header string) string {
	return s.Sign("ES256", []byte(header), []byte("{"+s.members()+"}"))
}

// withPayload signs a payload of the caller's under a header that passes.
func (s *stage) withPayload(payload string) string {
	return s.Sign("ES256", []byte(`{"alg":"ES256","kid":"`+s.KeyID("ES256")+`"}`), []byte(payload))
}

// withClaims signs claims that pass but for those that are given.
func (s *stage) withClaims(claims map[string]any) string {
	return s.Token(claims, jwttest.Algorithm("ES256"))
}

// outbound counts every request that leaves the Verifier, wherever to.
type outbound struct {
	to       http.RoundTripper
	requests atomic.Int64
}

func (o *outbound) client() *http.Client { return &http.Client{Transport: o} }

func (o *outbound) RoundTrip(r *http.Request) (*http.Response, error) {
	o.requests.Add(1)
	return o.to.RoundTrip(r)
}

// logbook keeps every line that is logged, at any level.
type logbook struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (l *logbook) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug - 100}))
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// line is what tests read of a log line.
type line struct {
	Level, Msg, Reason, Issuer, Kid, Cause string
	text                                   string
}

// take returns the lines since the last call.
func (l *logbook) take(t testing.TB) []line {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var lines []line
	for text := range strings.Lines(l.text.String()) {
		got := line{text: text}
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("log line %q: %v", text, err)
		}
		lines = append(lines, got)
	}
	l.text.Reset()
	return lines
}

// names are the algorithms as package jwttest spells them.
func names(algorithms []core.Algorithm) []string {
	list := make([]string, 0, len(algorithms))
	for _, alg := range algorithms {
		list = append(list, string(alg))
	}
	return slices.Clip(list)
}
