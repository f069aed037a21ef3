// Package jwttest is an issuer of JSON Web Tokens, and a client that uses them, for tests and demos.
//
// An [Issuer] signs tokens, publishes its keys as a JWKS document behind OpenID Connect discovery and RFC 8414
// metadata, rotates them, and misbehaves on demand. A service is tested against it without a socket:
//
//	func TestOrders(t *testing.T) {
//		issuer := jwttest.NewIssuer("")
//		orders := jwtmw.NetHTTP(issuer.Config())(ordersHandler)
//
//		r := httptest.NewRequest("GET", "/orders", nil)
//		r.Header.Set("Authorization", "Bearer "+issuer.Token(map[string]any{"scope": "orders:read"}))
//		w := httptest.NewRecorder()
//		orders.ServeHTTP(w, r)
//		if w.Code != http.StatusOK {
//			t.Errorf("got status %d, want 200", w.Code)
//		}
//	}
//
// Read on in the order in which a test grows:
//   - [Issuer.Config] trusts it; a service under test takes its Config as a parameter.
//   - [Issuer.Token] makes a good token, or with claims and a [TokenOption] one that is wrong in a chosen place.
//   - [Issuer.Opaque] makes a token that is no JWT, [Issuer.Revoke] ends it, and [Issuer.OpaqueConfig] asks about it.
//   - [NewProver] is a client that holds a key and proves it with DPoP; [TestReplayStore] holds a store of used proofs.
//   - [Issuer.Sign], [SignHMAC] and [Compact] make tokens from any bytes, for what no honest issuer would send.
//   - [Issuer.Rotate], [Issuer.Retire] and [Issuer.Replace] change the keys, [Issuer.Publish] adds odd ones.
//   - [Issuer.Misbehave] breaks the answers with a [Fault], [Issuer.Recover] mends them.
//   - [Issuer.Fetches], [Issuer.Introspections] and [Issuer.Requests] tell what was asked of the issuer.
//   - [Context] carries claims to a service layer that sees neither request nor token.
//
// Package adaptertest, below this one, is for those who write an adapter of another web framework.
//
// [NewIssuer] needs no socket and works inside a bubble of testing/synctest, where an outage of hours takes no time;
// make the Issuer inside the bubble too. [Serve] and [Listen] put the same issuer on a loopback address.
//
// Functions of this package panic on a programmer's mistake, such as an algorithm that does not exist. Nothing here
// belongs in production: the RSA keys of one process share their primes (see [NewIssuer]).
package jwttest
