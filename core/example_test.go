package core_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// The issuer of the examples, and a Config that trusts it. A real one has no
// Client: the issuer is reached over https.
func issuerAndConfig() (*jwttest.Issuer, core.Config) {
	issuer := jwttest.NewIssuer("https://login.example.com")
	return issuer, core.Config{
		Issuer:    "https://login.example.com",
		Audiences: []string{jwttest.Audience},
		Keys:      core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}},
	}
}

// bearer is a request with a token.
func bearer(token string) core.Request {
	r := httptest.NewRequest("GET", "/orders", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	return core.HTTPRequest(r)
}

// A Verifier decides about tokens.
func Example() {
	issuer, config := issuerAndConfig()

	v, err := core.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	claims, err := v.Verify(context.Background(), issuer.Token(map[string]any{"scope": "orders:read"}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(claims.Subject, claims.Scopes)
	// Output: alice [orders:read]
}

// Each Config is an issuer. A key of one never verifies a token of another.
func ExampleNew_severalIssuers() {
	staff, customers := jwttest.NewIssuer("https://staff.example.com"), jwttest.NewIssuer("https://customers.example.com")

	v, err := core.New(
		core.Config{Issuer: staff.URL(), Audiences: []string{jwttest.Audience}, Keys: core.JWKSDocument(staff.JWKS())},
		core.Config{Issuer: customers.URL(), Audiences: []string{jwttest.Audience}, Keys: core.JWKSDocument(customers.JWKS())},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, token := range []string{staff.Token(nil), customers.Token(nil), customers.Token(map[string]any{"iss": staff.URL()})} {
		claims, err := v.Verify(context.Background(), token)
		if err != nil {
			fmt.Println(core.RefusalOf(err).Reason)
			continue
		}
		fmt.Println(claims.Issuer)
	}
	// Output:
	// https://staff.example.com
	// https://customers.example.com
	// unknown_key
}

// New names every mistake at once.
func ExampleNew_mistakes() {
	_, err := core.New(core.Config{Issuer: "https://login.example.com", Algorithms: []core.Algorithm{"none"}})
	fmt.Println(err)
	// Output:
	// jwtmw: Config of issuer "https://login.example.com": neither Audiences nor Clients is set: any token of this issuer, for any service, would pass
	// Algorithms holds "none": an unsigned token proves nothing
}

// A shared secret is right where the issuer and the service belong together.
func ExampleSecret() {
	issuer := jwttest.NewIssuer("https://login.example.com")
	secret := issuer.Secret("HS256") // 32 random octets, as from a secret store

	v, err := core.New(core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.Secret(secret)})
	if err != nil {
		fmt.Println(err)
		return
	}
	claims, err := v.Verify(context.Background(), issuer.Token(nil, jwttest.Algorithm("HS256")))
	fmt.Println(claims.Subject, err)
	// Output: alice <nil>
}

// A Refusal has everything that an answer needs.
func ExampleRefusalOf() {
	issuer, config := issuerAndConfig()
	guard := core.MustGuard(config)

	_, err := guard.Check(context.Background(), bearer(issuer.Token(map[string]any{"exp": time.Now().Add(-time.Hour)})))
	refusal := core.RefusalOf(err)
	fmt.Println(refusal.Status, refusal.Reason, errors.Is(err, core.ErrInvalidToken))
	refusal.SetHeaders(func(name, value string) { fmt.Println(name+":", value) })
	// Output:
	// 401 expired true
	// WWW-Authenticate: Bearer error="invalid_token", error_description="the token has expired"
}

// An optional guard lets requests without a token pass. A bad token never does.
func ExampleGuard_optional() {
	_, config := issuerAndConfig()
	guard := core.MustGuard(config)
	guard.Optional = true

	ctx, err := guard.Check(context.Background(), core.HTTPRequest(httptest.NewRequest("GET", "/", nil)))
	_, somebody := core.FromContext(ctx)
	fmt.Println(err, somebody)

	_, err = guard.Check(context.Background(), bearer("eyJ.not.one"))
	fmt.Println(core.RefusalOf(err).Reason)
	// Output:
	// <nil> false
	// malformed_token
}

// A web page has its token in a cookie. Other sites' pages cannot use it to change
// anything.
func ExampleFromCookie() {
	issuer, config := issuerAndConfig()
	guard := core.MustGuard(config)
	guard.Tokens = []core.TokenSource{core.FromBearer(), core.FromCookie("__Host-session")}

	transfer := httptest.NewRequest("POST", "/transfer", nil)
	transfer.AddCookie(&http.Cookie{Name: "__Host-session", Value: issuer.Token(nil)})
	transfer.Header.Set("Sec-Fetch-Site", "cross-site")
	_, err := guard.Check(context.Background(), core.HTTPRequest(transfer))
	fmt.Println(core.RefusalOf(err).Reason)
	// Output: cross_origin
}

// Require asks verified claims for more. Adapters have it for routes and groups.
func ExampleRequire() {
	issuer, config := issuerAndConfig()
	config.RolesAt = []string{"realm_access", "roles"}
	guard := core.MustGuard(config)

	token := issuer.Token(map[string]any{
		"scope":        "orders:read",
		"realm_access": map[string]any{"roles": []string{"clerk"}},
	})
	ctx, _ := guard.Check(context.Background(), bearer(token))
	fmt.Println(core.Require(ctx, core.Scope("orders:read"), core.Role("clerk")))

	refusal := core.RefusalOf(core.Require(ctx, core.Scope("orders:write")))
	fmt.Println(refusal.Status, refusal.Challenge)
	// Output:
	// <nil>
	// 403 Bearer error="insufficient_scope", error_description="the token does not grant a required scope", scope="orders:write"
}

// A transfer asks for a recent and strong login; the refusal says so in the words
// of RFC 9470, and the client sends the user to log in again.
func ExampleMaxAuthAge() {
	issuer, config := issuerAndConfig()
	token := issuer.Token(map[string]any{"acr": "phr", "auth_time": time.Now().Add(-time.Hour)})

	ctx, _ := core.MustGuard(config).Check(context.Background(), bearer(token))
	err := core.Require(ctx, core.ACR("phr", "phrh"), core.MaxAuthAge(10*time.Minute))
	fmt.Println(core.RefusalOf(err).Status, errors.Is(err, core.ErrForbidden))
	fmt.Println(core.RefusalOf(err).Challenge)
	// Output:
	// 401 true
	// Bearer error="insufficient_user_authentication", error_description="a more recent or stronger authentication is required", max_age="600"
}

// Requirements combine.
func ExampleAny() {
	issuer, config := issuerAndConfig()
	token := issuer.Token(map[string]any{"scope": "orders:read", "tenant": map[string]any{"tier": "gold"}})

	ctx, _ := core.MustGuard(config).Check(context.Background(), bearer(token))
	fmt.Println(core.Require(ctx, core.Any(
		core.Scope("orders:admin"),
		core.All(core.AnyScope("orders:read", "orders:write"), core.ClaimIn([]string{"tenant", "tier"}, "gold", "silver")),
	)))
	// Output: <nil>
}

// Some proxies send the token in a header of their own.
func ExampleFromHeader() {
	issuer, config := issuerAndConfig()
	guard := core.MustGuard(config)
	guard.Tokens = []core.TokenSource{core.FromHeader("Cf-Access-Jwt-Assertion")}

	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cf-Access-Jwt-Assertion", issuer.Token(nil))
	ctx, err := guard.Check(context.Background(), core.HTTPRequest(r))
	claims, _ := core.FromContext(ctx)
	fmt.Println(claims.Subject, err)
	// Output: alice <nil>
}

// A page's WebSocket can send no Authorization header.
func ExampleFromSubprotocol() {
	issuer, config := issuerAndConfig()
	guard := core.MustGuard(config)
	guard.Tokens = []core.TokenSource{core.FromSubprotocol("bearer.")}

	r := httptest.NewRequest("GET", "/socket", nil)
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Sec-WebSocket-Protocol", "v1.example, bearer."+issuer.Token(nil))
	ctx, err := guard.Check(context.Background(), core.HTTPRequest(r))
	claims, _ := core.FromContext(ctx)
	fmt.Println(claims.Subject, err)
	// Output: alice <nil>
}

// A Trace feeds metrics and alarms.
func ExampleTrace() {
	issuer, config := issuerAndConfig()
	config.Trace = &core.Trace{
		Refused:      func(_ context.Context, issuer string, r *core.Refusal) { fmt.Println("refused", issuer, r.Reason) },
		KeysFetched:  func(f core.KeyFetch) { fmt.Println("fetched", f.Keys, "keys, error:", f.Err) },
		KeysChanged:  func(c core.KeyChange) { fmt.Println("added", c.Added, "removed", c.Removed) },
		StateChanged: func(s core.StateChange) { fmt.Println(s.From, "to", s.To) },
	}
	v, err := core.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = v.Verify(context.Background(), issuer.Token(map[string]any{"aud": "somebody else"}))
	fmt.Println(errors.Is(err, core.ErrInvalidToken))
	// Output:
	// refused https://login.example.com wrong_audience
	// true
}

// A service layer needs the context and no framework.
func ExampleFromContext() {
	greet := func(ctx context.Context) string {
		claims, ok := core.FromContext(ctx)
		if !ok {
			return "hello stranger"
		}
		return "hello " + claims.Subject
	}

	issuer, config := issuerAndConfig()
	ctx, _ := core.MustGuard(config).Check(context.Background(), bearer(issuer.Token(nil)))
	fmt.Println(greet(ctx))
	fmt.Println(greet(context.Background()))
	// Output:
	// hello alice
	// hello stranger
}

// Claims of one's own are read into a struct, by exact names.
func ExampleDecodeClaims() {
	type order struct {
		Tenant string `json:"https://example.com/tenant"`
		Limit  int    `json:"limit"`
	}
	issuer, config := issuerAndConfig()
	token := issuer.Token(map[string]any{"https://example.com/tenant": "acme", "limit": 5, "LIMIT": 5000})

	ctx, _ := core.MustGuard(config).Check(context.Background(), bearer(token))
	claims, err := core.DecodeClaims[order](ctx)
	fmt.Printf("%+v %v\n", claims, err)
	// Output: {Tenant:acme Limit:5} <nil>
}

// A readiness probe waits for keys no longer than its context does.
func ExampleVerifier_Ready() {
	issuer, config := issuerAndConfig()
	v, err := core.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}

	issuer.Misbehave(jwttest.Fail(http.StatusInternalServerError))
	err = v.Ready(context.Background())
	fmt.Println(errors.Is(err, core.ErrKeysUnavailable), v.Stats()[0].State, v.Stats()[0].Fetches)
	// Output: true empty 1
}

// With a store a service may start while its issuer is down.
func ExampleDirStore() {
	_, err := core.New(core.Config{
		Issuer:    "https://login.example.com",
		Audiences: []string{"https://api.example.com"},
		Keys:      core.Discovery{Fetch: core.Fetch{Store: core.DirStore("/var/lib/orders/keys")}},
	})
	fmt.Println(err)
	// Output: <nil>
}

// An adapter for another framework puts what Check found into that framework's
// own store.
func ExampleExpose() {
	issuer, config := issuerAndConfig()
	store := map[string]any{} // as a framework keeps one for each request

	ctx, _ := core.MustGuard(config).Check(context.Background(), bearer(issuer.Token(nil)))
	core.Expose(ctx, func(key string, value any) { store[key] = value })
	fmt.Println(store[core.ContextKey].(*core.Claims).Subject)
	// Output: alice
}
