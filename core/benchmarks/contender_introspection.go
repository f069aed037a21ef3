package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/zitadel/oidc/v3/pkg/client/rs"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"github.com/jwtmw/jwtmw/core"
)

const (
	asker       = "orders-api"
	askerSecret = "b1f0c2a94d6e4f1f9a3e7c5d"
	opaqueToken = "2YotnFZFEjr1zCsicMWpAAbCdEfGhIjKlMnOpQrS"
	answerAge   = time.Minute // an answer is remembered, where it is
)

var errRefused = errors.New("the token is refused")

// endpoint answers about opaque tokens (RFC 7662), to whoever knows the secret.
type endpoint map[string][]byte // token to answer

func (e endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, answer := e.ask(r)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

// RoundTrip reaches the endpoint without a socket.
func (e endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	status, answer := e.ask(r)
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(answer)), ContentLength: int64(len(answer)),
	}, nil
}

func (e endpoint) ask(r *http.Request) (status int, answer []byte) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	_ = r.Body.Close()
	id, secret, _ := r.BasicAuth()
	form, badForm := url.ParseQuery(string(body))
	switch {
	case err != nil || badForm != nil || r.Method != http.MethodPost:
		return http.StatusBadRequest, nil
	case id != asker || secret != askerSecret:
		return http.StatusUnauthorized, nil
	}
	if answer = e[form.Get("token")]; answer == nil {
		answer = []byte(`{"active":false}`)
	}
	return http.StatusOK, answer
}

// verifies is what all contenders do.
type verifies = func(ctx context.Context, token string) error

// opaqueMaker makes a contender that asks the endpoint at url through client.
type opaqueMaker struct {
	name      string
	make      func(client *http.Client, url string) (verifies, error)
	remembers bool
}

func opaqueMakers() []opaqueMaker {
	return []opaqueMaker{
		{"jwtmw", func(client *http.Client, url string) (verifies, error) { return jwtmwOpaque(client, url, 0) }, false},
		{"zitadel/oidc rs", zitadelOpaque, false},
		{"handwritten", func(client *http.Client, url string) (verifies, error) {
			return handwrittenOpaque(client, url).verify, nil
		}, false},
		{"jwtmw, remembered", func(client *http.Client, url string) (verifies, error) { return jwtmwOpaque(client, url, answerAge) }, true},
		{"handwritten, remembered by golang-lru", handwrittenRemembered, true},
	}
}

func jwtmwOpaque(client *http.Client, url string, age time.Duration) (verifies, error) {
	v, err := core.New(core.Config{Issuer: issuerURL, Audiences: []string{audience}, Keys: core.Introspection{
		URL: url, ClientID: asker, Secret: core.Secret(askerSecret), MaxAge: age, Fetch: core.Fetch{Client: client},
	}})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, token string) error {
		_, err := v.Verify(ctx, token)
		return err
	}, nil
}

func zitadelOpaque(client *http.Client, url string) (verifies, error) {
	server, err := rs.NewResourceServerClientCredentials(context.Background(), issuerURL, asker, askerSecret,
		rs.WithClient(client), rs.WithStaticEndpoints(issuerURL+"token", url))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, token string) error {
		said, err := rs.Introspect[*oidc.IntrospectionResponse](ctx, server, token)
		switch {
		case err != nil:
			return err
		case !said.Active, said.Issuer != issuerURL, !slices.Contains(said.Audience, audience), time.Now().After(said.Expiration.AsTime()):
			return errRefused
		}
		return nil
	}, nil
}

// handwritten asks with net/http and encoding/json alone.
type handwritten struct {
	client    *http.Client
	url       string
	validator *jwt.Validator
}

type introspected struct {
	Active bool   `json:"active"`
	Scope  string `json:"scope"`
	jwt.RegisteredClaims
}

func handwrittenOpaque(client *http.Client, url string) handwritten {
	return handwritten{client, url, jwt.NewValidator(jwt.WithIssuer(issuerURL), jwt.WithAudience(audience), jwt.WithExpirationRequired())}
}

func (h handwritten) ask(ctx context.Context, token string) (*introspected, error) {
	form := url.Values{"token": {token}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, strings.NewReader(form))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(asker, askerSecret)
	response, err := h.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("got status %d from the endpoint, want 200", response.StatusCode)
	}
	said := new(introspected)
	return said, json.Unmarshal(body, said)
}

func (h handwritten) judge(said *introspected) error {
	if !said.Active {
		return errRefused
	}
	return h.validator.Validate(said)
}

func (h handwritten) verify(ctx context.Context, token string) error {
	said, err := h.ask(ctx, token)
	if err != nil {
		return err
	}
	return h.judge(said)
}

// handwrittenRemembered holds the tokens themselves in memory, which jwtmw does not.
func handwrittenRemembered(client *http.Client, url string) (verifies, error) {
	h := handwrittenOpaque(client, url)
	answers := expirable.NewLRU[string, *introspected](10_000, nil, answerAge)
	return func(ctx context.Context, token string) error {
		said, known := answers.Get(token)
		if !known {
			var err error
			if said, err = h.ask(ctx, token); err != nil {
				return err
			}
			answers.Add(token, said)
		}
		return h.judge(said)
	}, nil
}
