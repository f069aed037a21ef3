package issue

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

const (
	simulatedDays   = 30
	simulatedEvery  = 3 * 24 * time.Hour
	simulatedIssuer = "https://login.example.com"
	simulatedAPI    = "https://api.example.com"
)

// TestThirtyDays is the table of the package comment: three replicas over one
// store, another key every three days, a token a minute, judged as it is made and
// 14 minutes later, by caches of three ages that never ask again for an unknown
// kid. With the times of Ring's defaults package core judges every fifth too.
func TestThirtyDays(t *testing.T) {
	for _, tt := range []struct {
		name  string
		ahead time.Duration // 0 and 10 min are what New refuses
		want  [3]int        // tokens refused by the caches, of 43 200 twice judged
	}{
		{"24 h", 24 * time.Hour, [3]int{}},
		{"10 min", 10 * time.Minute, [3]int{0, 509, 6449}},
		{"0", 0, [3]int{30, 509, 6449}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSimulation(t, tt.ahead)
				for minute := range simulatedDays * 24 * 60 {
					s.step(minute)
					time.Sleep(time.Minute)
				}
				if s.keys < 10 {
					t.Errorf("got %d keys, want ten or more", s.keys)
				}
				if s.refused != tt.want {
					t.Errorf("got %v tokens refused by caches of 5 min, 1 h and 12 h, want %v", s.refused, tt.want)
				}
			})
		})
	}
}

// judged is a token and its kid.
type judged struct{ token, kid string }

type simulation struct {
	t        *testing.T
	replicas [3]*Issuer
	core     *core.Verifier // nil: not asked
	caches   [3]*cache
	recent   []judged // the tokens of the last 15 minutes
	signing  string
	keys     int
	refused  [3]int
}

func newSimulation(t *testing.T, ahead time.Duration) *simulation {
	s := &simulation{t: t}
	store := &onlyDocument{}
	for n := range s.replicas {
		i, err := New(Config{Issuer: simulatedIssuer, Logger: slog.New(slog.DiscardHandler), Keys: Ring{Store: store, Sealer: SealWith(make([]byte, 32)), Every: simulatedEvery}})
		if err != nil {
			t.Fatal(err)
		}
		i.keys.(*ring).Ahead = ahead
		s.replicas[n] = i
	}
	for n, age := range []time.Duration{5 * time.Minute, time.Hour, 12 * time.Hour} {
		// Half an age before the first key, so that no cache keeps step with the ring.
		s.caches[n] = &cache{age: age, from: s.replicas[n], fetched: time.Now().Add(-age / 2)}
		s.caches[n].fetch(t)
	}
	if ahead < 24*time.Hour {
		return s
	}
	v, err := core.New(s.replicas[0].Config(simulatedAPI))
	if err != nil {
		t.Fatal(err)
	}
	s.core = v
	return s
}

// step signs one token and verifies two.
func (s *simulation) step(minute int) {
	now := s.sign(s.replicas[minute%3])
	if now.kid != s.signing {
		s.signing = now.kid
		s.keys++
	}
	s.recent = append(s.recent, now)
	s.verify(now)
	if len(s.recent) == 15 {
		s.verify(s.recent[0])
		s.recent = s.recent[1:]
	}
	if s.core == nil || minute%5 > 0 {
		return
	}
	if _, err := s.core.Verify(s.t.Context(), s.recent[0].token); err != nil {
		s.t.Fatalf("minute %d: core: %v", minute, core.RefusalOf(err).Unwrap())
	}
}

// sign makes a token where it is judged in full, and else only learns whose key
// it would have.
func (s *simulation) sign(i *Issuer) judged {
	if s.core == nil {
		k, _, err := i.signing(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		return judged{kid: k.id}
	}
	token, err := i.Sign(s.t.Context(), Claims{Subject: "alice", Audience: []string{simulatedAPI}, ClientID: "web"})
	if err != nil {
		s.t.Fatal(err)
	}
	return judged{token, kidIn(token)}
}

func (s *simulation) verify(token judged) {
	for n, c := range s.caches {
		if !c.takes(s.t, token) {
			s.refused[n]++
		}
	}
}

func kidIn(token string) string {
	header, _, _ := strings.Cut(token, ".")
	text, _ := base64.RawURLEncoding.DecodeString(header)
	var members struct{ Kid string }
	_ = json.Unmarshal(text, &members) // "" then, which no set holds
	return members.Kid
}

// cache is a verifier that asks for the key set when its copy is old enough, and
// never for an unknown kid.
type cache struct {
	age     time.Duration
	from    *Issuer
	fetched time.Time
	known   map[string]bool // by kid: whether a token of it has verified
	set     string
	v       *core.Verifier
}

func (c *cache) fetch(t *testing.T) {
	w := httptest.NewRecorder()
	c.from.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", jwksPath, nil))
	v, err := core.New(core.Config{Issuer: simulatedIssuer, Audiences: []string{simulatedAPI}, Algorithms: []core.Algorithm{core.ES256}, Keys: core.JWKSDocument(w.Body.Bytes())})
	if err != nil {
		t.Fatal(err)
	}
	c.v, c.known, c.set = v, map[string]bool{}, w.Body.String()
}

func (c *cache) takes(t *testing.T, token judged) bool {
	if time.Since(c.fetched) >= c.age {
		c.fetch(t)
		c.fetched = time.Now()
	}
	if token.token == "" {
		return strings.Contains(c.set, token.kid)
	}
	ok, known := c.known[token.kid]
	if !known { // one signature for each key and set: eighty thousand would say no more
		_, err := c.v.Verify(t.Context(), token.token)
		ok = err == nil
		c.known[token.kid] = ok
	}
	return ok
}

// onlyDocument is a Store of this process.
type onlyDocument struct {
	mu       sync.Mutex // guards document
	document []byte
}

func (s *onlyDocument) Load(context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.document, nil
}

func (s *onlyDocument) Swap(_ context.Context, old, new []byte) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if string(s.document) != string(old) {
		return false, nil
	}
	s.document = new
	return true, nil
}
