package provider_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/provider"
)

func TestKubernetesServiceAccount(t *testing.T) {
	s := &site{Issuer: jwttest.NewIssuer("https://kubernetes.default.svc.cluster.local"), keys: "https://kubernetes.default.svc/openid/v1/jwks"}
	account := object{"aud": []string{"orders"}, "sub": "system:serviceaccount:shop:cart", "jti": "1",
		"kubernetes.io": object{"namespace": "shop", "serviceaccount": object{"name": "cart", "uid": "u"}, "pod": object{"name": "cart-1"}}}
	namespace := []string{"kubernetes.io", "namespace"}
	try(t, s, []core.Config{provider.KubernetesServiceAccount("", "orders")}, []trial{
		{"projected token", s.Token(account, untyped), "", []core.Requirement{core.ClaimIn(namespace, "shop")}, []core.Requirement{core.ClaimIn(namespace, "kube-system")}},
		{"the API server's audience", s.Token(with(account, object{"aud": []string{"https://kubernetes.default.svc.cluster.local"}}), untyped), core.ReasonWrongAudience, nil, nil},
		{"from a Secret", s.Token(object{"iss": "kubernetes/serviceaccount", "aud": nil, "exp": nil}, untyped), core.ReasonWrongIssuer, nil, nil},
		{"without an end", s.Token(with(account, object{"exp": nil}), untyped), core.ReasonMissingClaim, nil, nil},
		{"no service account", s.Token(with(account, object{"kubernetes.io": nil}), untyped), core.ReasonUnacceptableClaim, nil, nil},
		{"another cluster", s.Token(with(account, object{"iss": "https://oidc.eks.eu-central-1.amazonaws.com/id/X"}), untyped), core.ReasonWrongIssuer, nil, nil},
	})
	if got := provider.KubernetesServiceAccount("https://oidc.eks.test/id/X", "a").Issuer; got != "https://oidc.eks.test/id/X" {
		t.Errorf("got issuer %q, want the given one", got)
	}
}

func TestGitHubActions(t *testing.T) {
	const issuer, audience = "https://token.actions.githubusercontent.com", "https://deploy.acme.com"
	s := &site{Issuer: jwttest.NewIssuer(issuer), metadata: issuer + "/.well-known/openid-configuration", keys: issuer + "/.well-known/jwks"}
	job := object{"aud": audience, "sub": "repo:acme/shop:ref:refs/heads/main", "repository": "acme/shop", "repository_owner": "acme",
		"ref": "refs/heads/main", "event_name": "push", "environment": "prod"}
	try(t, s, []core.Config{provider.GitHubActions(audience, map[string]string{"repository": "acme/shop", "ref": "refs/heads/main"})}, []trial{
		{"job", s.Token(job), "", []core.Requirement{core.ClaimIn([]string{"environment"}, "prod")}, nil},
		{"anybody's repository", s.Token(with(job, object{"repository": "evil/shop", "repository_owner": "evil"})), core.ReasonUnacceptableClaim, nil, nil},
		{"a pull request", s.Token(with(job, object{"ref": "refs/pull/1/merge", "event_name": "pull_request"})), core.ReasonUnacceptableClaim, nil, nil},
		{"no repository", s.Token(with(job, object{"repository": nil})), core.ReasonUnacceptableClaim, nil, nil},
		{"the default audience", s.Token(with(job, object{"aud": "https://github.com/acme"})), core.ReasonWrongAudience, nil, nil},
		{"an enterprise's own issuer", s.Token(with(job, object{"iss": issuer + "/octocorp"})), core.ReasonWrongIssuer, nil, nil},
	})
}

