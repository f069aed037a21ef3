package core_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// told is what a Trace is told.
type told struct {
	mu   sync.Mutex // guards text
	text strings.Builder
}

func (w *told) trace() *core.Trace {
	return &core.Trace{Refused: func(_ context.Context, _ string, r *core.Refusal) {
		w.mu.Lock()
		defer w.mu.Unlock()
		for err := error(r); err != nil; err = errors.Unwrap(err) {
			w.text.WriteString(err.Error() + "\n")
		}
	}}
}

// I06, I07: each failure of the endpoint is 503 with Retry-After and never the token's fault. Neither the token, nor a hash of
// it, nor our credentials are in a line, an error or a Trace.
func TestIntrospectionFailures(t *testing.T) {
	json := func(body string) jwttest.Fault { return jwttest.Answer(200, "application/json", []byte(body)) }
	echo := func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.WriteHeader(500)
			_, _ = w.Write(append(body, r.Header.Get("Authorization")...))
		})
	}
	for _, row := range []struct {
		name  string
		fault jwttest.Fault
		cause string
	}{
		{"500", jwttest.Fail(500), "status 500"},
		{"503", jwttest.Fail(503), "status 503"},
		{"400", jwttest.Fail(400), "status 400"},
		{"404", jwttest.Fail(404), "status 404"},
		{"204", jwttest.Answer(204, "application/json", nil), "status 204"},
		{"304 unasked", jwttest.Answer(304, "application/json", nil), "status 304"},
		{"our credentials are refused", jwttest.Fail(401), `credentials of this service, client "` + jwttest.ClientID + `"`},
		{"our client may not", jwttest.Fail(403), "status 403"},
		{"echo", echo, "status 500"},
		{"HTML", jwttest.HTML(), `"text/html; charset=utf-8"`},
		{"JSON without its media type", jwttest.Answer(200, "text/plain", []byte(`{"active":true}`)), `"text/plain"`},
		{"a JWT (RFC 9701)", jwttest.Answer(200, "application/token-introspection+jwt", []byte("a.b.c")), "token-introspection+jwt"},
		{"no media type", jwttest.Answer(200, "", []byte(`{"active":true}`)), `type ""`},
		{"nothing", json(""), "JSON"},
		{"no active", json(`{"sub":"alice"}`), `"active"`},
		{"active is a string", json(`{"active":"true"}`), `"active"`},
		{"active is a number", json(`{"active":1}`), `"active"`},
		{"active is null", json(`{"active":null}`), `"active"`},
		{"Active", json(`{"Active":true}`), `"active"`},
		{"active twice", json(`{"active":false,"active":true}`), "JSON"},
		{"a duplicate name", json(`{"active":true,"sub":"a","sub":"b"}`), "JSON"},
		{"a duplicate name within", json(`{"active":true,"cnf":{"jkt":"a","jkt":"b"}}`), "JSON"},
		{"an array", json(`[{"active":true}]`), "JSON"},
		{"more behind it", json(`{"active":true}{}`), "JSON"},
		{"exp is a string", json(`{"active":true,"exp":"1"}`), `"exp"`},
		{"aud is a number", json(`{"active":true,"aud":1}`), `"aud"`},
		{"iss is null", json(`{"active":true,"iss":null}`), `"iss"`},
		{"too large", jwttest.Endless(), "more than"},
		{"truncated", jwttest.Truncate(), "EOF"},
		{"dropped", jwttest.Drop(), "EOF"},
		{"a redirect", jwttest.Redirect(jwttest.DefaultURL + "/elsewhere"), "redirects are not followed"},
		{"it hangs", jwttest.Hang(), "within 5s"},
		{"it drips", jwttest.Drip(time.Second), "within 5s"},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				heard := &told{}
				s := newAskStage(t, func(c *core.Config, i *core.Introspection) { c.Trace, i.MaxBytes = heard.trace(), 64<<10 })
				token := s.Opaque(nil)
				s.Misbehave(row.fault, jwttest.Introspection)
				start := time.Now()
				_, err := s.verifier.Verify(t.Context(), token)
				refusal := core.RefusalOf(err)
				if refusal == nil || refusal.Reason != core.ReasonIntrospectionUnavailable || refusal.Status != 503 || refusal.RetryAfter < time.Second || refusal.Challenge != "" {
					t.Fatalf("got %+v, want introspection_unavailable with Retry-After", refusal)
				}
				if took := time.Since(start); took > 5*time.Second {
					t.Errorf("got it after %v, want 5 s at most", took)
				}
				if cause := refusal.Unwrap().Error(); !strings.Contains(cause, row.cause) || len(cause) > 600 {
					t.Errorf("got cause %.700q, want a short one with %q", cause, row.cause)
				}
				synctest.Wait()
				mustKeepSecret(t, token, s, heard)
				if got := s.outbound.requests.Load(); got != 1 {
					t.Errorf("got %d requests, want 1", got)
				}
				// A token that the issuer may have stumbled over must not keep the others waiting.
				s.Recover()
				time.Sleep(2 * time.Second)
				if got, _ := s.verify(t, token); got != "" {
					t.Errorf("got %q once it works again, want the token to pass", got)
				}
			})
		})
	}
}

