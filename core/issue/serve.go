package issue

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// places is where the documents of an issuer are.
type places struct {
	jwksURI string // absolute

	jwks      string // path of the key set
	discovery string // OpenID Connect Discovery 1.0 section 4
	metadata  string // RFC 8414 section 3
}

const (
	jwksPath      = "/.well-known/jwks.json"
	discoveryPath = "/.well-known/openid-configuration"
	metadataPath  = "/.well-known/oauth-authorization-server"
)

// placesOf takes an issuer that has passed checkIssuer; of another one it
// returns nothing that anybody sees.
func placesOf(issuer string) places {
	u, err := url.Parse(issuer)
	if err != nil {
		return places{}
	}
	// Both standards drop a slash at the end before they add a path.
	path := strings.TrimSuffix(u.Path, "/")
	return places{
		jwksURI:   strings.TrimSuffix(issuer, "/") + jwksPath,
		jwks:      path + jwksPath,
		discovery: path + discoveryPath,
		metadata:  metadataPath + path,
	}
}

// ServeHTTP publishes what verifiers need, to GET and HEAD. For the issuer
// https://host/path that is
//
//	/path/.well-known/jwks.json                       key set (RFC 7517 section 5)
//	/path/.well-known/openid-configuration            OpenID Connect Discovery 1.0
//	/.well-known/oauth-authorization-server/path      RFC 8414
//
// and 404 for every other path. Mount it on the server's root, outside of any
// guard, by a router that passes the whole path on.
//
// Cache-Control says max-age, never longer than the keys stay as they are.
// Answers carry an ETag, and If-None-Match is answered with 304. While no key can
// be had the answer is 503 with Retry-After; Ready has the cause.
// Only public halves are ever written; for Secrets the key set is empty.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if i == nil || i.keys == nil {
		http.Error(w, "the issuer is not configured", http.StatusInternalServerError)
		return
	}
	path := r.URL.Path
	if path != i.places.jwks && path != i.places.discovery && path != i.places.metadata {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	table, now, err := i.published(r.Context())
	if err != nil {
		w.Header().Set("Retry-After", "1")
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "the keys are not available", http.StatusServiceUnavailable)
		return
	}
	body, kind := table.jwks(now), "application/jwk-set+json" // RFC 7517 section 8.5.2
	if path != i.places.jwks {
		body, kind = i.describe(table, now), "application/json"
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(table.freshFor(now)/time.Second)))
	hash := sha256.Sum256(body)
	h.Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(hash[:16])+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// published returns the keys, and the instant at which they are published. It is
// an error if there is none, since verifiers take an empty set for a mistake;
// Secrets alone publish nothing.
func (i *Issuer) published(ctx context.Context) (*timetable, time.Time, error) {
	table, now, err := i.keys.current(ctx)
	if _, secrets := i.keys.describe(); len(table.published(now)) > 0 || secrets != nil {
		return table, now, nil
	}
	if err == nil {
		err = table.silence(now)
	}
	return nil, now, err
}

// jwks is the key set (RFC 7517 section 5).
func (t *timetable) jwks(now time.Time) []byte {
	set := []byte(`{"keys":[`)
	for n, k := range t.published(now) {
		if n > 0 {
			set = append(set, ',')
		}
		set = append(set, k.jwk...)
	}
	return append(set, "]}"...)
}

// describe returns the metadata: the members that both standards require, and of
// endpoints only what there is. A program that has a token endpoint of its own
// writes its own document.
func (i *Issuer) describe(table *timetable, now time.Time) []byte {
	var algorithms []core.Algorithm
	for _, s := range table.slots {
		if s.present(now) && !slices.Contains(algorithms, s.algorithm) {
			algorithms = append(algorithms, s.algorithm)
		}
	}
	document, err := json.Marshal(struct {
		Issuer        string           `json:"issuer"`
		JWKSURI       string           `json:"jwks_uri"`
		ResponseTypes []string         `json:"response_types_supported"` // "none": nothing is handed out here
		SubjectTypes  []string         `json:"subject_types_supported"`
		Algorithms    []core.Algorithm `json:"id_token_signing_alg_values_supported"`
	}{i.config.Issuer, i.places.jwksURI, []string{"none"}, []string{"public"}, algorithms})
	if err != nil {
		return nil // strings always marshal
	}
	return document
}
