package issue_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
)

// The way from HS256 to ES256 that the package comment describes refuses nobody.
func TestFromHS256ToES256(t *testing.T) {
	var renewed *issue.Issuer
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { renewed.ServeHTTP(w, r) }))
	defer server.Close()
	old := newIssuer(t, issue.Secrets{hmacKey}, func(c *issue.Config) { c.Issuer = server.URL })
	renewed = newIssuer(t, ring(&memory{}), func(c *issue.Config) { c.Issuer = server.URL + "/2" })

	oldConfig := core.Config{Issuer: server.URL, Audiences: []string{api}, Keys: core.Secret(hmacKey)}
	newConfig := core.Config{Issuer: server.URL + "/2", Audiences: []string{api}}
	both, err := core.New(oldConfig, newConfig)
	if err != nil {
		t.Fatal(err)
	}
	after, err := core.New(newConfig)
	if err != nil {
		t.Fatal(err)
	}
	byOld, byNew := sign(t, old), sign(t, renewed)
	for _, tt := range []struct {
		name  string
		v     *core.Verifier
		token string
		want  core.Reason
	}{
		{"both, HS256", both, byOld, ""},
		{"both, ES256", both, byNew, ""},
		{"after, ES256", after, byNew, ""},
		{"after, HS256", after, byOld, core.ReasonWrongAlgorithm},
	} {
		if got := reasonOf(tt.v, t, tt.token); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
