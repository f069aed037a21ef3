package provider

import (
	"context"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func mountedAt(t *testing.T, files map[string]string) inCluster {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return inCluster{dir: dir}
}

func get(t *testing.T, c inCluster, url string) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.RoundTrip(r)
	if err == nil {
		response.Body.Close()
	}
	if got := r.Header.Get("Authorization"); got != "" {
		t.Errorf("got the caller's request changed to %q, want it left alone", got)
	}
	return response, err
}

// The pod's token goes to the API server, and to no other host whatever.
func TestInClusterSendsItsTokenToNobodyElse(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer server.Close()
	c := mountedAt(t, map[string]string{"ca.crt": "", "token": "secret"})
	for _, url := range []string{server.URL, "http://kubernetes.default.svc/openid/v1/jwks", "https://kubernetes.default.svc.evil.test/"} {
		if _, err := get(t, c, url); err == nil || !strings.Contains(err.Error(), "nobody else") {
			t.Errorf("%s: got %v, want a refusal", url, err)
		}
	}
	if asked != 0 {
		t.Errorf("got %d requests, want none", asked)
	}
}

func TestInClusterNeedsWhatIsMounted(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"nothing":           {},
		"no token":          {"ca.crt": "x"},
		"no certificate":    {"token": "t"},
		"CA without a cert": {"ca.crt": "x", "token": "t"},
	} {
		if _, err := get(t, mountedAt(t, files), "https://kubernetes.default.svc/openid/v1/jwks"); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
}

// The API server is believed for its certificate, and told who asks.
func TestInClusterTransport(t *testing.T) {
	var authorization string
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		authorization = r.Header.Get("Authorization")
	}))
	defer server.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	c := mountedAt(t, map[string]string{"ca.crt": string(ca), "token": "secret\n"})
	transport, token, err := c.open()
	if err != nil {
		t.Fatal(err)
	}
	if transport.Proxy != nil {
		t.Error("got a proxy, want none")
	}
	transport.TLSClientConfig.ServerName = "example.com" // the test server's name
	transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", server.Listener.Addr().String())
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://kubernetes.default.svc/openid/v1/jwks", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if authorization != "Bearer secret" {
		t.Errorf("got Authorization %q, want %q", authorization, "Bearer secret")
	}
}
