package keyset

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "172.15.0.1": true, "172.32.0.1": true, "100.63.255.255": true, "100.128.0.1": true,
		"2606:4700:4700::1111": true, "2a00:1450::1": true, "::ffff:8.8.8.8": true, "64:ff9b::808:808": true,

		"0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false, "100.64.0.1": false, "127.0.0.1": false, "127.255.255.254": false,
		"169.254.169.254": false, "172.16.0.1": false, "172.31.255.255": false, "192.0.0.1": false, "192.0.2.1": false,
		"192.168.1.1": false, "198.18.0.1": false, "198.51.100.1": false, "203.0.113.1": false, "224.0.0.1": false,
		"240.0.0.1": false, "255.255.255.255": false,

		"::": false, "::1": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd00:ec2::254": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "::127.0.0.1": false, "64:ff9b::7f00:1": false,
		"64:ff9b::a9fe:a9fe": false, "64:ff9b::10.0.0.1": false, "64:ff9b:1::808:808": false, "2002:7f00:1::": false,
		"2001::1": false, "2001:db8::1": false, "3fff::1": false, "100::1": false, "4000::1": false,
		"2606:4700::1%eth0": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("public(%s): got %t, want %t", address, got, want)
		}
	}
	if public(netip.Addr{}) {
		t.Error("public of no address: got true, want false")
	}
}

func TestCheckPublicURL(t *testing.T) {
	for _, test := range []struct {
		name, url string
		insecure  bool
		want      bool
	}{
		{"https", "https://login.example/keys", false, true},
		{"https to a public address", "https://8.8.8.8/keys", false, true},
		{"http", "http://login.example/keys", false, false},
		{"http to loopback", "http://127.0.0.1/keys", false, false},
		{"http to localhost", "http://localhost/keys", false, false},
		{"InsecureHTTP", "http://login.example/keys", true, true},
		{"InsecureHTTP to loopback", "http://127.0.0.1/keys", true, false},
		{"https to loopback", "https://127.0.0.1/keys", false, false},
		{"https to IPv6 loopback", "https://[::1]/keys", false, false},
		{"https to a metadata service", "https://169.254.169.254/keys", false, false},
		{"user information", "https://user@login.example/keys", false, false},
		{"no URL", "login.example", false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := CheckPublicURL(test.url, test.insecure); (err == nil) != test.want {
				t.Errorf("got %v, want accepted %t", err, test.want)
			}
		})
	}
}

// K18: the address of the services that Azure has for a machine itself is not public.
func TestK18AzureServicesAreNotPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"168.63.129.16": false, "::ffff:168.63.129.16": false, "64:ff9b::a83f:8110": false, "168.63.129.15": true, "168.63.129.17": true,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("public(%s): got %t, want %t", address, got, want)
		}
	}
}

// The name is harmless and resolves to loopback, as a stranger's DNS server may have it.
func TestConfinedRefusesAtDialTime(t *testing.T) {
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.StartTLS()
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	for name, options := range map[string]Options{"https": {Confined: true}, "InsecureHTTP": {Confined: true, InsecureHTTP: true}} {
		t.Run(name, func(t *testing.T) {
			scheme := "https://"
			if options.InsecureHTTP {
				scheme = "http://"
			}
			_, _, err := JWKS(scheme+"localhost:"+port+"/keys", options).Key(t.Context(), "a", true, jws.RS256)
			if err == nil || !strings.Contains(err.Error(), "want a public one") {
				t.Errorf("got %v, want the refusal of an address", err)
			}
		})
	}
	if got := connections.Load(); got != 0 {
		t.Errorf("got %d connections, want none", got)
	}
}

func TestConfinedUsesNoProxy(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	if newTransports(Options{Confined: true}).until(time.Now()).Proxy != nil {
		t.Error("got a proxy, want none: it would dial in our place")
	}
}

func TestRefuseLocal(t *testing.T) {
	for _, test := range []struct {
		network, address string
		want             bool
	}{
		{"tcp4", "8.8.8.8:443", true},
		{"tcp6", "[2606:4700::1]:443", true},
		{"tcp4", "127.0.0.1:443", false},
		{"tcp6", "[fe80::1%eth0]:443", false},
		{"unix", "/run/docker.sock", false},
		{"udp4", "8.8.8.8:443", false},
	} {
		if err := refuseLocal(test.network, test.address, nil); (err == nil) != test.want {
			t.Errorf("%s %s: got %v, want accepted %t", test.network, test.address, err, test.want)
		}
	}
}

func TestHostRule(t *testing.T) {
	const metadata = "https://Login.example/.well-known/openid-configuration"
	others := []string{"Keys.example", "keys.example:8443"}
	for _, test := range []struct {
		name, jwks     string
		free, confined bool
	}{
		{"same host", "https://login.example/keys", true, true},
		{"same host, the port spelled out", "https://login.example:443/keys", true, true},
		{"same host, another port", "https://login.example:8443/keys", true, false},
		{"another host", "https://evil.example/keys", true, false},
		{"a host below", "https://keys.login.example/keys", true, false},
		{"allowed", "https://keys.example/keys", true, true},
		{"allowed with a port", "https://keys.example:8443/keys", true, true},
		{"allowed host, another port", "https://keys.example:9443/keys", true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := (hostRule{}).check(metadata, test.jwks); (err == nil) != test.free {
				t.Errorf("free: got %v, want accepted %t", err, test.free)
			}
			if err := (hostRule{true, others}).check(metadata, test.jwks); (err == nil) != test.confined {
				t.Errorf("confined: got %v, want accepted %t", err, test.confined)
			}
		})
	}
}

// A jwks_uri elsewhere is refused before anything is asked of its host.
func TestConfinedMetadata(t *testing.T) {
	metadata := func(jwksURI string) http.RoundTripper {
		return transportFunc(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host != "login.example" {
				t.Errorf("got a request to %q, want none", r.URL.Host)
			}
			recorder := httptest.NewRecorder()
			recorder.WriteString(`{"issuer":"https://login.example","jwks_uri":"` + jwksURI + `"}`)
			return recorder.Result(), nil
		})
	}
	client := &http.Client{Transport: metadata("https://10.0.0.1/keys")}
	source := Discovery("https://login.example", "", Options{Confined: true, Client: client})
	err := source.Ready(context.Background())
	if err == nil || !strings.Contains(err.Error(), "jwks_uri") {
		t.Errorf("got %v, want the refusal of jwks_uri", err)
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
