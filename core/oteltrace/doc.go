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
//	jwtmw.token.verifications  counter    {verification}  jwtmw.issuer
//	jwtmw.refusals             counter    {refusal}       jwtmw.issuer, jwtmw.reason
//	jwtmw.key.fetch.duration   histogram  s               jwtmw.issuer, error.type
//	jwtmw.key.changes          counter    {key}           jwtmw.issuer, jwtmw.change
//	jwtmw.key.transitions      counter    {transition}    jwtmw.issuer, jwtmw.state
//
// A verification is one that let the token pass; a refusal is one by Verify,
// Check or Require. The count of the histogram is the number of fetches, and
// those with error.type are the ones that failed.
//
// [Metrics.Observe] reports what Verifier.Stats says at each collection; the
// state has a value for each of its names, 1 for the one that holds and 0 for
// the others:
//
//	jwtmw.key.count            gauge      {key}           jwtmw.issuer
//	jwtmw.key.age              gauge      s               jwtmw.issuer
//	jwtmw.key.state            gauge      {issuer}        jwtmw.issuer, jwtmw.state
//
// Keys that were never fetched have no age. A state alone is no alarm: keys of a
// service that nobody asks grow stale as well.
//
// # Attributes
//
// The values of each attribute are few, whatever tokens come; none is a kid, a
// subject or anything else that a token says:
//
//	jwtmw.issuer   Config.Issuer; left out while no issuer is known
//	jwtmw.reason   core.Reason: "expired", "keys_unavailable", ...
//	jwtmw.change   "added" or "removed"
//	jwtmw.state    IssuerStats.State: "fresh", "refresh_ahead", "stale", "expired", "empty" or "static"
//	error.type     "timeout", "certificate", "dns", "connection", "file" or "_OTHER"; left out on success
//
// Most refreshes of error.type "_OTHER" were answered, with another status than
// 200 or a document that is no key set; IssuerStats.LastError tells which.
//
// Issuers of core.Tenants have no such bound, and reasons that a service invents
// for core.Func may have none: beyond Options.MaxIssuers issuers and 100 reasons
// the value is "_OTHER". Gauges, which cannot be added up, leave those out.
//
// # Span events
//
// The span that the request's context carries, if it is recorded, gets the event
// "jwtmw.token.verified" with jwtmw.issuer, or "jwtmw.refused" with
// jwtmw.issuer and jwtmw.reason. The span's status is left to whoever started it.
package oteltrace
