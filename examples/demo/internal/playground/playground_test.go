package playground

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/revoke"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

// bench is a playground with one service, and no socket but the service's.
type bench struct {
	t       *testing.T
	issuer  *jwttest.Issuer
	handler http.Handler
}

func newBench(t *testing.T) bench {
	t.Helper()
	issuer := jwttest.NewIssuer("")
	t.Cleanup(issuer.Close)
	service := httptest.NewUnstartedServer(nil)
	list, err := revoke.New(revoke.Config{Log: revoke.Memory()})
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := core.New(core.Config{
		Issuer: issuer.URL(), Audiences: []string{jwttest.Audience},
		DPoP: core.DPoP{URLs: []string{"http://" + service.Listener.Addr().String()}},
		Keys: core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}}, Revoked: list.Revoked,
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	claims := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, _ := jwtmw.FromContext(r.Context())
		json.NewEncoder(w).Encode(claims)
	})
	mux.Handle("/{$}", claims)
	mux.Handle("/orders", jwtmw.Require(core.Scope("orders:read"))(claims))
	service.Config.Handler = jwtmw.Guard(core.Guard{Verifier: verifier})(mux)
	service.Start()
	t.Cleanup(service.Close)
	page, err := New(issuer, verifier, list, []Service{{Name: "net/http", URL: service.URL}})
	if err != nil {
		t.Fatal(err)
	}
	return bench{t, issuer, page}
}

// ask sends a request as the page does and reads the answer into out.
func (b bench) ask(method, path, body string, out any) (status int) {
	b.t.Helper()
	response := b.do(request(method, path, body))
	if err := json.Unmarshal(response.Body.Bytes(), out); err != nil {
		b.t.Fatalf("%s %s: got a body that is not JSON: %v", method, path, err)
	}
	return response.Code
}

func (b bench) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

func request(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, "http://127.0.0.1:4000"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// send asks the service and returns its verdict.
func (b bench) send(path string, authorization ...string) verdict {
	b.t.Helper()
	return b.post(parcel{path, authorization, noProof})
}

func (b bench) post(p parcel) verdict {
	b.t.Helper()
	body, err := json.Marshal(p)
	if err != nil {
		b.t.Fatal(err)
	}
	var got verdicts
	if status := b.ask("POST", "/api/send", string(body), &got); status != http.StatusOK || len(got.Verdicts) != 1 {
		b.t.Fatalf("got status %d and %d verdicts, want 200 and 1", status, len(got.Verdicts))
	}
	return got.Verdicts[0]
}

func (b bench) mint(order string) string {
	b.t.Helper()
	var got minted
	if status := b.ask("POST", "/api/mint", order, &got); status != http.StatusOK {
		b.t.Fatalf("mint %s: got status %d, want 200", order, status)
	}
	return got.Token
}

func (b bench) control(action string) state {
	b.t.Helper()
	var got state
	if status := b.ask("POST", "/api/issuer", fmt.Sprintf(`{"action":%q}`, action), &got); status != http.StatusOK {
		b.t.Fatalf("%s: got status %d, want 200", action, status)
	}
	return got
}

func TestPage(t *testing.T) {
	b := newBench(t)
	w := b.do(request("GET", "/", ""))
	if w.Code != http.StatusOK || !bytes.HasPrefix(w.Body.Bytes(), []byte("<!doctype html>")) {
		t.Errorf("got status %d and %.40q, want the page", w.Code, w.Body)
	}
	for _, element := range []string{"script", "style"} {
		if got := strings.Count(page, "<"+element); got != 1 {
			t.Errorf("got %d elements %s, want the one that the policy allows", got, element)
		}
	}
	for _, foreign := range []string{"http://", "https://", "src=", "@import", "url("} {
		if strings.Contains(page, foreign) {
			t.Errorf("got %q in the page, want nothing from elsewhere", foreign)
		}
	}
	if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "script-src '"+hashOf("script")+"'") {
		t.Errorf("got the policy %q, want the script's hash in it", policy)
	}
}

func TestSetup(t *testing.T) {
	b := newBench(t)
	var got setup
	b.ask("GET", "/api/setup", "", &got)
	if got.Issuer != b.issuer.URL() || got.Audience != jwttest.Audience || len(got.Services) != 1 {
		t.Errorf("got %+v, want the issuer, its audience and one service", got)
	}
	if len(got.Attacks) != len(attacks)+len(thefts) || len(got.Algorithms) != len(jwttest.Algorithms()) {
		t.Errorf("got %d attacks and %d algorithms, want all", len(got.Attacks), len(got.Algorithms))
	}
}
