// Package provider knows what identity providers really send. Each function
// returns the [core.Config] of one provider; every other field can still be set.
//
//	jwtmw.Gin(provider.Auth0("acme.eu.auth0.com", "https://api.acme.com"))
//
// An argument that cannot be right is kept in Config.Err, and core.New refuses with
// it. No function does I/O.
//
//   - [Auth0]: RS256; permissions; roles under a name of your own
//   - [Okta]: RS256; custom authorization servers; roles: groups
//   - [Keycloak]: RS256; needs an audience mapper; roles of realm and client
//   - [EntraID]: RS256; access tokens of version 2; app roles
//   - [EntraIDv1]: RS256; access tokens of version 1; app roles
//   - [Google]: RS256; ID tokens; no roles
//   - [Cognito]: RS256; no audience but client IDs; roles: groups
//   - [Firebase]: RS256; ID tokens; custom claims
//   - [Supabase]: ES256 or RS256; needs an asymmetric key; app_metadata
//   - [Clerk]: RS256; no audience but origins; organisation role
//   - [Zitadel]: RS256; needs JWT access tokens; project roles
//   - [ZitadelOpaque]: opaque access tokens; project roles
//   - [Ory]: RS256; needs JWT access tokens; claims under ext
//   - [OryOpaque], [HydraOpaque]: opaque access tokens; claims under ext
//   - [KubernetesServiceAccount]: RS256; keys with the pod's credentials; no roles
//   - [GitHubActions]: RS256; claims to pin beside the audience; no roles
//   - [SuperTokens]: RS256; needs "aud" in the session; UserRoles
//   - [FusionAuth]: RS256 or ES256; needs an asymmetric key; roles
//   - [CloudflareAccess]: RS256; a header of its own; custom groups
//   - [GoogleIAP]: ES256; a header of its own; access levels
//
// # Opaque tokens
//
// The functions for opaque tokens ask the provider about each, at each request. A
// token that was revoked is refused at once, and the service does as many calls as it
// gets requests. To ask less often change Config.Keys:
//
//	asked := config.Keys.(core.Introspection)
//	asked.MaxAge = 30 * time.Second
//	config.Keys = asked
//
// # Any other
//
// An issuer with OpenID Connect discovery or RFC 8414 metadata needs no function:
// Issuer and Audiences of a [core.Config] suffice.
//
// # AWS Application Load Balancer
//
// The header x-amzn-oidc-data of an AWS ALB is not supported. What it carries is no
// JWT: its base64 is padded, against RFC 7515 section 2, so that the text that a
// signature covers is no longer one and the same for all readers. Nor is there a
// key set, but one PEM file for each kid, so that the kid of a token that nobody has
// verified becomes part of a URL. And its issuer is the identity provider's, which
// did not sign it; only the header's "signer" says that your own load balancer did.
// Have the client's token passed on instead, or take the access token that the ALB
// adds in x-amzn-oidc-accesstoken where the provider's access tokens are JWTs:
// core.FromHeader names it.
package provider
