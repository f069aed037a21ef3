package core

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/jwtmw/jwtmw/core/internal/jws"
	"github.com/jwtmw/jwtmw/core/internal/keyset"
)

// ResourceMetadata describes this service to OAuth clients (RFC 9728 section
// 2), so that one which was refused can find out where to get a token. Adapters
// serve it; put URL into Guard.ResourceMetadata.
type ResourceMetadata struct {
	Resource               string   `json:"resource"`                                   // this service's identifier, an https URL; required
	AuthorizationServers   []string `json:"authorization_servers,omitempty"`            // issuers whose tokens it takes
	ScopesSupported        []string `json:"scopes_supported,omitempty"`                 // scopes that it asks for
	BearerMethodsSupported []string `json:"bearer_methods_supported,omitempty"`         // of "header", "body" and "query"
	Name                   string   `json:"resource_name,omitempty"`                    // for people
	Documentation          string   `json:"resource_documentation,omitempty"`           // URL of a page for developers
	PolicyURI              string   `json:"resource_policy_uri,omitempty"`              // URL of a page on how data may be used
	TermsOfServiceURI      string   `json:"resource_tos_uri,omitempty"`                 // URL of the terms of service
	DPoPBoundRequired      bool     `json:"dpop_bound_access_tokens_required,omitzero"` // bearer tokens are not taken

	DPoPAlgorithms  []Algorithm `json:"dpop_signing_alg_values_supported,omitempty"`         // of proofs, as DPoP.Algorithms
	ClientCertBound bool        `json:"tls_client_certificate_bound_access_tokens,omitzero"` // tokens may be bound by "x5t#S256"
}

const resourceMetadataPath = "/.well-known/oauth-protected-resource"

// URL is where the document of a Resource is to be found: the well-known path
// stands between the host and the Resource's own path (RFC 9728 section 3.1).
// It is empty if Resource is not a URL.
func (m ResourceMetadata) URL() string {
	u, err := url.Parse(m.Resource)
	if err != nil || u.Host == "" {
		return ""
	}
	well := url.URL{Scheme: u.Scheme, Host: u.Host, Path: m.Path(), RawQuery: u.RawQuery}
	return well.String()
}

// Path is the path of URL, on which to mount the adapter's handler.
func (m ResourceMetadata) Path() string {
	u, err := url.Parse(m.Resource)
	if err != nil {
		return resourceMetadataPath
	}
	// RFC 9728 section 3.1 removes the slash that ends the host or the path.
	return resourceMetadataPath + strings.TrimSuffix(u.Path, "/")
}

// Document is the metadata as JSON. The error says which member is not what RFC
// 9728 section 2 asks, or what no guard could keep.
func (m ResourceMetadata) Document() ([]byte, error) {
	if err := keyset.CheckURL(m.Resource, false); err != nil {
		return nil, fmt.Errorf("jwtmw: ResourceMetadata.Resource is not usable: %w", err)
	}
	for _, server := range m.AuthorizationServers {
		if err := keyset.CheckURL(server, false); err != nil {
			return nil, fmt.Errorf("jwtmw: ResourceMetadata.AuthorizationServers holds %q: %w", server, err)
		}
	}
	if err := m.validateDPoP(); err != nil {
		return nil, err
	}
	return json.Marshal(m)
}

// validateDPoP refuses a promise that no guard could keep.
func (m ResourceMetadata) validateDPoP() error {
	for _, a := range m.DPoPAlgorithms {
		if alg := jws.Algorithm(a); !alg.Known() || alg.Symmetric() || alg.MLDSA() {
			return fmt.Errorf("jwtmw: ResourceMetadata.DPoPAlgorithms holds %s, want a signature algorithm with a public key, such as %q", quote(string(a)), ES256)
		}
	}
	// A token that is bound to a key comes in Authorization alone (RFC 9449 section 7.1).
	for _, method := range m.BearerMethodsSupported {
		if m.DPoPBoundRequired && method != "header" {
			return fmt.Errorf("jwtmw: ResourceMetadata.BearerMethodsSupported holds %s beside DPoPBoundRequired, want \"header\" alone", quote(method))
		}
	}
	return nil
}
