package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

// clientCert is a certificate of a client, with what RFC 8705 calls its thumbprint.
type clientCert struct {
	*x509.Certificate
	thumbprint string
}

func newClientCert() (clientCert, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return clientCert{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "orders-client"}, DNSNames: []string{"client.example"},
		NotBefore: time.Now(), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return clientCert{}, err
	}
	sum := sha256.Sum256(der)
	parsed, err := x509.ParseCertificate(der)
	return clientCert{parsed, base64.RawURLEncoding.EncodeToString(sum[:])}, err
}

// bind makes a token that is bound to the certificate.
func (c clientCert) bind(f *fixture) string {
	return f.sign(f.header(), payload(map[string]any{"cnf": map[string]any{"x5t#S256": c.thumbprint}}))
}

// forms are the headers in which proxies hand the certificate on.
func (c clientCert) forms() map[string]string {
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	return map[string]string{
		"Client-Cert":            ":" + base64.StdEncoding.EncodeToString(c.Raw) + ":",
		"X-Ssl-Client-Cert":      url.PathEscape(string(text)),
		"X-Forwarded-Tls-Client": base64.StdEncoding.EncodeToString(c.Raw),
	}
}

// shown makes a task of one request with a token and a certificate.
func shown(name string, h http.Handler, token string, cert clientCert, header string, want int) task {
	r, err := http.NewRequest(http.MethodGet, "https://api.example/orders", nil)
	if err != nil {
		panic(err) // the URL above is one
	}
	r.RequestURI, r.RemoteAddr, r.TLS = "/orders", "10.0.0.7:40000", &tls.ConnectionState{}
	r.Header.Set("Authorization", "Bearer "+token)
	switch {
	case header != "":
		r.Header.Set(header, cert.forms()[header])
	case cert.Certificate != nil:
		r.TLS.PeerCertificates = []*x509.Certificate{cert.Certificate}
	}
	return task{name, func() error {
		w := newAnswer()
		h.ServeHTTP(w, r)
		if w.status != want {
			return fmt.Errorf("got status %d, want %d", w.status, want)
		}
		return nil
	}}
}

// confirmedClaims are golangClaims with the certificate to which the token is bound.
type confirmedClaims struct {
	Scope        string `json:"scope"`
	Confirmation struct {
		Thumbprint string `json:"x5t#S256"`
	} `json:"cnf"`
	jwt.RegisteredClaims
}

// handwrittenCertificates is what a service writes around golang-jwt today, since none of the peers knows RFC 8705.
func handwrittenCertificates(f *fixture) (http.Handler, error) {
	parse, err := golangJWTOf[confirmedClaims](f)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := bearerToken(r.Header.Get("Authorization"))
		if !ok {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		claims, err := parse(token)
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if bound := claims.Confirmation.Thumbprint; bound != "" {
			if len(r.TLS.PeerCertificates) == 0 {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			sum := sha256.Sum256(r.TLS.PeerCertificates[0].Raw)
			if base64.RawURLEncoding.EncodeToString(sum[:]) != bound {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
		}
		w.WriteHeader(statusOf(claims.Subject != ""))
	}), nil
}

// certificateHandlers are what the table compares: jwtmw at the end of TLS, behind a proxy, and with a TokenCache.
type certificateHandlers struct {
	own, cached, handwritten http.Handler
	behind                   map[string]http.Handler // by the proxy's header
}

func newCertificateHandlers(f *fixture) (h certificateHandlers, err error) {
	config := jwtmwConfig(f)
	h.own = jwtmw.NetHTTP(config)(proofHandler())
	h.behind = map[string]http.Handler{}
	for header := range (clientCert{Certificate: &x509.Certificate{}}).forms() {
		behind := config
		behind.ClientCert = core.ClientCert{Header: header, From: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
		h.behind[header] = jwtmw.NetHTTP(behind)(proofHandler())
	}
	config.TokenCache = 1024
	h.cached = jwtmw.NetHTTP(config)(proofHandler())
	h.handwritten, err = handwrittenCertificates(f)
	return h, err
}

// certificateTable compares whole requests of tokens that are bound to a certificate.
func certificateTable(w io.Writer, p plan) error {
	f := newFixture("ES256")
	base, err := primitive(f)
	if err != nil {
		return err
	}
	h, err := newCertificateHandlers(f)
	if err != nil {
		return err
	}
	cert, err := newClientCert()
	if err != nil {
		return err
	}
	other, err := newClientCert()
	if err != nil {
		return err
	}
	bound := cert.bind(f)
	const passes, refused = http.StatusNoContent, http.StatusUnauthorized
	costs, err := measure(p, []task{
		base,
		shown("jwtmw, Bearer", h.own, f.token, clientCert{}, "", passes),
		shown("jwtmw, of the connection", h.own, bound, cert, "", passes),
		shown("jwtmw, Client-Cert of RFC 9440", h.behind["Client-Cert"], bound, cert, "Client-Cert", passes),
		shown("jwtmw, percent-encoded PEM of nginx", h.behind["X-Ssl-Client-Cert"], bound, cert, "X-Ssl-Client-Cert", passes),
		shown("jwtmw, base64 of Traefik", h.behind["X-Forwarded-Tls-Client"], bound, cert, "X-Forwarded-Tls-Client", passes),
		shown("jwtmw, Bearer, token remembered", h.cached, f.token, clientCert{}, "", passes),
		shown("jwtmw, of the connection, token remembered", h.cached, bound, cert, "", passes),
		shown("jwtmw, another certificate", h.own, bound, other, "", refused),
		shown("jwtmw, no certificate", h.own, bound, clientCert{}, "", refused),
		shown("handwritten on golang-jwt, Bearer", h.handwritten, f.token, clientCert{}, "", passes),
		shown("handwritten on golang-jwt, of the connection", h.handwritten, bound, cert, "", passes),
	})
	if err != nil {
		return err
	}
	own, _ := named(costs, "jwtmw, Bearer")
	m := markdown{columns: []string{"one request, ES256 token", "µs", "of the primitive", "of jwtmw's Bearer", "allocations"}}
	for _, c := range costs {
		m.add(c.name, micros(c.median()), times(c.ratio(costs[0])), times(c.ratio(own)), fmt.Sprintf("%.0f", c.allocs))
	}
	m.write(w, "Tokens bound to a certificate", "Whole requests under net/http. No peer knows RFC 8705, so a handwritten middleware stands in, "+
		"which takes the connection's certificate alone.")
	return nil
}
