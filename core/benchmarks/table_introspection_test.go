package main

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"
)

// All contenders take the active token, refuse the others, and fail where the endpoint does not know them.
func TestOpaqueTokensAreChecked(t *testing.T) {
	active := func(changes map[string]any) []byte {
		said := map[string]any{"active": true}
		for name, value := range changes {
			said[name] = value
		}
		return payload(said)
	}
	e := endpoint{
		"good": active(nil), "inactive": active(map[string]any{"active": false}), "expired": active(map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}),
		"another audience": active(map[string]any{"aud": "https://other.example"}), "another issuer": active(map[string]any{"iss": "https://other.example/"}),
	}
	for _, m := range opaqueMakers() {
		verify, err := m.make(&http.Client{Transport: e}, "https://issuer.example/introspect")
		if err != nil {
			t.Fatalf("%s: %v", m.name, err)
		}
		for _, token := range []string{"good", "inactive", "expired", "another audience", "another issuer", "unknown", "good"} {
			if err := verify(context.Background(), token); (err == nil) != (token == "good") {
				t.Errorf("%s, %s: got error %v", m.name, token, err)
			}
		}
		down, err := m.make(&http.Client{Transport: unreachable{}}, "https://issuer.example/introspect")
		if err != nil {
			t.Fatalf("%s: %v", m.name, err)
		}
		if err := down(context.Background(), "good"); err == nil {
			t.Errorf("%s: got no error while the endpoint is down, want one", m.name)
		}
	}
}

// Whoever remembers asks once, and whoever does not asks each time.
func TestOpaqueTokensAreRemembered(t *testing.T) {
	for _, m := range opaqueMakers() {
		asked := &counted{endpoint: endpoint{opaqueToken: payload(map[string]any{"active": true})}}
		verify, err := m.make(&http.Client{Transport: asked}, "https://issuer.example/introspect")
		if err != nil {
			t.Fatalf("%s: %v", m.name, err)
		}
		for range 3 {
			if err := verify(context.Background(), opaqueToken); err != nil {
				t.Errorf("%s: got %v, want nil", m.name, err)
			}
		}
		want := 3
		if m.remembers {
			want = 1
		}
		if asked.calls != want {
			t.Errorf("%s: got %d calls for 3 tokens, want %d", m.name, asked.calls, want)
		}
	}
}

type counted struct {
	endpoint
	calls int // by one goroutine after another
}

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	c.calls++
	return c.endpoint.RoundTrip(r)
}

type unreachable struct{}

func (unreachable) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("connection refused")
}
