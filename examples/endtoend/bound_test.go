package endtoend

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

// clients are npm packages that make proofs. oauth4webapi retries a nonce in another way since 3.8.8.
var clients = []string{"oauth4webapi", "oauth4webapi-3.8.7", "jose"}

// Clients that other people wrote get a bound token of a real provider, and use it.
func TestClientsThatProveTheirKey(t *testing.T) {
	p := startProvider(t)
	services := serveAt(t, func(address string) core.Config {
		config := p.config()
		config.DPoP.URLs = []string{address}
		return config
	})
	nonced := serveAt(t, func(address string) core.Config {
		config := p.config()
		config.DPoP = core.DPoP{URLs: []string{address}, Required: true, Nonces: []core.Secret{core.Secret(strings.Repeat("secret", 6))}}
		return config
	})
	for _, library := range clients {
		t.Run(library, func(t *testing.T) {
			var urls, want []string
			for _, s := range services {
				urls = append(urls, s.address+"/", s.address+"/?page=2", s.address+"/ship")
				want = append(want, "200 bound by ES256 after 1", "200 bound by ES256 after 1", "403 insufficient_scope after 1")
			}
			for _, s := range nonced {
				urls = append(urls, s.address+"/", s.address+"/")
				want = append(want, "200 bound by ES256 after "+firstTry(library, s, nonced), "200 bound by ES256 after 1")
			}
			output, err := node(t, "client.mjs", append([]string{library, p.issuer, api + "/ES256"}, urls...)...).Output()
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Split(strings.TrimSpace(string(output)), "\n"); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// firstTry is how many requests a client needs that has no nonce of this service. One with a nonce for all needs a second
// request only for the first of two services, whose secrets are the same.
func firstTry(library string, s service, all []service) string {
	if library == "jose" && s != all[0] {
		return "1"
	}
	return "2"
}

// openssl makes the certificate of a client, of an authority that nobody knows, and it proves possession in the handshake.
func TestCertificateOfOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skipf("no openssl: %v", err)
	}
	issuer := jwttest.NewIssuer("")
	server := httptest.NewUnstartedServer(jwtmw.NetHTTP(issuer.Config())(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, _ := jwtmw.FromContext(r.Context())
		w.Write([]byte(claims.Bound))
	})))
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	server.StartTLS()
	defer server.Close()
	for name, key := range map[string][]string{"ES256": {"ec", "-pkeyopt", "ec_paramgen_curve:P-256"}, "RS256": {"rsa:2048"}, "Ed25519": {"ed25519"}} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			keyFile, certFile := filepath.Join(folder, "key.pem"), filepath.Join(folder, "cert.pem")
			args := append([]string{"req", "-x509", "-nodes", "-newkey"}, key...)
			args = append(args, "-keyout", keyFile, "-out", certFile, "-subj", "/CN=client", "-days", "1")
			if output, err := exec.Command(openssl, args...).CombinedOutput(); err != nil {
				t.Fatalf("openssl: %v\n%s", err, output)
			}
			token := issuer.Token(map[string]any{"cnf": map[string]any{"x5t#S256": fingerprint(t, openssl, certFile)}})
			certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
			if err != nil {
				t.Fatal(err)
			}
			if got := askOver(t, server, token, certificate); got != "200 x5t#S256" {
				t.Errorf("with the certificate: got %q, want 200 x5t#S256", got)
			}
			if got := askOver(t, server, token); !strings.HasPrefix(got, "401 ") || !strings.Contains(got, "sender_constraint") {
				t.Errorf("without it: got %q, want 401 sender_constraint", got)
			}
		})
	}
}

// fingerprint has openssl hash the certificate, and holds it against the file's octets.
func fingerprint(t *testing.T, openssl, certFile string) string {
	t.Helper()
	der, err := exec.Command(openssl, "x509", "-in", certFile, "-outform", "DER").Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(certFile)
	if block, _ := pem.Decode(text); err != nil || block == nil || !bytes.Equal(block.Bytes, der) {
		t.Fatalf("got another DER than the file's (%v)", err)
	}
	sum := sha256.Sum256(der)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func askOver(t *testing.T, server *httptest.Server, token string, certificates ...tls.Certificate) string {
	t.Helper()
	roots := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: certificates}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err != nil {
		t.Fatal(err)
	}
	return response.Status[:4] + body.String()
}
