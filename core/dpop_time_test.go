package core_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// tokenFor outlasts what a test waits for.
func (s *proofStage) tokenFor(d time.Duration) string {
	return s.Token(map[string]any{"cnf": s.prover.Confirmation(), "exp": time.Now().Add(d)})
}

// row is a subtest where there can be none: inside a bubble.
func row(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Log(name)
		}
	}()
	test(t)
}

func TestS72Window(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newProofStage(t, nil) // MaxAge 1 min, Leeway 30 s
		token := s.tokenFor(time.Hour)
		for _, test := range []struct {
			name string
			iat  time.Duration
			want outcome
		}{
			{"S72 the oldest", -90 * time.Second, passes}, {"S72 too old", -91 * time.Second, badProof},
			{"S72 the newest", 30 * time.Second, passes}, {"S72 too new", 31 * time.Second, badProof},
		} {
			row(t, test.name, func(t *testing.T) {
				s.judge(t, dpop("", test.want, token, s.proof(token, map[string]any{"iat": time.Now().Add(test.iat)})))
			})
		}
		s = newProofStage(t, func(c *core.Config) { c.DPoP.MaxAge = 5 * time.Minute; c.Leeway = core.NoLeeway })
		token = s.tokenFor(time.Hour)
		s.judge(t, dpop("", passes, token, s.proof(token, map[string]any{"iat": time.Now().Add(-5 * time.Minute)})))
		s.judge(t, dpop("", badProof, token, s.proof(token, map[string]any{"iat": time.Now().Add(-301 * time.Second)})))
		s.judge(t, dpop("", badProof, token, s.proof(token, map[string]any{"iat": time.Now().Add(time.Second)})))
	})
}

func TestS75SameProofTwice(t *testing.T) {
	s := newProofStage(t, nil)
	token := s.bound()
	proof := s.proof(token, nil)
	s.judge(t, dpop("S75 first", passes, token, proof))
	s.judge(t, dpop("S75 second", replayed, token, proof))
}

func TestS77ReplayWhileItCouldPass(t *testing.T) {
	for name, store := range map[string]core.ReplayStore{"memory": nil, "store": newReplayStore()} {
		t.Run("S77 "+name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newProofStage(t, func(c *core.Config) { c.DPoP.Replays = store })
				token := s.tokenFor(time.Hour)
				ahead := s.proof(token, map[string]any{"iat": time.Now().Add(30 * time.Second)})
				s.judge(t, dpop("", passes, token, ahead))
				// Ahead by 30 s, a minute old, and 30 s of leeway.
				for second := range 240 {
					want := replayed
					if second > 120 {
						want = badProof
					}
					if s.judge(t, dpop("", want, token, ahead)); t.Failed() {
						t.Fatalf("after %d s", second)
					}
					time.Sleep(time.Second)
				}
			})
		})
	}
}

var (
	nonceSecret = core.Secret(bytes.Repeat([]byte("new "), 8))
	oldSecret   = core.Secret(bytes.Repeat([]byte("old "), 8))
)

func withNonces(secrets ...core.Secret) func(*core.Config) {
	return func(c *core.Config) { c.DPoP.Nonces = secrets }
}

// headersOf are those that a request's answer gets.
func (s *proofStage) headersOf(t *testing.T, r sent) http.Header {
	t.Helper()
	ctx, err := s.guard.Check(t.Context(), core.HTTPRequest(r.request(t)))
	header := http.Header{}
	if err != nil {
		core.RefusalOf(err).SetHeaders(header.Add)
		return header
	}
	core.SetHeaders(ctx, header.Add)
	return header
}

// nonce asks for the nonce of the moment.
func (s *proofStage) nonce(t *testing.T) string {
	t.Helper()
	token := s.tokenFor(time.Hour)
	header := s.headersOf(t, dpop("", wantsNonce, token, s.proof(token, nil)))
	if len(header["Dpop-Nonce"]) != 1 || header["Dpop-Nonce"][0] == "" {
		t.Fatalf("got %v, want one DPoP-Nonce", header)
	}
	return header["Dpop-Nonce"][0]
}

func (s *proofStage) nonced(want outcome, nonce any) sent {
	token := s.tokenFor(time.Hour)
	return dpop("", want, token, s.proof(token, map[string]any{"nonce": nonce}))
}

