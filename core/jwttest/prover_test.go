package jwttest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// A client that follows the nonces of a service: what it is told with a refusal it
// puts into its next proof, and what an answer tells it into the one after.
func ExampleProver() {
	issuer, prover := jwttest.NewIssuer(""), jwttest.NewProver("ES256")
	config := issuer.Config()
	config.DPoP = core.DPoP{
		URLs:   []string{"https://api.example.com"},
		Nonces: []core.Secret{core.Secret("a secret of at least thirty-two octets")},
	}
	guard := core.MustGuard(config)
	service := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, err := guard.Check(r.Context(), core.HTTPRequest(r))
		if err != nil {
			refusal := core.RefusalOf(err)
			refusal.SetHeaders(w.Header().Set)
			w.WriteHeader(refusal.Status)
			return
		}
		core.SetHeaders(ctx, w.Header().Set)
	})

	token := issuer.Token(map[string]any{"cnf": prover.Confirmation()})
	for range 2 {
		r := httptest.NewRequest("GET", "https://api.example.com/orders?page=2", nil)
		prover.Sign(r, token) // anew for each try: a proof passes once
		w := httptest.NewRecorder()
		service.ServeHTTP(w, r)
		prover.Answer(w.Result())
		fmt.Println(w.Code, w.Header().Get("DPoP-Nonce") != "")
	}
	// Output:
	// 401 true
	// 200 false
}

func TestProverSign(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	for _, alg := range []string{"ES256", "RS256", "PS256", "Ed25519", "EdDSA"} {
		prover := jwttest.NewProver(alg)
		config := issuer.Config()
		config.DPoP.URLs = []string{"https://example.com"}
		guard := core.MustGuard(config)
		token := issuer.Token(map[string]any{"cnf": prover.Confirmation()})
		for _, target := range []string{"/orders", "https://example.com/orders", "/a%2Fb?c=d", "https://example.com/a%2Fb?c"} {
			r := httptest.NewRequest("POST", target, nil)
			prover.Sign(r, token)
			if _, err := guard.Check(t.Context(), core.HTTPRequest(r)); err != nil {
				t.Errorf("%s %s: got %v (%v), want it to pass", alg, target, err, core.RefusalOf(err).Unwrap())
			}
		}
	}
}
