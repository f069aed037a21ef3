package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// A client that knows nothing but the address of the endpoint finds its way in.
func TestClientDiscoversTheIssuer(t *testing.T) {
	issuer := jwttest.Serve(t)
	endpoint := serve(t, issuer)

	refused, _ := call(t, endpoint, "")
	if refused.StatusCode != http.StatusUnauthorized {
		t.Fatalf("without a token: got status %d, want 401", refused.StatusCode)
	}
	challenge := refused.Header.Get("WWW-Authenticate")
	document := regexp.MustCompile(`^Bearer resource_metadata="([^"]+)"$`).FindStringSubmatch(challenge)
	if document == nil {
		t.Fatalf("got challenge %q, want one that names the metadata and no error", challenge)
	}

	var resource struct {
		Resource             string   `json:"resource"`
		AuthorizationServers []string `json:"authorization_servers"`
		ScopesSupported      []string `json:"scopes_supported"`
	}
	fetch(t, document[1], &resource)
	// RFC 9728 section 3.3: the document must speak of the resource that was asked for.
	if resource.Resource != endpoint {
		t.Errorf("got resource %q, want %q", resource.Resource, endpoint)
	}
	if len(resource.AuthorizationServers) != 1 {
		t.Fatalf("got authorization servers %q, want one", resource.AuthorizationServers)
	}
	var server struct {
		Issuer string `json:"issuer"`
	}
	fetch(t, resource.AuthorizationServers[0]+"/.well-known/oauth-authorization-server", &server)
	if server.Issuer != issuer.URL() {
		t.Fatalf("got issuer %q, want %q", server.Issuer, issuer.URL())
	}

	// Here a person would log in, and the issuer would make a token for the resource.
	token := issuer.Token(map[string]any{
		"aud":   resource.Resource,
		"scope": strings.Join(resource.ScopesSupported, " "),
	})
	passed, body := call(t, endpoint, token)
	if passed.StatusCode != http.StatusOK || !strings.Contains(body, "weather") {
		t.Errorf("with a token: got status %d and %q, want 200 and a list of tools", passed.StatusCode, body)
	}
}

func TestRefusalsNameTheMetadata(t *testing.T) {
	issuer := jwttest.Serve(t)
	endpoint := serve(t, issuer)
	metadata := strings.Replace(endpoint, "/mcp", "/.well-known/oauth-protected-resource/mcp", 1)
	for _, test := range []struct {
		name   string
		token  string
		status int
		want   string
	}{
		{"token for another service", issuer.Token(nil), http.StatusUnauthorized, `error="invalid_token"`},
		{"scope missing", issuer.Token(map[string]any{"aud": endpoint}), http.StatusForbidden, `scope="tools:list"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			response, _ := call(t, endpoint, test.token)
			challenge := response.Header.Get("WWW-Authenticate")
			if response.StatusCode != test.status || !strings.Contains(challenge, test.want) {
				t.Errorf("got status %d and challenge %q, want %d and %s", response.StatusCode, challenge, test.status, test.want)
			}
			if want := fmt.Sprintf("resource_metadata=%q", metadata); !strings.Contains(challenge, want) {
				t.Errorf("got challenge %q, want %s in it", challenge, want)
			}
		})
	}
}

func TestProtectNamesMistakes(t *testing.T) {
	const issuer, resource = "https://issuer.test", "https://tools.test/mcp"
	for _, test := range []struct {
		name, resource string
		cfg            core.Config
		want           string // in the error; "" for none
	}{
		{"the resource is the audience", resource, core.Config{Issuer: issuer}, ""},
		{"another audience", resource, core.Config{Issuer: issuer, Audiences: []string{"tools"}}, ""},
		{"no issuer", resource, core.Config{}, "Issuer is empty"},
		{"no resource", "", core.Config{Issuer: issuer, Audiences: []string{"tools"}}, "ResourceMetadata.Resource is not usable"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := protect(test.resource, test.cfg)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q in it", err, test.want)
			}
		})
	}
}

// serve returns the address of a protected endpoint that trusts issuer.
func serve(t *testing.T, issuer *jwttest.Issuer) string {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	endpoint := "http://" + server.Listener.Addr().String() + "/mcp"
	handler, err := protect(endpoint, core.Config{Issuer: issuer.URL()})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = handler
	server.Start()
	t.Cleanup(server.Close)
	return endpoint
}

// call sends one JSON-RPC request, with a token if there is one.
func call(t *testing.T, endpoint, token string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint,
		strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return send(t, request)
}

func fetch(t *testing.T, url string, document any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, body := send(t, request)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: got status %d, want 200", url, response.StatusCode)
	}
	if err := json.Unmarshal([]byte(body), document); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
}

func send(t *testing.T, request *http.Request) (*http.Response, string) {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}
