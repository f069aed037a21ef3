// Package core decides whether an HTTP request that carries a JSON Web Token may
// pass, and who sent it.
//
// Most programs use it through an adapter of their framework, which is one
// line: the packages nethttp, gin, fiber and echo beside this one. This package
// is what they share, and what a service needs beyond that line.
//
// # Configure
//
// A [Config] describes one trusted issuer: its name, where its keys are, and
// what its tokens must say. Issuer and Audiences suffice:
//
//	v, err := core.New(core.Config{
//		Issuer:    "https://login.example.com/",
//		Audiences: []string{"https://api.example.com"},
//	})
//
// [New] finds every mistake at once and does no I/O. Several Configs make one
// [Verifier] of several issuers; a key of one never verifies a token of another.
// Package provider has the Config of the well-known identity providers,
// [ConfigFromEnv] reads one from the environment, and [NewTenants] trusts issuers
// that become known only at run time.
//
// # Verify
//
// [Verifier.Verify] decides about one token. Its order is part of its safety:
// the text (RFC 7515 section 7.1), the header, the claims, and only for a token
// that could pass the key and the signature. Nothing switches a check off. The
// checks follow RFC 7519, RFC 8725 and RFC 9068:
//
//   - alg is among Config.Algorithms and fits the key; crit, b64 and zip are
//     refused; jwk, jku, x5u and x5c are never used
//   - iss equals a Config.Issuer, aud names one of its Audiences
//   - exp is required and in the future; nbf and iat must not be in the future
//     where they are present
//   - typ is one of Config.Types
//   - the token is strict JSON: exact names, no duplicates, valid UTF-8
//   - cnf binds a token to a key: it is no bearer token, and passes where Guard.Check
//     sees that its sender holds the key, by a DPoP proof (RFC 9449, Config.DPoP) or a
//     client certificate (RFC 8705, Config.ClientCert)
//
// A token that is no JWT is judged by asking its issuer, where Config.Keys is an
// [Introspection] (RFC 7662). Of these checks those about claims hold for it too.
//
// # Guard
//
// A [Guard] finds the one token of a request, has it verified, and returns a
// context that carries the [Claims]. [FromContext] reads them there, also in a
// service layer that knows no framework. [Require] asks verified claims for
// scopes, roles or a recent login.
//
// # Refuse
//
// Every error is a [Refusal]: status, a stable [Reason], the challenge of
// RFC 6750 or RFC 9449, and the body of RFC 9457. What it tells the client comes from a fixed
// list; the cause, with what was got and what was wanted, goes to the Logger.
// Keys that cannot be had, or an issuer that does not answer, are 503 with
// Retry-After and never look like a bad token.
//
// # Observe
//
// [Verifier.Stats] tells the state of the keys, and a [Trace] is called for each
// token, refusal and refresh as it happens. Config.Logger gets these lines; a
// cause may quote claims, cut at 64 octets each, and never the token:
//
//	message                       level  attributes
//	token refused                 INFO   reason, issuer, kid, cause
//	request refused               INFO   reason, issuer, cause; DEBUG for no_token, ERROR for misconfigured
//	keys changed                  INFO   source, keys, added, removed, skipped
//	kept keys restored            INFO   source, keys, fetched: from Fetch.Store
//	key fetch failed              WARN   source, error, failures: the first of a kind, in a row
//	key fetch recovered           INFO   source, failures
//	key fetch panicked            ERROR  source, error, stack: in Fetch.Client or Store
//	key file cannot be used       WARN   source, error: the first of a kind
//	key store cannot be read      WARN   source, error: the first of a kind
//	kept keys are damaged         WARN   source, error: the first of a kind
//	keys cannot be kept           WARN   source, error: the first of a kind
//	introspection failed          WARN   source, error, failures: the first of a kind, in a row; one answer a minute that says nothing
//	introspection recovered       INFO   source, failures
//	introspection panicked        ERROR  source, error, stack: in Fetch.Client
//	trace panicked                ERROR  source, error, stack
//	tenant lookup panicked        ERROR  issuer, error, stack: in Tenants.Config
//
// The issuer is Config.Issuer, "" while none is known, and the source says where
// the keys come from. A mistake of the program, such as a Require without a
// guard before it, goes to slog's default where no Logger would show it.
//
// # Test
//
// Package jwttest is an issuer, and a client that holds a key, for the tests of your
// own service.
//
// # How do I ...?
//
// examples/README.md lists the Examples of all packages by question, the programs to
// run and the code to copy.
package core
