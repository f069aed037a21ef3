package core_test

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// newCertificate makes one of a key, of a serial number, for a subject.
func newCertificate(t testing.TB, key *jwttest.Issuer, serial int64, subject string) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: subject}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.PublicKey("ES256"), key.PrivateKey("ES256"))
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func x5t(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.Raw)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (s *proofStage) certified(certificate *x509.Certificate) string {
	return s.boundTo(map[string]any{"x5t#S256": x5t(certificate)})
}

// over sends a request over a connection of TLS with the client's certificates.
func (s *proofStage) over(t *testing.T, r sent, chain ...*x509.Certificate) {
	t.Helper()
	request := r.request(t)
	request.TLS = &tls.ConnectionState{PeerCertificates: chain}
	s.settle(t, r, request)
}

// from sends a request from an address.
func (s *proofStage) from(t *testing.T, peer string, r sent) {
	t.Helper()
	request := r.request(t)
	request.RemoteAddr = peer
	s.settle(t, r, request)
}

func (s *proofStage) settle(t *testing.T, r sent, request *http.Request) {
	t.Helper()
	ctx, err := s.guard.Check(t.Context(), core.HTTPRequest(request))
	claims, _ := core.FromContext(ctx)
	refusal := core.RefusalOf(err)
	switch {
	case r.want == passes:
		if refusal != nil || claims == nil || claims.Bound == "" {
			t.Errorf("got %v (%v), want bound claims", claims, refusal.Unwrap())
		}
	case refusal == nil:
		t.Errorf("got it to pass, want %q", r.want.reason)
	case refusal.Reason != r.want.reason || refusal.Status != 401:
		t.Errorf("got %d %q (%v), want 401 %q", refusal.Status, refusal.Reason, refusal.Unwrap(), r.want.reason)
	default:
		mustSayInFirst(t, refusal, r.want)
	}
}

func TestClientCert(t *testing.T) {
	s := newProofStage(t, nil)
	key := jwttest.NewIssuer("")
	certificate, again := newCertificate(t, key, 1, "client"), newCertificate(t, key, 2, "client")
	other := newCertificate(t, jwttest.NewIssuer(""), 1, "client")
	token := s.certified(certificate)
	hash := x5t(certificate)
	over := func(name string, want outcome, token string, chain ...*x509.Certificate) {
		t.Run(name, func(t *testing.T) { s.over(t, byBearer(name, want, token), chain...) })
	}
	over("the certificate", passes, token, certificate)
	over("the certificate and its chain", passes, token, certificate, other)
	t.Run("M01 no TLS", func(t *testing.T) { s.from(t, "192.0.2.1:1", byBearer("", bearsBound, token)) })
	over("M02 TLS without a certificate", bearsBound, token)
	over("M03 another one of the same subject", bearsBound, token, other)
	over("M03 another one of the same key", bearsBound, token, again)
	over("M04 the intermediate", bearsBound, token, other, certificate)
	for name, spelling := range map[string]string{
		"padded": hash + "=", "hex": hex.EncodeToString([]byte(decoded(hash))), "upper case": strings.ToUpper(hash), "lower case": strings.ToLower(hash), "empty": "",
	} {
		over("M05 "+name, bearsBound, s.boundTo(map[string]any{"x5t#S256": spelling}), certificate)
	}
	t.Run("M12 by the scheme DPoP", func(t *testing.T) {
		s.over(t, dpop("", notTheirs, token, s.proof(token, nil)), certificate)
	})
	both := s.boundTo(map[string]any{"x5t#S256": hash, "jkt": s.prover.Confirmation()["jkt"]})
	t.Run("M12 both bindings", func(t *testing.T) {
		s.over(t, dpop("", passes, both, s.proof(both, nil)), certificate)
		s.over(t, dpop("", notTheirs, both, s.proof(both, nil)), other)
		s.over(t, dpop("", badProof, both), certificate)
		s.over(t, byBearer("", bearsBound, both), certificate)
	})
	t.Run("claims say so", func(t *testing.T) {
		request := byBearer("", passes, token).request(t)
		request.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{certificate}}
		ctx, err := s.guard.Check(t.Context(), core.HTTPRequest(request))
		if claims, _ := core.FromContext(ctx); err != nil || claims.Bound != "x5t#S256" {
			t.Errorf("got %v and %v, want claims that are bound by x5t#S256", claims, err)
		}
	})
}

