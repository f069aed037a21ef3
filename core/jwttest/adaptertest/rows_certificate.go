package adaptertest

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// certificateRows are about tokens that are bound to a client certificate (RFC 8705), which a proxy hands on.
func (a *app) certificateRows() []tableRow {
	der, err := newCertificate(jwttest.NewIssuer(""))
	if err != nil {
		return nil // the row that counts them finds that
	}
	sum := sha256.Sum256(der)
	token := a.issuer.Token(map[string]any{"cnf": map[string]any{"x5t#S256": base64.RawURLEncoding.EncodeToString(sum[:])}})
	header := "Client-Cert: :" + base64.StdEncoding.EncodeToString(der) + ":"
	bound := invalidToken(core.ReasonSenderConstraint, "the token is bound to a key and is no bearer token")
	row := func(name, target string, want wanted, lines ...string) tableRow {
		return tableRow{name, wireRequest{target: target, lines: append(lines, "Authorization: Bearer "+token)}, want}
	}
	return []tableRow{
		row("a certificate from the proxy", "/certified", passes(jwttest.Subject), header),
		row("M01 no certificate", "/guarded", bound),
		row("M01 no certificate from the proxy", "/certified", bound),
		row("M06 a certificate from a stranger", "/certified/elsewhere", bound, header),
		row("M06 a certificate from a stranger who names the proxy", "/certified/elsewhere", bound, header,
			"X-Forwarded-For: 192.0.2.1", "X-Real-Ip: 192.0.2.1", "Forwarded: for=192.0.2.1"),
		row("M06 a certificate where no header is configured", "/guarded", bound, header),
		row("M07 two certificates", "/certified", bound, header, header),
	}
}

// newCertificate is one that nobody trusts, of an issuer's key.
func newCertificate(key *jwttest.Issuer) ([]byte, error) {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"api.test"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.PublicKey("ES256"), key.PrivateKey("ES256"))
	if err != nil {
		return nil, fmt.Errorf("adaptertest: a certificate: %w", err)
	}
	return der, nil
}
