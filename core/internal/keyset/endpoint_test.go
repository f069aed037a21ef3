package keyset

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const (
	asked = "https://issuer.test/introspect"
	oidc  = "/.well-known/openid-configuration"
	oauth = "/.well-known/oauth-authorization-server"
)

// me is a client that shows a password.
var me = Client{ID: "me", Authenticate: func(_ context.Context, _ url.Values, h http.Header) error {
	h.Set("Authorization", "Basic bWU6c2VjcmV0")
	return nil
}}

func active(r *http.Request) (*http.Response, error) {
	return status(200, `{"active":true}`, "Content-Type", "application/json")(r)
}

func naming(endpoint string) func(*http.Request) (*http.Response, error) {
	return status(200, fmt.Sprintf(`{"issuer":"https://issuer.test","introspection_endpoint":%q}`, endpoint))
}

// outcomeOf asks about a token and says what came of it, and after how long.
func outcomeOf(e *Endpoint) (string, time.Duration) {
	start := time.Now()
	var document string
	err := e.Ask("opaque", func(text string) error {
		document = text
		return nil
	})
	if err == nil {
		return document, time.Since(start)
	}
	failure, ok := errors.AsType[*AskError](err)
	if !ok || failure.RetryAfter < time.Second {
		return fmt.Sprintf("%T with Retry-After %v", err, failure), time.Since(start)
	}
	return err.Error(), time.Since(start)
}

func wantOutcome(t *testing.T, e *Endpoint, want string, took time.Duration) {
	t.Helper()
	if got, waited := outcomeOf(e); !strings.Contains(got, want) || waited != took {
		t.Errorf("got %q after %v, want %q after %v", got, waited, want, took)
	}
}

// What goes to the endpoint, and nothing beside it.
func TestEndpointRequest(t *testing.T) {
	var body string
	i := newIssuer(func(r *http.Request) (*http.Response, error) {
		text, err := io.ReadAll(r.Body)
		body = string(text)
		if err != nil {
			return nil, err
		}
		return active(r)
	})
	e := Introspection("https://issuer.test", asked, me, i.options())
	if err := e.Ask("a+b/c==", func(string) error { return nil }); err != nil {
		t.Fatal(err)
	}
	r := i.last()
	if r.Method != "POST" || r.URL.String() != asked || body != "token=a%2Bb%2Fc%3D%3D&token_type_hint=access_token" {
		t.Errorf("got %s %s with %q, want the form of RFC 7662", r.Method, r.URL, body)
	}
	for name, want := range map[string]string{
		"Authorization": "Basic bWU6c2VjcmV0", "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", "User-Agent": userAgent,
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("got %s %q, want %q", name, got, want)
		}
	}
	if r.Close {
		t.Error("got a connection that ends with its call, want the Client's transport to keep it")
	}
}

// Where the endpoint is, by the metadata.
func TestEndpointDiscovery(t *testing.T) {
	type pages = map[string]func(*http.Request) (*http.Response, error)
	good := naming(asked)
	for _, tt := range []struct {
		name     string
		pages    pages
		want     string
		requests int
	}{
		{"OpenID Connect", pages{oidc: good}, `"active":true`, 2},
		{"RFC 8414", pages{oauth: good}, `"active":true`, 3},
		{"nowhere", pages{}, "status 404", 2},
		{"in trouble", pages{oidc: status(503, ""), oauth: good}, "status 503", 1},
		{"another issuer", pages{oidc: status(200, `{"issuer":"https://evil.test","introspection_endpoint":"`+asked+`"}`)}, "got issuer", 1},
		{"none", pages{oidc: status(200, `{"issuer":"https://issuer.test","jwks_uri":"https://issuer.test/keys"}`)}, `got no "introspection_endpoint"`, 1},
		{"of a wrong type", pages{oidc: status(200, `{"issuer":"https://issuer.test","introspection_endpoint":1}`)}, "a wrong type", 1},
		{"twice", pages{oidc: status(200, `{"issuer":"https://issuer.test","introspection_endpoint":"x","introspection_endpoint":"`+asked+`"}`)}, "JSON", 2},
		{"over http", pages{oidc: naming("http://issuer.test/introspect")}, "want https", 1},
		{"no URL", pages{oidc: naming("introspect")}, "want an absolute https URL", 1},
		{"with a password", pages{oidc: naming("https://a:b@issuer.test/introspect")}, "user information", 1},
		{"a redirect", pages{oidc: status(302, "", "Location", asked)}, "redirects are not followed", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.pages["/introspect"] = active
			i := newIssuer(byPath(tt.pages))
			e := Introspection("https://issuer.test", "", me, i.options())
			if got, _ := outcomeOf(e); !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			wantRequests(t, i, tt.requests)
		})
	}
}

