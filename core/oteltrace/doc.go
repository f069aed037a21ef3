// Package oteltrace turns what a core.Verifier does into metrics and span events
// of OpenTelemetry. It is a module of its own, so that nobody else downloads
// OpenTelemetry.
//
//	metrics, err := oteltrace.New(oteltrace.Options{})
//	...
//	v, err := core.New(core.Config{
//		Issuer:    "https://login.example.com/",
//		Audiences: []string{"https://api.example.com"},
//		Trace:     metrics.Trace(),
//	})
//	...
//	_, err = metrics.Observe(v)
//
// # Metrics
//
// [Metrics.Trace] counts:
//
//	jwtmw.tokens.verified      counter    {token}    jwtmw.issuer
//	jwtmw.requests.refused     counter    {request}  jwtmw.issuer, jwtmw.reason
//	jwtmw.keys.fetches         counter    {fetch}    jwtmw.issuer, jwtmw.outcome
//	jwtmw.keys.fetch.duration  histogram  s          jwtmw.issuer, jwtmw.outcome
//	jwtmw.keys.changed         counter    {key}      jwtmw.issuer, jwtmw.change
//	jwtmw.keys.state.changes   counter    {change}   jwtmw.issuer, jwtmw.state
//
// [Metrics.Observe] reports what Verifier.Stats says at each collection; the state has a value for each of its names, 1 for the one
// that holds and 0 for the others:
//
//	jwtmw.keys.held            gauge      {key}      jwtmw.issuer
//	jwtmw.keys.age             gauge      s          jwtmw.issuer
//	jwtmw.keys.state           gauge      {issuer}   jwtmw.issuer, jwtmw.state
//
// # Attributes
//
// The values of each attribute are few, whatever tokens come; none is a kid, a
// subject or anything else that a token says:
//
//	jwtmw.issuer   Config.Issuer; left out while no issuer is known
//	jwtmw.reason   core.Reason: "expired", "keys_unavailable", ...
//	jwtmw.outcome  "success" or "failure"
//	jwtmw.change   "added" or "removed"
//	jwtmw.state    IssuerStats.State: "fresh", "refresh_ahead", "stale", "expired", "empty" or "static"
//
// Issuers of core.Tenants have no such bound, and reasons that a service invents
// for core.Func may have none: beyond Options.MaxIssuers issuers and 100 reasons
// the value is "_OTHER". Gauges, which cannot be added up, leave those out.
//
// # Span events
//
// The span that the request's context carries, if it is recorded, gets the event
// "jwtmw.token.verified" with jwtmw.issuer, or "jwtmw.request.refused" with
// jwtmw.issuer and jwtmw.reason. The span's status is left to whoever started it.
package oteltrace
