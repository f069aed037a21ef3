package provider

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/jwtmw/jwtmw/core"
)

// KubernetesServiceAccount trusts the service accounts of the cluster in which this
// service runs. The issuer is the API server's --service-account-issuer, or "" for
// "https://kubernetes.default.svc.cluster.local".
//
//	jwtmw.Gin(provider.KubernetesServiceAccount("", "orders"))
//
// The caller's pod mounts a projected token with that audience. Tokens from Secrets
// never expire and are refused. Managed clusters have an issuer of their own:
// "kubectl get --raw /.well-known/openid-configuration" tells it.
//
// Keys come from the API server, with the CA and the token that are mounted into
// this pod. Outside the cluster, where the issuer is a public URL, set Config.Keys to
// core.Discovery{}.
//
// The caller is "sub", such as "system:serviceaccount:shop:cart". There are no roles;
// core.ClaimIn([]string{"kubernetes.io", "namespace"}, "shop") asks for a namespace.
func KubernetesServiceAccount(issuer string, audiences ...string) core.Config {
	client := &http.Client{Transport: inCluster{"/var/run/secrets/kubernetes.io/serviceaccount"}}
	return core.Config{
		Issuer:        cmp.Or(issuer, "https://kubernetes.default.svc.cluster.local"),
		Keys:          core.JWKS{URL: "https://" + apiServer + "/openid/v1/jwks", Fetch: core.Fetch{Client: client}},
		Algorithms:    []core.Algorithm{core.RS256},
		Audiences:     audiences,
		RequireClaims: []core.Requirement{present("kubernetes.io")},
	}
}

const apiServer = "kubernetes.default.svc"

// inCluster reaches the API server with what lies in the directory of the pod's own
// service account. Both files are rotated, so each request reads them.
type inCluster struct{ dir string }

// RoundTrip sends the pod's token along, to the API server alone.
func (c inCluster) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" || r.URL.Hostname() != apiServer {
		return nil, fmt.Errorf("got a request to %.64q, want one to %q: the pod's token is for nobody else", r.URL.Host, apiServer)
	}
	transport, token, err := c.open()
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+token)
	return transport.RoundTrip(r)
}

func (c inCluster) open() (transport *http.Transport, token string, err error) {
	ca, err := os.ReadFile(filepath.Join(c.dir, "ca.crt"))
	if err != nil {
		return nil, "", err
	}
	mounted, err := os.ReadFile(filepath.Join(c.dir, "token"))
	if err != nil {
		return nil, "", err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, "", fmt.Errorf("%s holds no certificate", filepath.Join(c.dir, "ca.crt"))
	}
	// No connection outlives its request, since the next one may need another CA.
	transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}
	return transport, strings.TrimSpace(string(mounted)), nil
}
