package keyset

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

const (
	acceptKeys     = "application/jwk-set+json, application/json"
	acceptMetadata = "application/json"
)

// origin is where something of an issuer is to be had, its keys or an endpoint: at an address, or at one that metadata name.
type origin struct {
	address  string   // "" if the metadata name it
	issuer   string   // that the metadata must name
	metadata []string // addresses that may have them, the likeliest first
	member   string   // of the metadata: one of the two below
}

const (
	jwksURI               = "jwks_uri"
	introspectionEndpoint = "introspection_endpoint" // RFC 8414 section 2
)

// location is where the metadata were found, and the address in them. It is empty if the address was configured.
type location struct {
	page    page
	address string
}

func discoveryOrigin(issuer, address string) origin {
	from := origin{issuer: issuer, metadata: []string{address}, member: jwksURI}
	if address == "" {
		from.metadata = wellKnown(issuer)
	}
	return from
}

func endpointOrigin(issuer, address string) origin {
	if address != "" {
		return origin{address: address}
	}
	return origin{issuer: issuer, metadata: wellKnown(issuer), member: introspectionEndpoint}
}

// identity names the origin in a Store, so that what was kept for one never serves another.
func (o origin) identity() string {
	if o.address != "" {
		return "jwks " + o.address
	}
	return "discovery " + o.issuer + " " + strings.Join(o.metadata, " ")
}

// locate returns the address. known makes the request conditional.
func (o origin) locate(ctx context.Context, g getter, known location) (location, error) {
	if o.address != "" {
		return location{address: o.address}, nil
	}
	var failures []error
	for _, address := range o.metadata {
		found, err := o.readMetadata(ctx, g, address, known)
		if err == nil {
			return found, nil
		}
		failures = slices.Insert(failures, 0, err) // the last one first: its Retry-After counts
		if !absent(err) {
			break
		}
	}
	return location{}, errors.Join(failures...)
}

// readMetadata reads one metadata document (OpenID Connect Discovery 1.0 section 3, RFC 8414 section 2).
func (o origin) readMetadata(ctx context.Context, g getter, address string, known location) (location, error) {
	got, err := g.get(ctx, address, acceptMetadata, known.page)
	if err != nil {
		return location{}, err
	}
	if got.notModified {
		return known, nil
	}
	issuer, named, err := parseMetadata(string(got.body), o.member)
	if err != nil {
		return location{}, fmt.Errorf("metadata at %q: %w", cut(address), err)
	}
	// RFC 8414 section 3.3: identical, or the document must not be used.
	if issuer != o.issuer {
		return location{}, fmt.Errorf("metadata at %q: got issuer %q, want %q", cut(address), cut(issuer), cut(o.issuer))
	}
	if err := o.allows(g, named); err != nil {
		return location{}, fmt.Errorf("metadata at %q: %s: %w", cut(address), o.member, err)
	}
	return location{page: got.page, address: named}, nil
}

// allows says whether what the origin is about may be at the address.
func (o origin) allows(g getter, address string) error {
	if o.address != "" {
		if address != o.address {
			return fmt.Errorf("got key set URL %q, want %q", cut(address), cut(o.address))
		}
		return g.checkURL(address, g.insecureHTTP)
	}
	// Any of the metadata's addresses: they differ in their paths alone.
	return errors.Join(g.checkURL(address, g.insecureHTTP), g.hosts.check(o.metadata[0], address))
}

// wellKnown lists the addresses that may have an issuer's metadata: behind its path as in OpenID Connect Discovery 1.0
// section 4, then between host and path as in RFC 8414 section 3.1.
func wellKnown(issuer string) []string {
	bare := strings.TrimSuffix(issuer, "/")
	addresses := []string{bare + "/.well-known/openid-configuration"}
	if u, err := url.Parse(bare); err == nil && u.Host != "" {
		root := url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}
		addresses = append(addresses, root.String()+"/.well-known/oauth-authorization-server"+u.EscapedPath())
	}
	return addresses
}

// parseMetadata reads the issuer and the address that member names.
func parseMetadata(document, member string) (issuer, address string, err error) {
	err = jws.ReadObject(document, func(name string, value jws.Value) error {
		ok := true
		switch name {
		case "issuer":
			issuer, ok = value.Text()
		case member:
			address, ok = value.Text()
		}
		if !ok {
			return fmt.Errorf("got %q of a wrong type, want a string", name)
		}
		return nil
	})
	if err == nil && address == "" {
		err = fmt.Errorf("got no %q", member)
	}
	// Cloned, because they outlive the document, which must not stay in memory for them.
	return strings.Clone(issuer), strings.Clone(address), err
}

// absent says that an address has no metadata, so that the next one may be asked: a 4xx, or something that is not JSON, like
// the start page of a web application. Trouble, or metadata of another issuer, is an answer: to ask on would let a fallback
// decide what the first address refused.
func absent(err error) bool {
	if refused, ok := errors.AsType[*statusError](err); ok {
		return refused.status >= 400 && refused.status < 500 && refused.status != http.StatusTooManyRequests
	}
	return errors.Is(err, jws.ErrJSON)
}
