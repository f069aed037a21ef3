package keyset

import "testing"

func TestCheckURL(t *testing.T) {
	tests := []struct {
		name, url      string
		want, insecure bool // taken by default, and with InsecureHTTP
	}{
		{"https", "https://a.test/jwks", true, true},
		{"https with port and query", "https://a.test:8443/jwks?x=1", true, true},
		{"upper case", "HTTPS://A.TEST/", true, true},
		{"http", "http://a.test/jwks", false, true},
		{"loopback", "http://127.0.0.1:8080/jwks", true, true},
		{"loopback far", "http://127.255.0.9/jwks", true, true},
		{"loopback IPv6", "http://[::1]:8080/jwks", true, true},
		{"localhost", "http://localhost:8080/jwks", true, true},
		{"Localhost", "http://LocalHost/jwks", true, true},
		{"B08 metadata address", "http://169.254.169.254/latest", false, true},
		{"B08 any address", "http://0.0.0.0/", false, true},
		{"a name that starts like loopback", "http://127.0.0.1.a.test/", false, true},
		{"a name that ends like localhost", "http://evillocalhost/", false, true},
		{"a subdomain of localhost", "http://a.localhost/", false, true},
		{"loopback in octal", "http://0177.0.0.1/", false, true},
		{"user information", "https://user:secret@a.test/", false, false},
		{"loopback as user information", "http://127.0.0.1@a.test/", false, false},
		{"fragment", "https://a.test/jwks#keys", false, false},
		{"empty fragment", "https://a.test/jwks#", false, false},
		{"relative", "/jwks", false, false},
		{"without a scheme", "//a.test/jwks", false, false},
		{"a host alone", "a.test", false, false},
		{"without a host", "https:///jwks", false, false},
		{"a port alone", "https://:443/jwks", false, false},
		{"opaque", "https:a.test", false, false},
		{"file", "file:///etc/passwd", false, false},
		{"ftp", "ftp://a.test/", false, false},
		{"empty", "", false, false},
		{"control character", "https://a.test/\n", false, false},
		{"bad port", "https://a.test:x/", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for insecure, want := range map[bool]bool{false: tt.want, true: tt.insecure} {
				if err := CheckURL(tt.url, insecure); (err == nil) != want {
					t.Errorf("insecure %v: got error %v, want taken %v", insecure, err, want)
				}
			}
		})
	}
}
