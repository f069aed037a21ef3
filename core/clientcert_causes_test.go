package core_test

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// Who shows no certificate shows none: a token that is bound to the hash of
// nothing, or of the octets that the header does hold, passes no better.
func TestNoClientCert(t *testing.T) {
	const proxy = "10.1.2.3:4711"
	from := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	behind := newProofStage(t, func(c *core.Config) { c.ClientCert = core.ClientCert{Header: "Client-Cert", From: from} })
	from[0] = netip.MustParsePrefix("192.0.2.0/24") // New has copied it
	alone := newProofStage(t, nil)
	certificate := newCertificate(t, jwttest.NewIssuer(""), 1, "client")
	long := append(certificate.Raw[:len(certificate.Raw):len(certificate.Raw)], 0)
	der := base64.StdEncoding.EncodeToString(certificate.Raw)
	pem := "-----BEGIN CERTIFICATE-----\n" + der + "\n-----END CERTIFICATE-----"
	header := func(lines ...string) func(*http.Request) {
		return func(r *http.Request) { r.RemoteAddr, r.Header["Client-Cert"] = proxy, lines }
	}
	connection := func(state *tls.ConnectionState) func(*http.Request) {
		return func(r *http.Request) { r.TLS = state }
	}
	for _, test := range []struct {
		name  string
		stage *proofStage
		bound []byte // what the token is bound to the hash of
		edit  func(*http.Request)
		cause string
	}{
		{"no TLS", alone, nil, connection(nil), "no TLS that ends here"},
		{"no certificate", alone, nil, connection(&tls.ConnectionState{}), "showed no certificate"},
		{"an empty certificate", alone, certificate.Raw, connection(&tls.ConnectionState{PeerCertificates: []*x509.Certificate{{}}}), "x5t#S256"},
		{"a stranger", behind, nil, func(r *http.Request) { r.RemoteAddr = "192.0.2.1:1"; r.Header.Set("Client-Cert", der) }, "got the request from 192.0.2.1"},
		{"no line", behind, nil, header(), "got 0 lines of ClientCert.Header"},
		{"two lines", behind, nil, header(der, der), "got 2 lines of ClientCert.Header"},
		{"an empty line", behind, nil, header(""), "got no certificate"},
		{"the name of an XFCC member", behind, []byte("r\xb7\xab"), header("cert"), "got no certificate"},
		{"octets that are no certificate", behind, []byte("MII"), header(base64.StdEncoding.EncodeToString([]byte("MII"))), "got no certificate"},
		{"a certificate and an octet", behind, long, header(base64.StdEncoding.EncodeToString(long)), "got no certificate"},
		{"no base64", behind, nil, header("!"), "illegal base64"},
		{"no end", behind, nil, header(":" + der), "got a byte sequence without its end"},
		{"a broken escape", behind, nil, header("%2D%zz"), "got a broken percent-encoding"},
		{"PEM of nothing", behind, nil, header("-"), "got no single PEM block"},
		{"PEM without its beginning", behind, nil, header(url.PathEscape(pem[1:])), "got no single PEM block"},
		{"PEM without its end", behind, nil, header(url.PathEscape(pem[:len(pem)-1])), "got no single PEM block"},
		{"PEM and more", behind, nil, header(url.PathEscape(pem + "x")), "got no single PEM block"},
		{"XFCC without Cert", behind, nil, header("Hash=00"), "got no Cert in the last element"},
		{"XFCC with an empty Cert", behind, nil, header("Cert="), "got a Cert that is no PEM"},
		{"XFCC with base64", behind, certificate.Raw, header("Cert=" + der), "got a Cert that is no PEM"},
		{"XFCC with two Certs", behind, nil, header("Cert=" + url.PathEscape(pem) + ";Cert=" + url.PathEscape(pem)), "got two Certs in one element"},
		{"XFCC with an open quote", behind, nil, header(`Hash=00;Cert="` + url.PathEscape(pem)), "got a quoted string without its end"},
		{"XFCC with an open quote in the last element", behind, nil, header(`Hash=00,Subject="`), "got a quoted string without its end"},
		{"XFCC with an escaped quote", behind, nil, header(`Subject="\",Cert=` + url.PathEscape(pem)), "got a quoted string without its end"},
	} {
		t.Run(test.name, func(t *testing.T) {
			sum := sha256.Sum256(test.bound)
			token := test.stage.boundTo(map[string]any{"x5t#S256": base64.RawURLEncoding.EncodeToString(sum[:])})
			r := byBearer("", bearsBound, token).request(t)
			test.edit(r)
			_, err := test.stage.guard.Check(t.Context(), core.HTTPRequest(r))
			refusal := core.RefusalOf(err)
			if refusal == nil || refusal.Reason != bearsBound.reason {
				t.Fatalf("got %v, want it refused as %q", err, bearsBound.reason)
			}
			if cause := refusal.Unwrap().Error(); !strings.Contains(cause, test.cause) {
				t.Errorf("got cause %q, want %q in it", cause, test.cause)
			}
		})
	}
	t.Run("the certificate", func(t *testing.T) {
		r := byBearer("", passes, behind.certified(certificate)).request(t)
		header(der)(r)
		behind.settle(t, byBearer("", passes, ""), r)
	})
}
