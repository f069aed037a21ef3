package jwttest_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

func TestListen(t *testing.T) {
	issuer, err := jwttest.Listen()
	if err != nil {
		t.Fatal(err)
	}
	defer issuer.Close()
	response, err := http.Get(issuer.JWKSURL())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if string(body) != string(issuer.JWKS()) {
		t.Errorf("got %.60q, want the key set", body)
	}
	if _, body := get(t, issuer, issuer.JWKSURL()); body != string(issuer.JWKS()) {
		t.Errorf("got %.60q without the socket, want the key set", body)
	}
}

func TestCloseEndsHandlers(t *testing.T) {
	stubborn := func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for blanks := make([]byte, 1<<16); ; {
				if _, err := w.Write(blanks); err != nil {
					return
				}
			}
		})
	}
	for name, fault := range map[string]jwttest.Fault{
		"hang": jwttest.Hang(), "endless": jwttest.Endless(), "minds no context": stubborn,
	} {
		t.Run(name, func(t *testing.T) {
			issuer, err := jwttest.Listen()
			if err != nil {
				t.Fatal(err)
			}
			returned := false // without a lock, so that the race detector sees whether the handler is over
			started := make(chan struct{})
			issuer.Misbehave(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					defer func() { returned = true }()
					close(started)
					fault(next).ServeHTTP(w, r)
				})
			})
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			answers := make(chan *http.Response)
			go func() {
				response, _ := client.Get(issuer.JWKSURL())
				answers <- response // the body is not read, so that an endless one fills the socket
			}()
			<-started
			issuer.Close()
			issuer.Close()
			if response := <-answers; response != nil {
				response.Body.Close()
			}
			if !returned {
				t.Error("got a handler that still runs, want it over")
			}
			if _, err := client.Get(issuer.JWKSURL()); err == nil {
				t.Error("got an answer after Close, want an error")
			}
		})
	}
}

func TestServeClosesWithTheTest(t *testing.T) {
	var address string
	t.Run("inner", func(t *testing.T) { address = jwttest.Serve(t).JWKSURL() })
	if response, err := http.Get(address); err == nil {
		response.Body.Close()
		t.Error("got an answer after the test, want an error")
	}
}

// Config reaches an issuer with and without a socket, and one whose identifier is no URL.
func TestConfig(t *testing.T) {
	for name, issuer := range map[string]*jwttest.Issuer{
		"without a socket": jwttest.NewIssuer(""), "listening": jwttest.Serve(t), "no URL": jwttest.NewIssuer("acme.com"),
	} {
		t.Run(name, func(t *testing.T) {
			v, err := core.New(issuer.Config())
			if err != nil {
				t.Fatal(err)
			}
			if claims, err := v.Verify(t.Context(), issuer.Token(nil)); err != nil || claims.Subject != jwttest.Subject {
				t.Errorf("got %v, %v, want the claims of %s", claims, err, jwttest.Subject)
			}
		})
	}
}
