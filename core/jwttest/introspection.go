package jwttest

import (
	"crypto"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The client that every Issuer knows from the start, for its introspection endpoint.
const (
	ClientID     = "https://api.test"
	ClientSecret = "the secret of: 100 % of the tests + one"
)

// Opaque returns a token that is no JWT: a random text that means something to the issuer alone. What its introspection
// endpoint answers about it has the members that a JWT of these claims would have ([Issuer.Token]), beside "active" true
// unless claims says otherwise. It is answered as it stands: a token whose "exp" is past stays active.
func (i *Issuer) Opaque(claims map[string]any) string {
	members := membersOf(i.identifier, nil)
	members["active"] = true
	overlay(members, claims)
	return i.opaque.issue(mustJSON(members))
}

// Revoke makes a token of [Issuer.Opaque] inactive. Any other token already is.
func (i *Issuer) Revoke(token string) { i.opaque.revoke(token) }

// RegisterClient lets a client authenticate to the introspection endpoint with a secret (client_secret_basic, RFC 6749
// section 2.3.1). Neither may be empty. The client's earlier secret or key counts no longer.
func (i *Issuer) RegisterClient(id, secret string) { i.opaque.register(id, client{secret: secret}) }

// RegisterClientKey lets a client authenticate to the introspection endpoint with assertions that its private key has
// signed (private_key_jwt, RFC 7523), with RS256, ES256 or EdDSA.
func (i *Issuer) RegisterClientKey(id string, public crypto.PublicKey) {
	i.opaque.register(id, client{key: public})
}

// opaque is what an issuer knows of its opaque tokens, and who may ask.
type opaque struct {
	mu      sync.Mutex // guards what follows
	answers map[string][]byte
	clients map[string]client
	seen    map[string]bool // "jti" of the assertions that were taken
}

type client struct {
	secret string
	key    crypto.PublicKey
}

func (o *opaque) issue(answer []byte) string {
	token := rand.Text()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.answers == nil {
		o.answers = map[string][]byte{}
	}
	o.answers[token] = answer
	return token
}

func (o *opaque) revoke(token string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.answers, token)
}

func (o *opaque) register(id string, c client) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.clients == nil {
		o.clients = map[string]client{}
	}
	o.clients[id] = c
}

// serveIntrospection answers by RFC 7662 section 2. Who is no client learns nothing.
func (i *Issuer) serveIntrospection(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	i.headers.overlay(w.Header())
	r.Body = http.MaxBytesReader(w, r.Body, maxRequestBody)
	if err := r.ParseForm(); err != nil || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		http.Error(w, "want a form", http.StatusBadRequest)
		return
	}
	if err := i.opaque.authenticate(r, i.identifier); err != nil {
		w.Header().Set("WWW-Authenticate", "Basic")
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	tokens := r.PostForm["token"]
	if len(tokens) != 1 || tokens[0] == "" {
		http.Error(w, "want one token", http.StatusBadRequest)
		return
	}
	i.opaque.mu.Lock()
	answer, known := i.opaque.answers[tokens[0]]
	i.opaque.mu.Unlock()
	if !known {
		answer = []byte(`{"active":false}`)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer)
}

// authenticate finds out whether a client asks (RFC 6749 section 2.3: by one method).
func (o *opaque) authenticate(r *http.Request, issuer string) error {
	id, secret, basic := r.BasicAuth()
	assertion := r.PostForm.Get("client_assertion")
	switch {
	case basic && assertion != "":
		return errors.New("two methods of authentication")
	case assertion != "":
		return o.authenticateAssertion(r.PostForm, issuer)
	case !basic:
		return errors.New("no authentication")
	}
	id, errID := url.QueryUnescape(id)
	secret, errSecret := url.QueryUnescape(secret)
	o.mu.Lock()
	defer o.mu.Unlock()
	if c := o.clients[id]; errID != nil || errSecret != nil || secret == "" || c.secret != secret {
		return errors.New("no such client")
	}
	return nil
}

// authenticateAssertion judges a client assertion (RFC 7523 section 3).
func (o *opaque) authenticateAssertion(form url.Values, issuer string) error {
	if got := form.Get("client_assertion_type"); got != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		return fmt.Errorf("client_assertion_type %.64q", got)
	}
	signed, err := jose.ParseSigned(form.Get("client_assertion"), []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.EdDSA})
	if err != nil {
		return fmt.Errorf("assertion: %w", err)
	}
	var claims struct {
		Iss, Sub, Aud, Jti string
		Exp, Iat           int64
	}
	if err := json.Unmarshal(signed.UnsafePayloadWithoutVerification(), &claims); err != nil {
		return fmt.Errorf("assertion: %w", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	key := o.clients[claims.Sub].key
	if key == nil {
		return errors.New("no such client")
	}
	if _, err := signed.Verify(key); err != nil {
		return fmt.Errorf("assertion: %w", err)
	}
	now := time.Now()
	switch expiry := time.Unix(claims.Exp, 0); {
	case claims.Iss != claims.Sub, claims.Aud != issuer:
		return errors.New("assertion of another issuer or for another audience")
	case !now.Before(expiry), expiry.After(now.Add(5 * time.Minute)), time.Unix(claims.Iat, 0).After(now):
		return errors.New("assertion that is too old, or lives too long")
	case claims.Jti == "" || o.seen[claims.Jti]:
		return errors.New("assertion without a jti of its own")
	}
	if o.seen == nil {
		o.seen = map[string]bool{}
	}
	o.seen[claims.Jti] = true
	return nil
}
