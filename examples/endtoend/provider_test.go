package endtoend

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/jwtmw/jwtmw/core"
)

const (
	api    = "https://api.example.com"
	secret = "a secret that only this test knows" // of every client
)

var algorithms = []core.Algorithm{core.RS256, core.PS256, core.ES256, core.EdDSA, core.Ed25519}

// provider is a real OpenID Provider that runs as a child process on loopback.
type provider struct {
	issuer  string
	logout  string // backchannel_logout_uri of the client web; "": there is no such client
	key     any    // public, of the client api-key; nil: there is no such client
	process *exec.Cmd
}

// startProvider starts one that runs until the test ends.
func startProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{}
	p.start(t)
	return p
}

// restart starts it at the same address again, with other keys and no memory of the old ones.
func (p *provider) restart(t *testing.T) {
	t.Helper()
	p.stop()
	p.start(t)
}

// stop returns when nobody listens at the provider's address any more.
func (p *provider) stop() {
	_ = p.process.Process.Kill() // fails only where it has ended
	_ = p.process.Wait()         // says that it was killed
}

func (p *provider) start(t *testing.T) {
	t.Helper()
	p.process = node(t, "provider.mjs", p.issuer, p.logout)
	if p.key != nil {
		jwk, err := json.Marshal(jose.JSONWebKey{Key: p.key})
		if err != nil {
			t.Fatal(err)
		}
		p.process.Env = append(os.Environ(), "API_JWK="+string(jwk))
	}
	// The provider ends with its standard input, and so also when this test is killed.
	_, errIn := p.process.StdinPipe()
	stdout, errOut := p.process.StdoutPipe()
	if err := errors.Join(errIn, errOut, p.process.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the provider ended before it printed its issuer: %v", err)
	}
	p.issuer = strings.TrimSpace(line)
}

// config is all that a service of this provider says. The keys are found by discovery.
func (p *provider) config() core.Config {
	return core.Config{
		Issuer:     p.issuer,
		Audiences:  []string{api},
		Algorithms: algorithms,
		Profile:    core.ProfileRFC9068,
	}
}

// opaqueConfig is what a service says that asks the provider about opaque tokens, as its client api. The endpoint is found by
// discovery.
func (p *provider) opaqueConfig() core.Config {
	return core.Config{
		Issuer:    p.issuer,
		Audiences: []string{api},
		Keys:      core.Introspection{ClientID: "api", Secret: core.Secret(secret)},
	}
}

// revoke takes a token back at the provider, as the client shop (RFC 7009).
func (p *provider) revoke(t *testing.T, token string) {
	t.Helper()
	form := url.Values{"token": {token}, "client_id": {"shop"}, "client_secret": {secret}}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if response, text := send(t, http.MethodPost, p.issuer+"/token/revocation", header, form.Encode()); response.StatusCode != http.StatusOK {
		t.Fatalf("revocation endpoint: got status %d and %q, want 200", response.StatusCode, text)
	}
}

// grant is what a client asks for: an access token of its own (RFC 6749 section 4.4) for one resource (RFC 8707).
type grant struct {
	client   string // default shop
	resource string // default the API, with tokens by ES256
	scope    string
	proof    string // a DPoP proof
}

// token asks the provider for an access token.
func (p *provider) token(t *testing.T, g grant) string {
	t.Helper()
	form := url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {cmp.Or(g.client, "shop")},
		"client_secret": {secret},
		"resource":      {cmp.Or(g.resource, api+"/ES256")},
		"scope":         {g.scope},
	}
	header := http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"},
		"Connection":   {"close"}, // one that is kept would be dead after a restart
	}
	if g.proof != "" {
		header.Set("DPoP", g.proof)
	}
	response, text := send(t, http.MethodPost, p.tokenEndpoint(), header, form.Encode())
	var body struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(text, &body); err != nil || body.Token == "" {
		t.Fatalf("token endpoint: got status %d and %q, want an access token", response.StatusCode, text)
	}
	return body.Token
}

func (p *provider) tokenEndpoint() string { return p.issuer + "/token" }