func TestNonces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute + 10*time.Second)))
		s, other := newProofStage(t, withNonces(nonceSecret)), newProofStage(t, withNonces(oldSecret))
		yesterday := s.nonce(t)
		time.Sleep(24 * time.Hour)
		good := s.nonce(t)
		for name, nonce := range map[string]any{"S88 absent": nil, "S88 of yesterday": yesterday, "S88 of another secret": other.nonce(t), "S88 a number": 7, "S88 empty": ""} {
			row(t, name, func(t *testing.T) { s.judge(t, s.nonced(wantsNonce, nonce)) })
		}
		row(t, "S93 the challenge", func(t *testing.T) {
			header := s.headersOf(t, s.nonced(wantsNonce, nil))
			want := `DPoP error="use_dpop_nonce", error_description="the DPoP proof must carry the nonce of this service", algs="ES256 PS256 RS256 Ed25519 EdDSA"`
			if got := header.Values("WWW-Authenticate"); !slices.Equal(got, []string{want}) {
				t.Errorf("got %q, want it alone: %q", got, want)
			}
			if got := header.Values("Cache-Control"); !slices.Equal(got, []string{"no-store"}) {
				t.Errorf("got Cache-Control %q, want no-store", got)
			}
			if strings.Trim(good, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
				t.Errorf("got nonce %q, want base64url", good)
			}
		})
		row(t, "S93 no jti is used up", func(t *testing.T) {
			token := s.tokenFor(time.Hour)
			s.judge(t, dpop("", wantsNonce, token, s.proof(token, map[string]any{"jti": "x"})))
			s.judge(t, dpop("", passes, token, s.proof(token, map[string]any{"jti": "x", "nonce": good})))
			s.judge(t, dpop("", replayed, token, s.proof(token, map[string]any{"jti": "x", "nonce": good})))
		})
		if header := s.headersOf(t, s.nonced(passes, good)); len(header) != 0 {
			t.Errorf("got %v with the newest nonce, want nothing", header)
		}
		for name, iat := range map[string]struct {
			off  time.Duration
			want outcome
		}{
			"S92 two minutes back": {-2 * time.Minute, passes}, "S92 two minutes ahead": {2 * time.Minute, passes}, "S92 five minutes ahead": {5 * time.Minute, passes},
			"S92 an hour back": {-time.Hour, badProof}, "S92 an hour ahead": {time.Hour, badProof}, "S92 a second too much": {301 * time.Second, badProof},
		} {
			row(t, name, func(t *testing.T) {
				token := s.tokenFor(time.Hour)
				s.judge(t, dpop("", iat.want, token, s.proof(token, map[string]any{"nonce": good, "iat": time.Now().Add(iat.off)})))
			})
		}
		time.Sleep(time.Minute)
		newest := s.nonce(t)
		row(t, "S89 of the step before", func(t *testing.T) {
			s.judge(t, s.nonced(passes, good))
			header := s.headersOf(t, s.nonced(passes, good))
			if header.Get("DPoP-Nonce") != newest || newest == good || header.Get("Cache-Control") != "no-store" {
				t.Errorf("got %v, want the newest nonce %q and no-store", header, newest)
			}
		})
		time.Sleep(49 * time.Second) // one second before the step is over
		s.judge(t, s.nonced(passes, good))
		time.Sleep(time.Second)
		s.judge(t, s.nonced(wantsNonce, good))
	})
}

// A replica whose clock is a minute behind takes what its neighbour gave.
func TestS89NonceOfTheStepAfter(t *testing.T) {
	nonces := map[string]string{}
	for _, name := range []string{"ahead", "behind"} {
		synctest.Test(t, func(t *testing.T) {
			s := newProofStage(t, withNonces(nonceSecret))
			if name == "ahead" {
				time.Sleep(time.Minute)
				nonces[name] = s.nonce(t)
				return
			}
			s.judge(t, s.nonced(passes, nonces["ahead"]))
			if header := s.headersOf(t, s.nonced(passes, nonces["ahead"])); len(header) != 0 {
				t.Errorf("got %v, want no older nonce in its place", header)
			}
		})
	}
}

func TestS90NonceSecretsChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := newProofStage(t, withNonces(oldSecret))
		during, after := newProofStage(t, withNonces(nonceSecret, oldSecret)), newProofStage(t, withNonces(nonceSecret))
		old := before.nonce(t)
		during.judge(t, during.nonced(passes, old))
		if header := during.headersOf(t, during.nonced(passes, old)); header.Get("DPoP-Nonce") != after.nonce(t) {
			t.Errorf("got %v, want the nonce of the new secret", header)
		}
		after.judge(t, after.nonced(wantsNonce, old))
	})
}

