package endtoend

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/revoke"
)

const callback = "https://web.example.com/callback"

// A user logs in at the provider, and out: her token is refused from then on, and
// nobody else's.
func TestBackChannelLogout(t *testing.T) {
	list, err := revoke.New(revoke.Config{Log: revoke.Memory()})
	if err != nil {
		t.Fatal(err)
	}
	// The provider must know the receiver's address, and the receiver the issuer.
	var receiver atomic.Pointer[http.Handler]
	var status atomic.Int64
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorded := httptest.NewRecorder()
		(*receiver.Load()).ServeHTTP(recorded, r)
		status.Store(int64(recorded.Code))
		w.WriteHeader(recorded.Code)
	}))
	defer listening.Close()
	p := &provider{logout: listening.URL}
	p.start(t)
	handler, err := list.BackChannelLogout(core.Config{Issuer: p.issuer, Audiences: []string{"web"}})
	if err != nil {
		t.Fatal(err)
	}
	receiver.Store(&handler)

	config := p.config()
	config.Revoked = list.Revoked
	services := serve(t, config)
	alice, bob := p.browser(t), p.browser(t)
	hers, his := alice.login("alice"), bob.login("bob")
	expect(t, services, "/", hers, "200 alice by ES256")
	expect(t, services, "/", his, "200 bob by ES256")
	alice.logout()
	if got := status.Load(); got != http.StatusOK {
		t.Errorf("logout token: got status %d, want %d", got, http.StatusOK)
	}
	expect(t, services, "/", hers, "401 revoked")
	expect(t, services, "/", his, "200 bob by ES256")
	expect(t, services, "/", p.browser(t).login("alice"), "200 alice by ES256") // another session
}

// browser is a user's, with its own cookies. It follows the provider, and stops at the client.
type browser struct {
	t        *testing.T
	provider *provider
	client   *http.Client
}

func (p *provider) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, p, &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), callback) {
			return http.ErrUseLastResponse
		}
		return nil
	}}}
}

// login logs a user in by the provider's own pages, and returns an access token.
func (b *browser) login(user string) string {
	b.t.Helper()
	const verifier = "a code verifier that is long enough for RFC 7636"
	proof := strings.ReplaceAll(verifier, " ", "-")
	challenge := sha256.Sum256([]byte(proof))
	page, _ := b.get(b.provider.issuer + "/auth?" + url.Values{
		"client_id": {"web"}, "response_type": {"code"}, "scope": {"openid orders:read"}, "redirect_uri": {callback}, "resource": {api + "/ES256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}.Encode())
	page, _ = b.post(page.Request.URL.String(), url.Values{"prompt": {"login"}, "login": {user}, "password": {"any"}})
	page, text := b.post(page.Request.URL.String(), url.Values{"prompt": {"consent"}})
	location, err := page.Location()
	if err != nil || location.Query().Get("code") == "" {
		b.t.Fatalf("got status %d and %s, want a redirect with a code", page.StatusCode, text)
	}
	_, text = b.post(b.provider.tokenEndpoint(), url.Values{
		"grant_type": {"authorization_code"}, "code": {location.Query().Get("code")}, "redirect_uri": {callback}, "code_verifier": {proof},
		"client_id": {"web"}, "client_secret": {"a secret that only this test knows"}, "resource": {api + "/ES256"},
	})
	var body struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(text), &body); err != nil || body.Token == "" {
		b.t.Fatalf("token endpoint: got %q, want an access token", text)
	}
	return body.Token
}

// logout ends the user's session at the provider.
func (b *browser) logout() {
	b.t.Helper()
	_, text := b.get(b.provider.issuer + "/session/end")
	secret := regexp.MustCompile(`name="xsrf" value="([^"]+)"`).FindStringSubmatch(text)
	if secret == nil {
		b.t.Fatalf("got %q, want the form that ends a session", text)
	}
	if page, text := b.post(b.provider.issuer+"/session/end/confirm", url.Values{"xsrf": {secret[1]}, "logout": {"yes"}}); page.StatusCode != http.StatusOK {
		b.t.Fatalf("got status %d and %q, want the session ended", page.StatusCode, text)
	}
}

func (b *browser) get(address string) (*http.Response, string) {
	b.t.Helper()
	return b.read(b.client.Get(address))
}

func (b *browser) post(address string, form url.Values) (*http.Response, string) {
	b.t.Helper()
	return b.read(b.client.PostForm(address, form))
}

func (b *browser) read(response *http.Response, err error) (*http.Response, string) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response, string(text)
}
