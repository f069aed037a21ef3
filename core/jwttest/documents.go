package jwttest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"sync"
	"time"
)

const (
	jwksPath          = "/jwks.json"
	introspectionPath = "/introspect"
	discoveryPath     = "/.well-known/openid-configuration"
	metadataPath      = "/.well-known/oauth-authorization-server"
)

// Document names one of the things an Issuer answers with, for [Issuer.Misbehave] and [Issuer.Recover].
type Document string

// The documents of an Issuer.
const (
	Metadata Document = "metadata" // OpenID Connect discovery and RFC 8414, which say the same
	JWKS     Document = "jwks"     // the key set

	Introspection Document = "introspection" // what is said of an opaque token
)

// ServeHTTP answers with the issuer's documents. For the issuer https://host/path they are found where the standards
// put them and nowhere else:
//
//	/path/.well-known/openid-configuration         OpenID Connect Discovery 1.0, section 4
//	/.well-known/oauth-authorization-server/path   RFC 8414, section 3
//	/path/jwks.json                                named by both
//	/path/introspect                               named by both, RFC 7662
//
// Answers of the first three carry an ETag and honour If-None-Match with 304; the key set does the same with Last-Modified and
// If-Modified-Since.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	document := i.documentAt(r.URL.Path)
	i.traffic.record(document, r)
	i.headers.overlay(w.Header())
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { i.serveDocument(w, r, document) })
	i.faults.serve(document, next, w, r)
}

// SetHeader puts a header field into every answer from now on, in place of the issuer's own, broken answers included:
// Cache-Control, Age, Expires, Retry-After. An empty value takes the field out, ETag and Last-Modified included.
func (i *Issuer) SetHeader(name, value string) { i.headers.set(name, value) }

// SetMetadata changes members of the metadata document: a wrong "issuer", a "jwks_uri" elsewhere. A nil value removes
// the member, and a nil map restores the document. Each call starts from the issuer's own document.
func (i *Issuer) SetMetadata(members map[string]any) { i.metadata.set(members) }

func (i *Issuer) documentAt(path string) Document {
	switch path {
	case i.base.Path + jwksPath:
		return JWKS
	case i.base.Path + introspectionPath:
		return Introspection
	case i.base.Path + discoveryPath, metadataPath + i.base.Path:
		return Metadata
	}
	return ""
}

func (i *Issuer) serveDocument(w http.ResponseWriter, r *http.Request, document Document) {
	if document == Introspection {
		i.serveIntrospection(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	var body []byte
	var changed time.Time
	switch document {
	case JWKS:
		body, changed = i.keys.document()
		w.Header().Set("Content-Type", "application/jwk-set+json") // RFC 7517, section 8.5.2
	case Metadata:
		body = i.metadata.document(i)
		w.Header().Set("Content-Type", "application/json")
	default:
		http.NotFound(w, r)
		return
	}
	hash := sha256.Sum256(body)
	w.Header().Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(hash[:16])+`"`)
	if removed := i.headers.overlay(w.Header()); removed["Last-Modified"] {
		changed = time.Time{}
	}
	http.ServeContent(w, r, "", changed, bytes.NewReader(body))
}

// metadata is the discovery document: what the issuer says of itself, and what a test changed in it.
type metadata struct {
	mu      sync.Mutex // guards members
	members map[string]any
}

func (m *metadata) set(members map[string]any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.members = maps.Clone(members)
}

// document holds the members that OpenID Connect Discovery, section 3 and RFC 8414, section 2 require. Nobody answers
// at the authorization and the token endpoint.
func (m *metadata) document(i *Issuer) []byte {
	base := i.base.String()
	members := map[string]any{
		"issuer":                                i.identifier,
		"jwks_uri":                              i.JWKSURL(),
		"authorization_endpoint":                base + "/authorize",
		"token_endpoint":                        base + "/token",
		"introspection_endpoint":                i.IntrospectionURL(),
		"response_types_supported":              []string{"code"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": i.keys.algorithms(),
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	overlay(members, m.members)
	return mustJSON(members)
}

// headers are the response header fields that a test asked for.
type headers struct {
	mu     sync.Mutex        // guards fields
	fields map[string]string // by canonical name; "" removes the field
}

func (h *headers) set(name, value string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fields == nil {
		h.fields = map[string]string{}
	}
	h.fields[http.CanonicalHeaderKey(name)] = value
}

// overlay writes the fields into header and returns the names of those it removed.
func (h *headers) overlay(header http.Header) (removed map[string]bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	removed = map[string]bool{}
	for name, value := range h.fields {
		if value == "" {
			header.Del(name)
			removed[name] = true
			continue
		}
		header.Set(name, value)
	}
	return removed
}