// The forms in which a proxy hands a certificate on.
func TestClientCertHeader(t *testing.T) {
	const proxy, stranger = "10.1.2.3:4711", "203.0.113.9:4711"
	s := newProofStage(t, func(c *core.Config) {
		c.ClientCert = core.ClientCert{Header: "Client-Cert", From: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fe80::/10")}}
	})
	certificate, other := newCertificate(t, jwttest.NewIssuer(""), 1, "client"), newCertificate(t, jwttest.NewIssuer(""), 2, "client")
	for !strings.ContainsAny(base64.StdEncoding.EncodeToString(certificate.Raw), "+/") { // or base64url would spell it alike
		certificate = newCertificate(t, jwttest.NewIssuer(""), 1, "client")
	}
	token := s.certified(certificate)
	der := base64.StdEncoding.EncodeToString(certificate.Raw)
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}))
	foreign := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: other.Raw}))
	escaped, foreignEscaped := url.QueryEscape(text), url.QueryEscape(foreign) // which escapes the base64's + as well
	escaped, foreignEscaped = strings.ReplaceAll(escaped, "+", "%20"), strings.ReplaceAll(foreignEscaped, "+", "%20")
	aws := strings.NewReplacer("%2B", "+", "%3D", "=", "%2F", "/").Replace(escaped)
	for _, test := range []struct {
		name  string
		peer  string
		want  outcome
		lines []string
	}{
		{"RFC 9440", proxy, passes, []string{":" + der + ":"}},
		{"base64", proxy, passes, []string{der}},
		{"percent-encoded PEM", proxy, passes, []string{escaped}},
		{"percent-encoded PEM with lower case", proxy, passes, []string{strings.ToLower(escaped[:3]) + escaped[3:]}},
		{"percent-encoded PEM with CR LF", proxy, passes, []string{strings.ReplaceAll(escaped, "%0A", "%0D%0A")}},
		{"M10 percent-encoded PEM of AWS", proxy, passes, []string{aws}},
		{"XFCC", proxy, passes, []string{`By=spiffe://a;Hash=00;Cert="` + escaped + `";Subject="CN=a,O=b; c"`}},
		{"XFCC, its names in other cases", proxy, passes, []string{`hash=00;CERT="` + escaped + `"`}},
		{"XFCC, not quoted", proxy, passes, []string{"Hash=00;Cert=" + escaped}},
		{"M08 XFCC, the last of two", proxy, passes, []string{`Cert="` + foreignEscaped + `",Hash=00;Cert="` + escaped + `"`}},
		{"M08 XFCC, the first of two", proxy, bearsBound, []string{`Cert="` + escaped + `",Cert="` + foreignEscaped + `"`}},
		{"M08 XFCC, the last without Cert", proxy, bearsBound, []string{`Cert="` + escaped + `",Hash=00`}},
		{"XFCC, Hash alone", proxy, bearsBound, []string{"Hash=" + hex.EncodeToString([]byte(decoded(x5t(certificate))))}},
		{"XFCC, two Certs", proxy, bearsBound, []string{`Cert="` + escaped + `";Cert="` + escaped + `"`}},
		{"XFCC, a Cert in a quoted Subject", proxy, bearsBound, []string{`Cert="` + foreignEscaped + `";Subject="x,Cert=` + escaped + `"`}},
		{"XFCC, a quote that does not end", proxy, bearsBound, []string{`Subject="x,Cert=` + escaped}},
		{"an address in IPv6", "[::ffff:10.1.2.3]:1", passes, []string{der}},
		{"an address with a zone", "[fe80::1%eth0]:1", passes, []string{der}},
		{"M06 from a stranger", stranger, bearsBound, []string{der}},
		{"M06 from a Unix socket", "@", bearsBound, []string{der}},
		{"M07 twice", proxy, bearsBound, []string{der, der}},
		{"no header", proxy, bearsBound, nil},
		{"another certificate", proxy, bearsBound, []string{foreignEscaped}},
		{"M09 two PEM blocks", proxy, bearsBound, []string{escaped + escaped}},
		{"M09 text before", proxy, bearsBound, []string{"-%20" + escaped}},
		{"M09 text behind", proxy, bearsBound, []string{escaped + "x"}},
		{"M09 base64 with blanks", proxy, bearsBound, []string{der[:60] + " " + der[60:]}},
		{"M09 PEM with blanks for line breaks", proxy, bearsBound, []string{strings.ReplaceAll(text, "\n", " ")}},
		{"M09 PEM with blanks in it", proxy, bearsBound, []string{escaped[:80] + "%20" + escaped[80:]}},
		{"M09 a key", proxy, bearsBound, []string{strings.ReplaceAll(escaped, "CERTIFICATE", "PUBLIC%20KEY")}},
		{"two by comma", proxy, bearsBound, []string{der + "," + der}},
		{"RFC 9440 without its end", proxy, bearsBound, []string{":" + der}},
		{"RFC 9440 with a parameter", proxy, bearsBound, []string{":" + der + ":;a=1"}},
		{"base64url", proxy, bearsBound, []string{base64.RawURLEncoding.EncodeToString(certificate.Raw)}},
		{"more behind the DER", proxy, bearsBound, []string{base64.StdEncoding.EncodeToString(append(certificate.Raw, 0))}},
		{"no certificate", proxy, bearsBound, []string{base64.StdEncoding.EncodeToString([]byte("MII"))}},
		{"empty", proxy, bearsBound, []string{""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := byBearer("", test.want, token)
			for _, line := range test.lines {
				r.lines = append(r.lines, "Client-Cert: "+line)
			}
			s.from(t, test.peer, r)
		})
	}
	t.Run("M13 the proxy's own certificate", func(t *testing.T) {
		s.over(t, byBearer("", bearsBound, token), certificate)
	})
}

