package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// TestRun serves with what the command line and the environment say, until its context ends.
func TestRun(t *testing.T) {
	issuer := jwttest.Serve(t)
	t.Setenv("JWT_ISSUER", "https://elsewhere.example/") // a flag comes before it
	t.Setenv("JWT_AUDIENCE", jwttest.Audience)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-listen", "127.0.0.1:0", "-issuer", issuer.URL(), "-cookie", "session"}, writer)
		writer.Close()
	}()
	lines := bufio.NewScanner(reader)
	address := ""
	for address == "" && lines.Scan() {
		_, address, _ = strings.Cut(lines.Text(), "address=")
	}
	go io.Copy(io.Discard, reader)
	for name, want := range map[string]string{
		"Authorization: Bearer " + issuer.Token(nil): "200",
		"Cookie: session=" + issuer.Token(nil):       "200",
		"Cookie: other=" + issuer.Token(nil):         "401",
	} {
		if got := status(t, address, "GET /verify", name, "X-Original-Method: GET", "X-Original-URL: https://api.example.com/"); got != want {
			t.Errorf("%.20s: got %s, want %s", name, got, want)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("got error %v at the end, want none", err)
	}
}

// TestWire sends what no proxy sends to a server with the limits of this one.
func TestWire(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- serve(ctx, newServer(handlerOf(t, issuer)), listener) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("got error %v at the end, want none", err)
		}
	}()
	described := []string{"X-Original-Method: GET", "X-Original-URL: https://api.example.com/"}
	good := append([]string{"Authorization: Bearer " + issuer.Token(nil)}, described...)
	for _, row := range []struct {
		name, line string
		header     []string
		want       string
	}{
		{"W1 an asterisk, which net/http would answer 200", "OPTIONS *", described, "401"},
		{"W2 an asterisk with a token", "OPTIONS *", good, "200"},
		{"W3 no path that a router would take", "GET http://x/../y", good, "200"},
		{"W4 a header of 60 KiB", "GET /", append([]string{"X-More: " + strings.Repeat("x", 60<<10)}, good...), "200"},
		{"W5 a header of 80 KiB", "GET /", append([]string{"X-More: " + strings.Repeat("x", 80<<10)}, good...), "431"},
		{"W6 NUL in a field", "GET /", append([]string{"X-Original-URL: https://api.example.com/\x00"}, good[:2]...), "400"},
		{"W7 a field in another case, beside the proxy's", "GET /", append([]string{"x-original-url: https://api.example.com/public"}, good...), "400"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := status(t, listener.Addr().String(), row.line, row.header...); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

// status sends one request as it is and returns the status of the answer.
func status(t *testing.T, address, line string, header ...string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// A server that refuses a long header stops reading it, which is no failure.
	_, _ = fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: forwardauth\r\nConnection: close\r\n%s\r\n\r\n", line, strings.Join(header, "\r\n"))
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.Status[:3]
}

func TestOptions(t *testing.T) {
	directory := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(directory, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := []string{"-issuer", "https://issuer.test", "-audience", "api"}
	rows := []struct {
		name string
		args []string
		want []string // in the error; none: it is nil
	}{
		{"O1 issuer and audience", good, nil},
		{"O2 everything", append(good, "-audience", "a, b", "-cookie", "session", "-origins", appOrigin,
			"-dpop", apiURL, "-nonces", file("good", strings.Repeat("x", 32)+"\n")), nil},
		{"O3 nothing", nil, []string{"Issuer is empty"}},
		{"O4 several mistakes at once", []string{"-issuer", "https://issuer.test", "-origins", appOrigin, "-nonces", filepath.Join(directory, "absent")},
			[]string{"Audiences", "-origins without -cookie", "absent"}},
		{"O5 a short secret", append(good, "-dpop", apiURL, "-nonces", file("short", strings.Repeat("x", 31)+"\n")), []string{"31 octets"}},
		{"O6 nonces without proofs", append(good, "-nonces", file("alone", strings.Repeat("x", 32))), []string{"DPoP.URLs is empty"}},
		{"O7 an origin that no browser sends", append(good, "-cookie", "session", "-origins", "https://app.example.com:443"), []string{"as browsers send it"}},
		{"O8 a proof's URL without TLS", append(good, "-dpop", "http://api.example.com"), []string{"DPoP.URLs"}},
		{"O9 an argument", append(good, "more"), []string{`"more"`}},
		{"O10 an empty element", append(good, "-audience", "a,,b"), []string{"empty element"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			options, err := parse(row.args, io.Discard)
			if err == nil {
				_, err = options.guard(nil)
			}
			if (err == nil) != (row.want == nil) {
				t.Fatalf("got error %v, want %q", err, row.want)
			}
			for _, want := range row.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got error %q, want %q in it", err, want)
				}
			}
		})
	}
	var usage bytes.Buffer
	if _, err := parse([]string{"-h"}, &usage); !errors.Is(err, flag.ErrHelp) || !strings.Contains(usage.String(), "usage: forwardauth") {
		t.Errorf("-h: got error %v and %q, want the usage", err, usage.String())
	}
	t.Setenv("JWT_AUDIENC", "api")
	if options, err := parse(good, io.Discard); err != nil {
		t.Error(err)
	} else if _, err = options.guard(nil); err == nil || !strings.Contains(err.Error(), "JWT_AUDIENC") {
		t.Errorf("a variable that is misspelt: got error %v, want it named", err)
	}
}