// mustKeepSecret looks through all that was logged and told.
func mustKeepSecret(t *testing.T, token string, s *askStage, heard *told) {
	t.Helper()
	heard.mu.Lock()
	text := heard.text.String()
	heard.mu.Unlock()
	lines := s.log.take(t)
	if text == "" || len(lines) == 0 {
		t.Errorf("got %q told and %d lines, want both", text, len(lines))
	}
	for _, line := range lines {
		text += line.text
	}
	hash := sha256.Sum256([]byte(token))
	for _, secret := range []string{token, hex.EncodeToString(hash[:]), base64.RawURLEncoding.EncodeToString(hash[:]), jwttest.ClientSecret, "Basic "} {
		if strings.Contains(text, secret) {
			t.Errorf("got %q in %s", secret, text)
		}
	}
}

// I08: the credentials are encoded as RFC 6749 section 2.3.1 says, and the issuer takes them.
func TestIntrospectionCredentials(t *testing.T) {
	for _, row := range []struct{ id, secret string }{
		{"plain", "secret"}, {"with:colon", "a:b"}, {"per%cent", "100%"}, {"plus+", "a+b c"}, {"space here", " s "}, {"&=?/#", "&=?/#~*"},
		{"Ärger", "密码"}, {"https://api.test/a?b", "\xff\xfe"}, {`"quoted"`, `\`},
	} {
		t.Run(row.id, func(t *testing.T) {
			s := newAskStage(t, func(_ *core.Config, i *core.Introspection) { i.ClientID, i.Secret = row.id, core.Secret(row.secret) })
			s.RegisterClient(row.id, row.secret)
			if got, _ := s.verify(t, s.Opaque(nil)); got != "" {
				t.Errorf("got %q, want it to pass", got)
			}
			s.RegisterClient(row.id, row.secret+"x")
			if got, _ := s.verify(t, s.Opaque(nil)); got != core.ReasonIntrospectionUnavailable {
				t.Errorf("got %q for a wrong secret, want introspection_unavailable", got)
			}
		})
	}
}

// elsewhereKey is in no type of the standard library.
type elsewhereKey struct {
	crypto.Signer
	sign func(crypto.Signer, []byte, crypto.SignerOpts) ([]byte, error)
}

func (e elsewhereKey) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return e.sign(e.Signer, digest, opts)
}

// I09: private_key_jwt, which the issuer verifies, with keys in hand and elsewhere.
func TestIntrospectionAssertions(t *testing.T) {
	ec, err1 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, ed, err2 := ed25519.GenerateKey(rand.Reader)
	rs, err3 := rsa.GenerateKey(rand.Reader, 2048)
	other, err4 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	honest := func(key crypto.Signer, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
		return key.Sign(rand.Reader, digest, opts)
	}
	forever := make(chan struct{})
	defer close(forever)
	for _, row := range []struct {
		name string
		key  crypto.Signer
		want core.Reason
	}{
		{"ES256", ec, ""}, {"EdDSA", ed, ""}, {"RS256", rs, ""},
		{"elsewhere", elsewhereKey{ec, honest}, ""},
		{"elsewhere by RSA", elsewhereKey{rs, honest}, ""},
		{"it signs with another key", elsewhereKey{ec, func(_ crypto.Signer, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
			return other.Sign(rand.Reader, digest, opts)
		}}, core.ReasonIntrospectionUnavailable},
		{"it fails", elsewhereKey{ec, func(crypto.Signer, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errors.New("no") }}, core.ReasonIntrospectionUnavailable},
		{"it panics", elsewhereKey{ec, func(crypto.Signer, []byte, crypto.SignerOpts) ([]byte, error) { panic("no") }}, core.ReasonIntrospectionUnavailable},
		{"it hangs", elsewhereKey{ec, func(crypto.Signer, []byte, crypto.SignerOpts) ([]byte, error) { <-forever; return nil, nil }}, core.ReasonIntrospectionUnavailable},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newAskStage(t, func(_ *core.Config, i *core.Introspection) {
				i.Secret, i.Key, i.ClientID = nil, row.key, "signing"
				if row.name == "it hangs" {
					i.Timeout = 50 * time.Millisecond
				}
			})
			s.RegisterClientKey("signing", row.key.Public())
			for range 2 { // each with a jti of its own
				if got, _ := s.verify(t, s.Opaque(nil)); got != row.want {
					t.Errorf("got %q, want %q", got, row.want)
				}
			}
		})
	}
}
