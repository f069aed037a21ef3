package jwttest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

// A service is tested with tokens that its own guard verifies: no socket, and no
// switch that turns authentication off.
func Example() {
	issuer := jwttest.NewIssuer("")
	guard := jwtmw.NetHTTP(issuer.Config())
	orders := guard(jwtmw.Require(core.Scope("orders:read"))(http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			claims, _ := jwtmw.FromContext(r.Context())
			fmt.Fprint(w, "orders of ", claims.Subject)
		})))

	for _, scope := range []string{"orders:read", "orders:write"} {
		r := httptest.NewRequest("GET", "/orders", nil)
		r.Header.Set("Authorization", "Bearer "+issuer.Token(map[string]any{"scope": scope}))
		w := httptest.NewRecorder()
		orders.ServeHTTP(w, r)
		fmt.Println(scope, w.Code)
	}
	// Output:
	// orders:read 200
	// orders:write 403
}

// Keys rotate, and an issuer has bad days.
func ExampleIssuer_Misbehave() {
	issuer := jwttest.NewIssuer("")
	client := issuer.Client()

	issuer.Misbehave(jwttest.Fail(http.StatusBadGateway), jwttest.JWKS)
	answer, _ := client.Get(issuer.JWKSURL())
	answer.Body.Close()
	fmt.Println(answer.StatusCode)

	issuer.Recover()
	issuer.Rotate("RS256")
	answer, _ = client.Get(issuer.JWKSURL())
	answer.Body.Close()
	fmt.Println(answer.StatusCode, issuer.Fetches())
	// Output:
	// 502
	// 200 2
}

// Hostile tokens and key sets are made from any bytes.
func ExampleSignHMAC() {
	issuer := jwttest.NewIssuer("")
	verifier, err := core.New(issuer.Config())
	if err != nil {
		fmt.Println(err)
		return
	}
	confused := jwttest.SignHMAC("HS256", issuer.PublicKeyPEM("RS256"), []byte(`{"alg":"HS256"}`), []byte(`{"sub":"mallory"}`))
	_, err = verifier.Verify(context.Background(), confused)
	fmt.Println(core.RefusalOf(err).Reason)

	issuer.SetJWKS([]byte(`{"keys":"none today"}`))
	fmt.Println(errors.Is(verifier.Ready(context.Background()), core.ErrKeysUnavailable))
	// Output:
	// wrong_algorithm
	// true
}

// A fault may pass by itself: the first answer breaks off, the next ones are good.
func ExampleTimes() {
	issuer := jwttest.NewIssuer("")
	issuer.Misbehave(jwttest.Times(1, jwttest.Drop()), jwttest.JWKS)
	for range 2 {
		answer, err := issuer.Client().Get(issuer.JWKSURL())
		if err == nil {
			answer.Body.Close()
		}
		fmt.Println(err == nil)
	}
	// Output:
	// false
	// true
}
