package jwttest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Prover is a client that holds a key and proves it with each request, by DPoP (RFC 9449). It is safe for concurrent use.
//
// A token is bound to it by its claim "cnf":
//
//	prover := jwttest.NewProver("ES256")
//	token := issuer.Token(map[string]any{"cnf": prover.Confirmation()})
//	r := httptest.NewRequest("GET", "https://api.example.com/orders", nil)
//	prover.Sign(r, token)
type Prover struct {
	key *signingKey

	mu    sync.Mutex // guards nonce
	nonce string     // the newest that a service answered
}

// NewProver returns a client with a new key for alg, one of [Algorithms] that has a public key. It panics for others.
func NewProver(alg string) *Prover {
	key := newSigningKey(alg)
	_ = key.signer() // panics where there is none
	return &Prover{key: key}
}

// Confirmation returns the "cnf" of a token that is bound to the client's key: {"jkt": thumbprint} (RFC 9449, section
// 6.1).
func (p *Prover) Confirmation() map[string]any { return map[string]any{"jkt": p.key.id} }

// Sign sends token with r: "Authorization: DPoP" and a new proof for r's method and URL, with the newest nonce that
// [Prover.Answer] saw. A URL without a host, as a server sees it, is taken for https at r.Host.
//
// Each try needs a new proof: sign a request again before it is sent again.
func (p *Prover) Sign(r *http.Request, token string) {
	htu := url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Path: r.URL.Path, RawPath: r.URL.RawPath}
	if htu.Host == "" {
		htu.Scheme, htu.Host = "https", r.Host
	}
	method := r.Method
	if method == "" {
		method = http.MethodGet // as a client's request has it
	}
	r.Header.Set("Authorization", "DPoP "+token)
	r.Header.Set("DPoP", p.Proof(method, htu.String(), token, nil))
}

// Answer remembers the nonce of an answer, whatever its status (RFC 9449, section 8.2).
func (p *Prover) Answer(response *http.Response) {
	if nonce := response.Header.Get("DPoP-Nonce"); nonce != "" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.nonce = nonce
	}
}

// Proof returns a good proof for one request that carries token, unless claims or options spoil it, as they do with
// [Issuer.Token]. Its header holds typ "dpop+jwt", alg and jwk, its payload jti, htm, htu without query and fragment,
// iat, ath, and nonce once one is known. A nil value leaves a member out. [Algorithm] signs with the client's own key
// under another name that fits it. Token "" makes a proof as a token endpoint takes it, without ath.
func (p *Prover) Proof(method, url, token string, claims map[string]any, options ...TokenOption) string {
	request := tokenRequest{alg: p.key.alg}
	for _, option := range options {
		option(&request)
	}
	payload := map[string]any{
		"jti": rand.Text(), "htm": method, "htu": withoutQuery(url), "iat": time.Now().Unix(),
	}
	if token != "" {
		hash := sha256.Sum256([]byte(token))
		payload["ath"] = base64.RawURLEncoding.EncodeToString(hash[:])
	}
	p.mu.Lock()
	if p.nonce != "" {
		payload["nonce"] = p.nonce
	}
	p.mu.Unlock()
	overlay(payload, claims)
	header := map[string]any{"typ": "dpop+jwt", "alg": request.alg, "jwk": p.PublicJWK()}
	if request.unsigned {
		header["alg"] = "none"
	}
	overlay(header, request.header)
	switch {
	case request.unsigned:
		return Compact(mustJSON(header), mustJSON(payload), nil)
	case request.hmac:
		return SignHMAC(request.alg, request.secret, mustJSON(header), mustJSON(payload))
	}
	return p.SignRaw(request.alg, mustJSON(header), mustJSON(payload))
}

// SignRaw returns a proof of exactly these header and payload bytes, JSON or not, with a valid signature of the client's
// key by alg, which must fit it. The header is not read.
func (p *Prover) SignRaw(alg string, header, payload []byte) string {
	key := &signingKey{alg: alg, private: p.key.private}
	return key.sign(header, payload)
}

// PublicJWK returns the client's public key as its proofs show it.
func (p *Prover) PublicJWK() json.RawMessage {
	return must(jose.JSONWebKey{Key: p.key.signer().Public()}.MarshalJSON())
}

// PrivateJWK returns the client's key with its private half, for a proof that gives it away.
func (p *Prover) PrivateJWK() json.RawMessage {
	return must(jose.JSONWebKey{Key: p.key.private}.MarshalJSON())
}

// withoutQuery leaves out what an htu does not hold (RFC 9449, section 4.2).
func withoutQuery(raw string) string {
	for i := range len(raw) {
		if raw[i] == '?' || raw[i] == '#' {
			return raw[:i]
		}
	}
	return raw
}
