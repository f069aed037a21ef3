// Package endtoend holds jwtmw against tokens that it did not make: those of a
// real OpenID Provider, the npm package oidc-provider, which the tests start on
// loopback, and those of npm jose. gin and fiber services verify them over HTTP.
// Clients of npm's oauth4webapi and jose prove their keys to them by DPoP, and
// certificates are openssl's. Opaque tokens are judged by the provider's introspection,
// and revoked there. The other way round, npm jose and golang-jwt take the tokens of
// core/issue.
//
//	go test -C examples/endtoend ./...
//
// It needs node 20 or later, openssl, and, the first time, a package registry that npm can reach. A
// module of its own keeps both away from the tests of the library.
package endtoend
