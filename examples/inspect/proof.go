package main

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/jwtmw/jwtmw/core"
)

// shown is a DPoP proof with the request that it came with. It is for the eye
// alone: the verdict is the verifier's.
type shown struct {
	view
	method string
	url    *url.URL
}

// request is one that a service would have seen: the scheme DPoP, one proof.
func (s *shown) request(token string) *http.Request {
	return &http.Request{
		Method: s.method, URL: s.url, RequestURI: s.url.RequestURI(), Host: s.url.Host,
		Header: http.Header{"Authorization": {"DPoP " + token}, "Dpop": {s.text}},
	}
}

// proofFlags are what the command line says of a proof.
type proofFlags struct{ file, method, url string }

// read takes the proof from its file, alone or as a header line. nil means that
// none was asked for.
func (f proofFlags) read(config *core.Config) (*shown, error) {
	if f.file == "" {
		if f.url != "" {
			return nil, errors.New("-url is there without -dpop, want the file of the proof")
		}
		return nil, nil
	}
	content, err := os.ReadFile(f.file)
	if err != nil {
		return nil, err
	}
	words := strings.Fields(string(content))
	if len(words) > 1 && strings.EqualFold(words[0], "DPoP:") {
		words = words[1:]
	}
	if len(words) != 1 {
		return nil, fmt.Errorf("-dpop: got %d words in the file, want one proof", len(words))
	}
	u, err := url.Parse(f.url)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("-url is %q, want the URL of the request that the proof came with", cut(f.url))
	}
	config.DPoP.URLs = []string{u.Scheme + "://" + u.Host}
	if u.Path == "" {
		u.Path = "/"
	}
	return &shown{look(words[0]), f.method, u}, nil
}

// proof shows what stands in the proof, beside what it will be held against.
func (r report) proof(s *shown, token view) {
	r.line("")
	r.line("Proof, as it reads. Nothing here is verified.")
	r.members("header", s.header, s.headerErr)
	r.members("payload", s.payload, s.payloadErr)
	r.line("  jwk      its thumbprint is %s, the token's cnf %s", thumbprint(s.view), raw(token.payload, "cnf"))
	sum := sha256.Sum256([]byte(token.text))
	r.line("  ath      this token's is %q", base64.RawURLEncoding.EncodeToString(sum[:]))
	r.line("  htm      this request's is %q", s.method)
	r.line("  htu      this request's is %q, without query", cut(s.url.String()))
	r.line("  iat      %s", dated(s.payload, "iat"))
}

// thumbprint is that of RFC 7638, "none" where the header holds no key.
func thumbprint(v view) string {
	var key jose.JSONWebKey
	if key.UnmarshalJSON(find(v.header, "jwk")) != nil {
		return "none"
	}
	octets, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return "none"
	}
	return base64.RawURLEncoding.EncodeToString(octets)
}

// pastConfirmation is for a token that does not belong to who sends it.
func (t trial) pastConfirmation(refusal *core.Refusal) (advice, *trial) {
	cnf := string(find(t.view.payload, "cnf"))
	switch {
	case t.shown == nil && strings.Contains(cnf, "x5t#S256"):
		return advice{"cnf", "", "it is bound to a client certificate, which this program does not see: a service holds it against that of its TLS connection"}, t.with("cnf", nil)
	case t.shown == nil:
		return advice{"cnf", "", "it is no bearer token: the client has to prove that it holds a key, by DPoP or mutual TLS; judge a proof with -dpop"}, t.with("cnf", nil)
	case cnf == "":
		return advice{"cnf", "", "the token is bound to no key: the client has to send it as Bearer, or to ask for a bound one"}, nil
	case strings.Contains(refusal.Error(), "another key"):
		return advice{"proof", "", "another key signed the proof: the client has changed its key since it got the token, or it is not its token"}, nil
	}
	return advice{"cnf", "", "nothing can show possession of what it names"}, t.with("cnf", nil)
}
