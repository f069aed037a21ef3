// Package frameworks shows jwtmw under frameworks that it has no adapter for.
// Each file stands alone, to be copied into a service:
//
//   - mux.go, chi.go, huma.go: everything that takes func(http.Handler) http.Handler
//     is served by package nethttp;
//   - connect.go: everything else calls core.Guard with a [core.Request] of its own,
//     and translates the [core.Refusal].
//
// gRPC has an adapter, nethttp/grpc.
//
// None of them decides anything: which header holds the token, what is refused and
// with which status is core's.
package frameworks
