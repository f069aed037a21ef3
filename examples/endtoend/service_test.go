package endtoend

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
)

// service greets whoever sends a token: at "/" any valid one, at "/ship" one with the scope orders:ship.
type service struct {
	framework string
	address   string
	verifier  *core.Verifier // its own
}

// serve runs the same service under each framework until the test ends.
func serve(t *testing.T, config core.Config) []service {
	t.Helper()
	return serveAt(t, func(string) core.Config { return config })
}

// serveAt is serve with a Config that names the service's own address.
func serveAt(t *testing.T, config func(address string) core.Config) []service {
	t.Helper()
	var services []service
	for framework, run := range map[string]func(*testing.T, net.Listener, core.Guard){"gin": serveGin, "fiber": serveFiber} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := "http://" + listener.Addr().String()
		verifier, err := core.New(config(address))
		if err != nil {
			t.Fatal(err)
		}
		run(t, listener, core.Guard{Verifier: verifier})
		services = append(services, service{framework, address, verifier})
	}
	return services
}

// expect sends the token to each service and holds the answers against want.
func expect(t *testing.T, services []service, path, token, want string) {
	t.Helper()
	for _, s := range services {
		if got := s.answer(t, path, "Bearer "+token); got != want {
			t.Errorf("%s: got %q, want %q", s.framework, got, want)
		}
	}
}

// await sends the token until done says so of the service's answer; every answer before that one must be meanwhile.
func (s service) await(t *testing.T, token, meanwhile string, done func(answer string) bool) {
	t.Helper()
	for range 100_000 {
		got := s.answer(t, "/", "Bearer "+token)
		if done(got) {
			return
		}
		if got != meanwhile {
			t.Fatalf("%s: got %q, want %q until then", s.framework, got, meanwhile)
		}
	}
	t.Fatalf("%s: got %q every time", s.framework, meanwhile)
}

// answer is the status, and what the service or the refusal says: "200 shop by ES256", "200 shop by introspection", "401 expired".
func (s service) answer(t *testing.T, path, authorization string) string {
	t.Helper()
	response, body := send(t, http.MethodGet, s.address+path, http.Header{"Authorization": {authorization}}, "")
	var problem struct {
		Reason core.Reason `json:"reason"`
	}
	switch {
	case response.StatusCode == http.StatusOK:
		return "200 " + string(body)
	case json.Unmarshal(body, &problem) != nil:
		return fmt.Sprintf("%d %q", response.StatusCode, body)
	case response.Header.Get("Retry-After") != "":
		return fmt.Sprintf("%d %s, Retry-After", response.StatusCode, problem.Reason)
	default:
		return fmt.Sprintf("%d %s", response.StatusCode, problem.Reason)
	}
}

// greeting is what a service says to whoever it lets pass.
func greeting(claims *core.Claims) string {
	// An opaque token has no algorithm, and the provider names no subject for one of the client's own.
	return fmt.Sprintf("%s by %s", cmp.Or(claims.Subject, claims.ClientID), cmp.Or(claims.Header.Algorithm, "introspection"))
}

// send returns the response and its body.
func send(t *testing.T, method, url string, header http.Header, body string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, text
}
