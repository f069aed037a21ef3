package core

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// ClientCert says where the client's certificate is, against which a token with
// "x5t#S256" in "cnf" is held (RFC 8705 section 3). The zero ClientCert takes the
// certificate of the TLS connection itself, which is right where this process ends
// TLS and asks clients for one: tls.Config.ClientAuth of tls.RequestClientCert
// suffices, since the handshake proves possession and the token names the
// certificate. A resumed session has the certificate of its first handshake.
//
// Where a proxy ends TLS, it hands the certificate on in a header. Both fields are
// needed then, and the connection's own certificate, which is the proxy's, does not
// count. The proxy must remove that header from what clients send. These forms are
// understood, of one certificate in one line:
//
//	Client-Cert of RFC 9440                 :MIIB...:
//	Envoy's x-forwarded-client-cert         the last element, its Cert; Hash alone is none
//	nginx's $ssl_client_escaped_cert, and   percent-encoded PEM
//	X-Amzn-Mtls-Clientcert-Leaf of AWS
//	Traefik, and ssl_c_der,base64           base64 of the DER
//	of HAProxy
type ClientCert struct {
	// Header is the field in which the proxy hands the certificate on.
	Header string

	// From are the addresses of the proxy, such as 10.0.0.0/8. From anywhere else the
	// header is nothing: a certificate is no secret, so whoever could set the header
	// could use a stolen token. A Unix socket has no address and is not among them.
	From []netip.Prefix
}

func (c ClientCert) withDefaults() ClientCert {
	c.From = slices.Clone(c.From)
	return c
}

func (c ClientCert) validate() error {
	var found mistakes
	switch {
	case c.Header == "" && len(c.From) > 0:
		found.add("ClientCert.Header is empty beside From, want the field in which the proxy hands the certificate on")
	case c.Header != "" && len(c.From) == 0:
		found.add("ClientCert.From is empty beside Header, want the addresses of the proxy: from anywhere else a header proves nothing")
	case c.Header != "":
		if err := wordOf("ClientCert.Header", c.Header); err != nil {
			found.add("%w", err)
		}
	}
	for _, prefix := range c.From {
		switch {
		case !prefix.IsValid():
			found.add("ClientCert.From holds an invalid prefix, want one such as %q", "10.0.0.0/8")
		case prefix.Addr().Is4In6():
			found.add("ClientCert.From holds %s, want the IPv4 prefix itself: it is held against the unmapped address", prefix)
		case prefix.Bits() == 0:
			found.add("ClientCert.From holds %s, want the addresses of the proxy: this is everybody", prefix)
		}
	}
	return found.join()
}

// thumbprint is the "x5t#S256" of the certificate that the client of r showed (RFC
// 8705 section 3.1).
func (c ClientCert) thumbprint(r Request) (string, error) {
	der, err := c.certificate(r)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(der)
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

func (c ClientCert) certificate(r Request) (der []byte, err error) {
	if c.Header == "" {
		state := r.TLS()
		switch {
		case state == nil:
			return nil, errors.New("the connection has no TLS that ends here")
		case len(state.PeerCertificates) == 0:
			return nil, errors.New("the client showed no certificate")
		}
		return state.PeerCertificates[0].Raw, nil // the leaf alone is the client's
	}
	peer := r.RemoteAddr().Addr().Unmap().WithZone("")
	if !slices.ContainsFunc(c.From, func(p netip.Prefix) bool { return p.Contains(peer) }) {
		return nil, fmt.Errorf("got the request from %s, want it from one of ClientCert.From", peer)
	}
	lines := r.Header(c.Header)
	if len(lines) != 1 {
		return nil, fmt.Errorf("got %d lines of ClientCert.Header, want one", len(lines))
	}
	if der, err = certificateIn(strings.Trim(lines[0], " \t")); err != nil {
		return nil, fmt.Errorf("ClientCert.Header: %w", err)
	}
	// An issuer behind a proxy that hands nothing on would bind its tokens to the hash of nothing.
	if _, err := x509.ParseCertificate(der); err != nil {
		return nil, fmt.Errorf("ClientCert.Header: got no certificate: %w", err)
	}
	return der, nil
}

// certificateIn tells the forms of a proxy's header apart by how they begin. None
// can be taken for another: a base64 of DER begins with M.
func certificateIn(value string) (der []byte, err error) {
	if isXFCC(value) {
		if value, err = certOfXFCC(value); err != nil {
			return nil, err
		}
	}
	switch {
	case strings.HasPrefix(value, ":"): // RFC 9440 section 2.1
		inner, ok := strings.CutSuffix(value[1:], ":")
		if !ok {
			return nil, errors.New("got a byte sequence without its end")
		}
		return decodeBase64(inner)
	case strings.HasPrefix(value, "-"), strings.HasPrefix(strings.ToUpper(value[:min(3, len(value))]), "%2D"):
		// Not as a query is decoded: a bare + is the base64's own, not a space.
		text, err := url.PathUnescape(value)
		if err != nil {
			return nil, errors.New("got a broken percent-encoding")
		}
		return derOfPEM(text)
	}
	return decodeBase64(value)
}

var strictBase64 = base64.StdEncoding.Strict()

// decodeBase64 takes no line breaks, which Go's decoder skips.
func decodeBase64(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("got base64 with line breaks")
	}
	return strictBase64.DecodeString(text)
}

// derOfPEM takes exactly one block and nothing around it. encoding/pem would skip
// what stands before, and spaces within.
func derOfPEM(text string) ([]byte, error) {
	const begin, end = "-----BEGIN CERTIFICATE-----\n", "\n-----END CERTIFICATE-----"
	text = strings.ReplaceAll(text, "\r\n", "\n")
	body, ok := strings.CutPrefix(text, begin)
	body, rest, ended := strings.Cut(body, end)
	if !ok || !ended || strings.Trim(rest, "\n") != "" {
		return nil, errors.New("got no single PEM block of a certificate")
	}
	return decodeBase64(strings.ReplaceAll(body, "\n", ""))
}

// isXFCC reports whether value is a list of Envoy's elements.
func isXFCC(value string) bool {
	name, _, found := strings.Cut(value, "=")
	return found && slices.Contains([]string{"by", "hash", "cert", "chain", "subject", "uri", "dns"}, strings.ToLower(name))
}

// certOfXFCC returns the Cert of the last element, the one that the nearest proxy
// added; those before it are as the client sent them.
func certOfXFCC(value string) (cert string, err error) {
	elements, err := cutUnquoted(value, ',')
	if err != nil {
		return "", err
	}
	pairs, err := cutUnquoted(elements[len(elements)-1], ';')
	if err != nil {
		return "", err
	}
	for _, pair := range pairs {
		name, text, _ := strings.Cut(pair, "=")
		if !strings.EqualFold(strings.Trim(name, " \t"), "Cert") {
			continue
		}
		if cert != "" {
			return "", errors.New("got two Certs in one element")
		}
		if cert = strings.Trim(strings.Trim(text, " \t"), `"`); !strings.HasPrefix(cert, "-") && !strings.HasPrefix(cert, "%") {
			return "", errors.New("got a Cert that is no PEM")
		}
	}
	if cert == "" {
		return "", errors.New("got no Cert in the last element")
	}
	return cert, nil
}

// cutUnquoted parts a text at a separator that stands in no quoted string.
func cutUnquoted(text string, separator byte) (parts []string, err error) {
	quoted, start := false, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == separator && !quoted:
			parts, start = append(parts, text[start:i]), i+1
		}
	}
	if quoted {
		return nil, errors.New("got a quoted string without its end")
	}
	return append(parts, text[start:]), nil
}