func TestClientCertMistakes(t *testing.T) {
	from := func(prefixes ...string) (list []netip.Prefix) {
		for _, prefix := range prefixes {
			list = append(list, netip.MustParsePrefix(prefix))
		}
		return list
	}
	for name, test := range map[string]struct {
		cert core.ClientCert
		want string
	}{
		"no From":         {core.ClientCert{Header: "Client-Cert"}, "ClientCert.From is empty"},
		"no Header":       {core.ClientCert{From: from("10.0.0.0/8")}, "ClientCert.Header is empty"},
		"no header name":  {core.ClientCert{Header: "Client Cert", From: from("10.0.0.0/8")}, "ClientCert.Header"},
		"a mapped prefix": {core.ClientCert{Header: "A", From: from("::ffff:10.0.0.0/104")}, "IPv4"},
		"everybody":       {core.ClientCert{Header: "A", From: from("0.0.0.0/0")}, "everybody"},
		"a zero prefix":   {core.ClientCert{Header: "A", From: []netip.Prefix{{}}}, "invalid prefix"},
	} {
		t.Run(name, func(t *testing.T) {
			config := goodConfig()
			config.ClientCert = test.cert
			if _, err := core.New(config); !strings.Contains(fmt.Sprint(err), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

// Over a socket, with a client that resumes its session under another certificate.
func TestM11ResumedSession(t *testing.T) {
	s := newProofStage(t, nil)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := s.guard.Check(r.Context(), core.HTTPRequest(r)); err != nil {
			w.WriteHeader(core.RefusalOf(err).Status)
		}
		fmt.Fprint(w, r.TLS.DidResume)
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	cache := tls.NewLRUClientSessionCache(1)
	get := func(certificate *x509.Certificate, key *jwttest.Issuer, token string) string {
		transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{
			RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ClientSessionCache: cache, ServerName: "example.com",
			Certificates: []tls.Certificate{{Certificate: [][]byte{certificate.Raw}, PrivateKey: key.PrivateKey("ES256")}},
		}}
		r, _ := http.NewRequest("GET", server.URL, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		response, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		resumed, _ := io.ReadAll(response.Body)
		return fmt.Sprint(response.StatusCode, " ", string(resumed))
	}
	oldKey, newKey := jwttest.NewIssuer(""), jwttest.NewIssuer("")
	before, after := newCertificate(t, oldKey, 1, "client"), newCertificate(t, newKey, 2, "client")
	if got := get(before, oldKey, s.certified(before)); got != "200 false" {
		t.Errorf("M11 the first handshake: got %s, want 200 false", got)
	}
	if got := get(after, newKey, s.certified(after)); got != "401 true" {
		t.Errorf("M11 a token of the new certificate on a resumed session: got %s, want 401 true", got)
	}
	if got := get(after, newKey, s.certified(before)); got != "200 true" {
		t.Errorf("M11 a token of the session's certificate: got %s, want 200 true", got)
	}
}