func TestGitHubActionsMustPin(t *testing.T) {
	for _, test := range []struct {
		name   string
		claims map[string]string
		want   string
	}{
		{"nothing", nil, "repository"},
		{"a branch of anybody", map[string]string{"ref": "refs/heads/main"}, "repository"},
		{"a workflow that anybody may call", map[string]string{"job_workflow_ref": "acme/ci/.github/workflows/deploy.yml@refs/heads/main"}, "repository"},
		{"an empty value", map[string]string{"repository": ""}, "repository"},
		{"an empty value beside a pinned one", map[string]string{"repository": "acme/shop", "ref": ""}, `"ref"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := core.New(provider.GitHubActions("https://deploy.acme.com", test.claims))
			if err == nil || !strings.Contains(err.Error(), "GitHubActions") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want GitHubActions and %s named", err, test.want)
			}
		})
	}
	if _, err := core.New(provider.GitHubActions("", map[string]string{"repository": "acme/shop"})); err == nil {
		t.Error("no audience: got no error, want one")
	}
}

// carries sends a token in one header to a Guard that knows only source.
func carries(t *testing.T, config core.Config, source core.TokenSource, header, token string) core.Reason {
	t.Helper()
	v, err := core.New(config)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set(header, token)
	_, err = core.Guard{Verifier: v, Tokens: []core.TokenSource{source}}.Check(t.Context(), core.HTTPRequest(r))
	return reasonOf(err)
}

func TestCloudflareAccess(t *testing.T) {
	const issuer, tag = "https://acme.cloudflareaccess.com", "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2"
	s := &site{Issuer: jwttest.NewIssuer(issuer), keys: issuer + "/cdn-cgi/access/certs", edit: func(document []byte) []byte {
		pem := `"public_cert":{"kid":"a","cert":"-----BEGIN CERTIFICATE-----"},"public_certs":[{"kid":"a","cert":"x"}],`
		return []byte(strings.Replace(string(document), "{", "{"+pem, 1))
	}}
	assertion := object{"aud": []string{tag}, "email": "alice@acme.com", "type": "app", "identity_nonce": "n", "country": "DE",
		"custom": object{"groups": []string{"admin"}}}
	config, source := provider.CloudflareAccess("acme", tag)
	try(t, s, []core.Config{config}, []trial{
		{"assertion", s.Token(assertion), "", []core.Requirement{core.Role("admin"), core.ClaimIn([]string{"email"}, "alice@acme.com")}, []core.Requirement{core.Role("owner")}},
		{"service token", s.Token(with(assertion, object{"sub": "", "common_name": "ci.access", "email": nil})), "", nil, nil},
		{"another application", s.Token(with(assertion, object{"aud": []string{"other"}})), core.ReasonWrongAudience, nil, nil},
		{"the team's session", s.Token(with(assertion, object{"type": "org"})), core.ReasonUnacceptableClaim, nil, nil},
		{"another team", s.Token(with(assertion, object{"iss": "https://evil.cloudflareaccess.com"})), core.ReasonWrongIssuer, nil, nil},
	})
	config.Keys = through(t, config.Keys, s)
	for header, want := range map[string]core.Reason{"Cf-Access-Jwt-Assertion": "", "Authorization": core.ReasonNoToken} {
		if got := carries(t, config, source, header, s.Token(assertion)); got != want {
			t.Errorf("%s: got %q, want %q", header, got, want)
		}
	}
	for _, pasted := range []string{"https://acme.cloudflareaccess.com/", "acme.cloudflareaccess.com", "Acme"} {
		if config, _ := provider.CloudflareAccess(pasted, tag); config.Issuer != issuer || config.Err != nil {
			t.Errorf("%s: got %q, %v, want %q", pasted, config.Issuer, config.Err, issuer)
		}
	}
}

func TestGoogleIAP(t *testing.T) {
	const audience = "/projects/123456789/global/backendServices/987654321"
	s := &site{Issuer: jwttest.NewIssuer("https://cloud.google.com/iap"), keys: "https://www.gstatic.com/iap/verify/public_key-jwk"}
	assertion := object{"aud": audience, "sub": "accounts.google.com:1", "email": "alice@acme.com", "hd": "acme.com",
		"google": object{"access_levels": []string{"accessPolicies/1/accessLevels/office"}}}
	es256 := jwttest.Algorithm("ES256")
	config, source := provider.GoogleIAP(audience)
	try(t, s, []core.Config{config}, []trial{
		{"assertion", s.Token(assertion, es256), "", []core.Requirement{core.Role("accessPolicies/1/accessLevels/office")}, []core.Requirement{core.Role("admin")}},
		{"another service", s.Token(with(assertion, object{"aud": "/projects/1/apps/evil"}), es256), core.ReasonWrongAudience, nil, nil},
		{"RS256", s.Token(assertion), core.ReasonWrongAlgorithm, nil, nil},
		{"no iat", s.Token(with(assertion, object{"iat": nil}), es256), core.ReasonMissingClaim, nil, nil},
		{"older than IAP makes them", s.Token(with(assertion, object{"iat": time.Now().Add(-time.Hour)}), es256), core.ReasonTooOld, nil, nil},
		{"nobody", s.Token(with(assertion, object{"sub": nil}), es256), core.ReasonUnacceptableClaim, nil, nil},
		{"an ID token of Google's", s.Token(with(assertion, object{"iss": "https://accounts.google.com"}), es256), core.ReasonWrongIssuer, nil, nil},
	})
	config.Keys = through(t, config.Keys, s)
	for header, want := range map[string]core.Reason{"x-goog-iap-jwt-assertion": "", "Authorization": core.ReasonNoToken} {
		if got := carries(t, config, source, header, s.Token(assertion, es256)); got != want {
			t.Errorf("%s: got %q, want %q", header, got, want)
		}
	}
}