// The metadata are read once for all, again after their age, and again where the endpoint fails: it may have moved.
func TestEndpointMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pages := map[string]func(*http.Request) (*http.Response, error){oidc: after(time.Second, naming(asked)), "/introspect": active, "/moved": active}
		i := newIssuer(byPath(pages))
		e := Introspection("https://issuer.test", "", me, i.options())
		var all sync.WaitGroup
		for range 30 {
			all.Go(func() { wantOutcome(t, e, "true", time.Second) })
		}
		all.Wait()
		wantRequests(t, i, 31)
		time.Sleep(12 * time.Minute) // beyond the jitter
		i.now(byPath(map[string]func(*http.Request) (*http.Response, error){oidc: broken, "/introspect": active}))
		wantOutcome(t, e, "true", 0) // while the metadata cannot be read
		wantRequests(t, i, 33)
		wantOutcome(t, e, "true", 0)
		wantRequests(t, i, 34)
		i.now(byPath(map[string]func(*http.Request) (*http.Response, error){oidc: naming("https://issuer.test/moved"), "/moved": active}))
		time.Sleep(time.Second)
		wantOutcome(t, e, "true", 0)
		if got := i.last().URL.Path; got != "/moved" {
			t.Errorf("got a call of %q, want /moved", got)
		}
		i.now(byPath(map[string]func(*http.Request) (*http.Response, error){oidc: naming(asked), "/introspect": active}))
		wantOutcome(t, e, "status 404", 0)
		time.Sleep(2 * time.Second)
		wantOutcome(t, e, "true", 0)
	})
}

// What a user's Client may do to us.
func TestEndpointSurvivesItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		for name, tt := range map[string]struct {
			serve func(*http.Request) (*http.Response, error)
			took  time.Duration
		}{
			"panic":  {func(*http.Request) (*http.Response, error) { panic("a panic") }, 0},
			"Goexit": {func(*http.Request) (*http.Response, error) { runtime.Goexit(); return nil, nil }, 0},
			"no heed": {func(*http.Request) (*http.Response, error) {
				<-free
				return nil, errors.New("late")
			}, 5 * time.Second},
		} {
			for where, address := range map[string]string{"endpoint": asked, "metadata": ""} {
				i := newIssuer(tt.serve)
				e := Introspection("https://issuer.test", address, me, i.options())
				if got, took := outcomeOf(e); strings.Contains(got, "active") || took != tt.took {
					t.Errorf("%s of the %s: got %q after %v, want a failure after %v", name, where, got, took, tt.took)
				}
				i.now(byPath(map[string]func(*http.Request) (*http.Response, error){oidc: naming(asked), "/introspect": active}))
				if name == "no heed" && where == "metadata" {
					continue // its call still holds the place of the others
				}
				time.Sleep(2 * time.Second)
				wantOutcome(t, e, "true", 0)
			}
		}
		close(free)
	})
}

// After a failure of its own the endpoint rests, for longer each time and never for long.
func TestEndpointRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &journal{}
		i := newIssuer(broken)
		o := i.options()
		o.Logger = log.logger()
		e := Introspection("https://issuer.test", asked, me, o)
		start, calls := time.Now(), 0
		for time.Since(start) < time.Hour {
			before := i.requests()
			if got, took := outcomeOf(e); !strings.Contains(got, "connection refused") || took != 0 {
				t.Fatalf("got %q after %v, want the failure at once", got, took)
			}
			calls += i.requests() - before
			time.Sleep(time.Second / 4)
		}
		if calls < 3600/13 || calls > 3600/8 {
			t.Errorf("got %d calls in an hour, want one in 8 to 12 s", calls)
		}
		i.now(active)
		time.Sleep(12 * time.Second)
		wantOutcome(t, e, "true", 0)
		synctest.Wait()
		if log.count("introspection failed") != 1 || log.count("introspection recovered") != 1 {
			t.Errorf("got %s, want a line of failure and one of recovery", log.text.String())
		}
		i.now(status(503, "", "Retry-After", "30"))
		wantOutcome(t, e, "status 503", 0)
		i.now(active)
		time.Sleep(30*time.Second - 1)
		wantOutcome(t, e, "status 503", 0)
		time.Sleep(1)
		wantOutcome(t, e, "true", 0)
		if s := e.Stats(); s.LastError != "" || s.Failures < 200 || s.Calls != i.requests() {
			t.Errorf("got %+v, want %d calls and no error now", s, i.requests())
		}
	})
}

// Over a socket neither a connection nor a goroutine outlives a call.
func TestEndpointLeavesNothingBehind(t *testing.T) {
	for name, serve := range map[string]func(net.Conn){
		"an answer": func(conn net.Conn) {
			_, _ = http.ReadRequest(bufio.NewReader(conn))
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"active\":true}")
		},
		"silence": func(net.Conn) {},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, serve)
			goroutines := runtime.NumGoroutine()
			e := Introspection("https://issuer.test", "http://"+p.Addr().String(), me, Options{Timeout: 100 * time.Millisecond})
			got, _ := outcomeOf(e)
			if strings.Contains(got, "active") != (name == "an answer") {
				t.Errorf("got %q, want %s", got, name)
			}
			p.settle(goroutines)
		})
	}
}
