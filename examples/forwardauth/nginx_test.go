package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// requireNginx is the environment variable that makes a missing nginx a failure, as it is where .ci/run has installed one.
const requireNginx = "JWTMW_REQUIRE_NGINX"

// edge is nginx with the file that this directory ships, between a client and a service that records what it got.
type edge struct {
	url     string
	reached atomic.Pointer[http.Request]
	auth    *httptest.Server
}

// freeAddress returns an address that was free a moment ago. Proofs name it before anything listens there.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// startNginx starts nginx on address, before a service, with decisions by handler. All end with the test. Each of changes is
// an old and a new text of nginx.conf.
func startNginx(t *testing.T, address string, handler http.Handler, changes ...string) *edge {
	t.Helper()
	if _, err := exec.LookPath("nginx"); err != nil {
		if os.Getenv(requireNginx) != "" {
			t.Fatal("there is no nginx: apt-get install nginx")
		}
		t.Skip("there is no nginx: apt-get install nginx")
	}
	e := &edge{url: "http://" + address}
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.reached.Store(r)
		fmt.Fprint(w, "served")
	}))
	t.Cleanup(service.Close)
	e.auth = httptest.NewUnstartedServer(nil)
	e.auth.Config = newServer(handler)
	e.auth.Start()
	t.Cleanup(e.auth.Close)

	directory := t.TempDir()
	site := shipped(t, append(changes,
		"listen 8080;", "listen "+address+";",
		"127.0.0.1:9091", e.auth.Listener.Addr().String(),
		"127.0.0.1:3000", service.Listener.Addr().String())...)
	main := "daemon off; master_process off; pid nginx.pid; error_log stderr crit; events {}\nhttp {\naccess_log off;\n"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		main += kind + "_temp_path " + filepath.Join(directory, kind) + ";\n"
	}
	path := filepath.Join(directory, "nginx.conf")
	if err := os.WriteFile(path, []byte(main+site+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("nginx", "-p", directory, "-c", path, "-e", "stderr")
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		<-ended
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) { // another process starts
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return e
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("nginx ended: %v", err)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("nginx does not listen on %s after 20 s", address)
		}
	}
}

// shipped is nginx.conf with each old text replaced by the new one that follows it.
func shipped(t *testing.T, changes ...string) string {
	t.Helper()
	text, err := os.ReadFile("nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	site := string(text)
	for i := 0; i < len(changes); i += 2 {
		from, to := changes[i], changes[i+1]
		if n := strings.Count(site, from); n != 1 {
			t.Fatalf("nginx.conf holds %q %d times, want once", from, n)
		}
		site = strings.Replace(site, from, to, 1)
	}
	return site
}

// served is the request that reached the service since it was last asked for, nil for none.
func (e *edge) served() *http.Request { return e.reached.Swap(nil) }
