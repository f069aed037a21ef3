package jwttest

import (
	"net/http/httptest"
	"net/url"
	"strings"
)

// What an Issuer says where a test does not say otherwise.
const (
	// DefaultURL is the identifier ("iss") of an Issuer made without one.
	DefaultURL = "https://issuer.test"

	// Audience is the "aud" of a token whose claims name none.
	Audience = "https://api.test"

	// Subject is the "sub" of a token whose claims name none.
	Subject = "alice"
)

// Issuer signs tokens and publishes the keys that verify them. Make one with [NewIssuer], [Serve] or [Listen].
//
// It is an [http.Handler] that answers discovery and JWKS requests, and an [http.RoundTripper] that reaches that
// handler without a socket. All methods are safe for concurrent use.
type Issuer struct {
	identifier string
	base       *url.URL         // origin and path of every document, no trailing slash
	server     *httptest.Server // nil without a listener

	keys     keyring
	metadata metadata
	opaque   opaque
	headers  headers
	faults   faults
	traffic  traffic
}

// NewIssuer returns an issuer whose identifier is url, [DefaultURL] if url is empty. It opens no socket and starts
// no goroutine; [Issuer.Client] reaches it.
//
// An identifier that is no http or https URL is allowed, because real issuers have such: its documents are then
// found under DefaultURL.
//
// The issuer starts with one key each for RS256 and ES256. A key for another algorithm is made, and published, when
// it is first asked for. No two keys of a process are equal, in one issuer or in several, but RSA moduli may have a
// prime in common: that makes them about a hundred times cheaper, and worthless outside tests.
func NewIssuer(url string) *Issuer {
	if url == "" {
		url = DefaultURL
	}
	i := &Issuer{identifier: url, base: baseOf(url)}
	i.keys.rotate("RS256", "ES256")
	i.RegisterClient(ClientID, ClientSecret)
	return i
}

// URL returns the issuer's identifier, the "iss" of its tokens.
func (i *Issuer) URL() string { return i.identifier }

// JWKSURL returns the address of the JWKS document, the "jwks_uri" of the metadata.
func (i *Issuer) JWKSURL() string { return i.base.String() + jwksPath }

// MetadataURL returns the address of the OpenID Connect discovery document.
func (i *Issuer) MetadataURL() string { return i.base.String() + discoveryPath }

// IntrospectionURL returns the address of the introspection endpoint (RFC 7662), "introspection_endpoint" of the metadata.
func (i *Issuer) IntrospectionURL() string { return i.base.String() + introspectionPath }

// baseOf returns the URL under which the documents of an issuer are found.
func baseOf(identifier string) *url.URL {
	base, err := url.Parse(identifier)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		base, _ = url.Parse(DefaultURL)
	}
	// RFC 8414, section 3.1 and OpenID Connect Discovery, section 4.1: a slash at the end goes before a path is added.
	return &url.URL{Scheme: base.Scheme, Host: base.Host, Path: strings.TrimRight(base.Path, "/")}
}
