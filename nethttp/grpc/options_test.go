package jwtmw_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	jwtmw "github.com/jwtmw/jwtmw/nethttp/grpc"
)

func TestOpen(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	service, unary, stream := "jwtmw.test.Adapter", methods["unary"], methods["stream"]
	tests := []struct {
		name           string
		open           []string
		unary, streams bool // anyone may call them
	}{
		{"nothing", nil, false, false},
		{"the service", []string{service}, true, true},
		{"one method", []string{unary}, true, false},
		{"the other method", []string{stream}, false, true},
		{"another service", []string{"jwtmw.test", "Adapter", "jwtmw.test.Adapter2"}, false, false},
		{"another spelling", []string{"jwtmw.test.adapter", "/jwtmw.test.Adapter/unary", "/jwtmw.test.Adapter/Un"}, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			conn := connect(t, newServer(subject, jwtmw.Options{Open: test.open}.Guard(core.MustGuard(issuer.Config()))...))
			for method, open := range map[string]bool{unary: test.unary, stream: test.streams} {
				want := codes.Unauthenticated
				if open {
					want = codes.OK
				}
				if _, _, err := invoke(t.Context(), conn, method); status.Code(err) != want {
					t.Errorf("%s without a token: got %v, want %v", method, err, want)
				}
				text, _, err := invoke(bearing(t.Context(), issuer.Token(nil)), conn, method)
				if who := map[bool]string{true: "nobody", false: jwttest.Subject}[open]; err != nil || text != who {
					t.Errorf("%s with a token: got %q and %v, want %q", method, text, err, who)
				}
			}
		})
	}
}

// A Require in a method that is open finds no guard.
func TestRequireInAnOpenMethod(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	see := func(ctx context.Context) (string, error) { return "", jwtmw.Require(ctx) }
	conn := connect(t, newServer(see, jwtmw.Options{Open: []string{"jwtmw.test.Adapter"}}.Guard(core.MustGuard(issuer.Config()))...))
	for kind, method := range methods {
		if _, _, err := invoke(bearing(t.Context(), issuer.Token(nil)), conn, method); status.Code(err) != codes.Internal {
			t.Errorf("%s: got %v, want Internal", kind, err)
		}
	}
}

func TestOptionsThatAreMistakes(t *testing.T) {
	guard := core.MustGuard(jwttest.NewIssuer("").Config())
	for _, open := range []string{"", "/", "*", "grpc.health.v1.*", "/grpc.health.v1.Health", "/grpc.health.v1.Health/", "grpc.health.v1.Health/Check", "//Check", "a b"} {
		t.Run(open, func(t *testing.T) {
			got := panicOf(func() { jwtmw.Options{Open: []string{open}}.Guard(guard) })
			if want := fmt.Sprintf("Options.Open holds %q", open); !strings.Contains(got, want) {
				t.Errorf("got panic %q, want one with %q", got, want)
			}
		})
	}
	t.Run("every mistake at once", func(t *testing.T) {
		got := panicOf(func() { jwtmw.Options{Open: []string{"*"}}.Guard(core.Guard{}) })
		if !strings.Contains(got, "Options.Open") || !strings.Contains(got, "Guard.Verifier") {
			t.Errorf("got panic %q, want one that names Options.Open and Guard.Verifier", got)
		}
	})
}

func TestOptionsAreCopied(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	open := []string{"grpc.health.v1.Health"}
	conn := connect(t, newServer(subject, jwtmw.Options{Open: open}.Guard(core.MustGuard(issuer.Config()))...))
	open[0] = "jwtmw.test.Adapter"
	if _, _, err := invoke(t.Context(), conn, methods["unary"]); status.Code(err) != codes.Unauthenticated {
		t.Errorf("got %v, want Unauthenticated", err)
	}
}

func panicOf(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return ""
}
