package main

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
)

// Both services answer the good token and refuse the others; the one without authentication answers everybody.
func TestConsumersCheckTheSame(t *testing.T) {
	f := newFixture("RS256")
	keys := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(f.document) }))
	t.Cleanup(keys.Close)
	for _, c := range consumers() {
		if err := c.build(t.TempDir(), true); err != nil {
			t.Fatal(err)
		}
		var arguments []string
		if c.folder != "alone" {
			arguments = []string{"-issuer", issuerURL, "-audience", audience, "-keys", keys.URL}
		}
		url := "http://" + running(t, c, arguments) + "/orders"
		for _, b := range append(unacceptable(f), bad{"good", f.token}, bad{"none", ""}) {
			want := http.StatusUnauthorized
			if b.name == "good" || c.folder == "alone" {
				want = http.StatusOK
			}
			if got := statusWith(t, url, b.token); got != want {
				t.Errorf("%s, %s: got status %d, want %d", c.name, b.name, got, want)
			}
		}
		if err := c.startUp(); err != nil {
			t.Error(err)
		}
		if err := c.initialize(); err != nil || c.initBytes == 0 || c.inits[0] == 0 {
			t.Errorf("%s: got %d octets, %v and %v, want what inittrace says", c.name, c.initBytes, c.inits, err)
		}
	}
}

// running starts a service and returns its address. It ends with the test.
func running(t *testing.T, c *consumer, arguments []string) (address string) {
	t.Helper()
	command := exec.Command(c.binary, arguments...)
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	return strings.TrimSpace(line)
}

func statusWith(t *testing.T, url, token string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}