// With nonces a proof is remembered until its nonce is over.
func TestNoncedProofIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newProofStage(t, withNonces(nonceSecret))
		token, nonce := s.tokenFor(time.Hour), s.nonce(t)
		proof := s.proof(token, map[string]any{"nonce": nonce, "iat": time.Now().Add(5 * time.Minute)})
		s.judge(t, dpop("", passes, token, proof))
		for range 300 {
			_, refusal := s.check(t, dpop("", replayed, token, proof))
			if refusal == nil {
				t.Fatal("got it to pass a second time")
			}
			time.Sleep(time.Second)
		}
		s.judge(t, dpop("", wantsNonce, token, proof))
	})
}

// fourNonces are as many secrets as there may be.
func fourNonces() (secrets []core.Secret) {
	for n := range 4 {
		secrets = append(secrets, slices.Repeat(core.Secret{byte(n)}, 32))
	}
	return secrets
}

func TestDPoPMistakes(t *testing.T) {
	for name, test := range map[string]struct {
		dpop core.DPoP
		want []string
	}{
		"no URL":         {core.DPoP{Required: true}, []string{"DPoP.URLs is empty"}},
		"http":           {core.DPoP{URLs: []string{"http://api.example.com"}}, []string{"DPoP.URLs", "https"}},
		"a query":        {core.DPoP{URLs: []string{apiURL + "?a"}}, []string{"query"}},
		"a fragment":     {core.DPoP{URLs: []string{apiURL + "#a"}}, []string{"fragment"}},
		"user":           {core.DPoP{URLs: []string{"https://a@b.example"}}, []string{"user information"}},
		"no host":        {core.DPoP{URLs: []string{"/orders"}}, []string{"DPoP.URLs"}},
		"dots":           {core.DPoP{URLs: []string{apiURL + "/a/../b"}}, []string{"dot segments"}},
		"a Unicode host": {core.DPoP{URLs: []string{"https://\u0430pi.example.com"}}, []string{"ASCII"}},
		"HMAC":           {core.DPoP{URLs: []string{apiURL}, Algorithms: []core.Algorithm{core.HS256, "none"}}, []string{`"HS256"`, `"none"`}},
		"a long age":     {core.DPoP{URLs: []string{apiURL}, MaxAge: 6 * time.Minute}, []string{"DPoP.MaxAge", "5m"}},
		"no unit":        {core.DPoP{URLs: []string{apiURL}, MaxAge: 60}, []string{"DPoP.MaxAge", "nanoseconds"}},
		"a short secret": {core.DPoP{URLs: []string{apiURL}, Nonces: []core.Secret{nonceSecret[:31]}}, []string{"31 octets"}},
		"a secret twice": {core.DPoP{URLs: []string{apiURL}, Nonces: []core.Secret{nonceSecret, nonceSecret}}, []string{"twice"}},
		"five secrets":   {core.DPoP{URLs: []string{apiURL}, Nonces: slices.Repeat([]core.Secret{nonceSecret}, 5)}, []string{"5 secrets"}},
		"four secrets":   {core.DPoP{URLs: []string{apiURL}, MaxAge: 5 * time.Minute, Nonces: fourNonces()}, nil},
		"all at once":    {core.DPoP{URLs: []string{"x", "https://"}, MaxAge: 1, Algorithms: []core.Algorithm{"x"}}, []string{"URLs", "MaxAge", "Algorithms"}},
	} {
		t.Run(name, func(t *testing.T) {
			config := goodConfig()
			config.DPoP = test.dpop
			_, err := core.New(config)
			if (err == nil) != (test.want == nil) {
				t.Errorf("got %v, want an error: %t", err, test.want != nil)
			}
			for _, want := range test.want {
				if !strings.Contains(fmt.Sprint(err), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
		})
	}
}

// What New was given is copied.
func TestDPoPIsCopied(t *testing.T) {
	urls, algorithms, nonces := []string{apiURL}, []core.Algorithm{core.ES256}, []core.Secret{slices.Clone(nonceSecret)}
	s := newProofStage(t, func(c *core.Config) { c.DPoP = core.DPoP{URLs: urls, Algorithms: algorithms, Nonces: nonces} })
	same := newProofStage(t, withNonces(nonceSecret))
	urls[0], algorithms[0] = "https://mallory.test", core.RS256
	clear(nonces[0])
	nonces[0] = oldSecret
	s.judge(t, s.nonced(passes, same.nonce(t)))
}
