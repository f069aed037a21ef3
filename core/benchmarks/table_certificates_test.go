package main

import (
	"net/http"
	"testing"
)

// Every middleware of the table takes the token with its own certificate, and refuses it with
// another one and without any. Behind a proxy the certificate of the connection is the proxy's and does not count.
func TestCertificatesAreChecked(t *testing.T) {
	f := newFixture("ES256")
	h, err := newCertificateHandlers(f)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := newClientCert()
	if err != nil {
		t.Fatal(err)
	}
	other, err := newClientCert()
	if err != nil {
		t.Fatal(err)
	}
	bound := cert.bind(f)
	type middleware struct {
		name, header string
		http.Handler
	}
	all := []middleware{{"jwtmw", "", h.own}, {"jwtmw with TokenCache", "", h.cached}, {"handwritten", "", h.handwritten}}
	for header, behind := range h.behind {
		all = append(all, middleware{"jwtmw behind a proxy", header, behind})
	}
	for _, m := range all {
		for _, row := range []struct {
			name, header string
			cert         clientCert
			want         int
		}{
			{"its own", m.header, cert, http.StatusNoContent},
			{"another", m.header, other, http.StatusUnauthorized},
			{"none", "", clientCert{}, http.StatusUnauthorized},
			{"its own again", m.header, cert, http.StatusNoContent},
		} {
			if err := shown(row.name, m, bound, row.cert, row.header, row.want).run(); err != nil {
				t.Errorf("%s %s, %s certificate: %v", m.name, m.header, row.name, err)
			}
		}
		if m.header != "" {
			if err := shown("", m, bound, cert, "", http.StatusUnauthorized).run(); err != nil {
				t.Errorf("%s %s, the proxy's own certificate: %v", m.name, m.header, err)
			}
		}
		for _, b := range unacceptable(f) {
			if err := shown("", m, b.token, cert, m.header, http.StatusUnauthorized).run(); err != nil {
				t.Errorf("%s %s, %s: %v", m.name, m.header, b.name, err)
			}
		}
	}
}
