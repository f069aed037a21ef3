// Package issuer shows how to mount an issuer of package core/issue under
// net/http, gin, fiber and echo, beside routes that take its tokens.
//
// The issuer is an http.Handler, so each framework's own wrapper carries it. Two
// things are the same everywhere:
//
//   - the documents are mounted at the root, under /.well-known/, with the whole
//     path passed on and for every method: the issuer answers 405 and 404 itself;
//   - they are outside of the guard, since whoever verifies a token has none.
//
// The guard takes issuer.Config: the same process verifies without a socket. For
// an issuer whose URL has a path, mount that path's /.well-known/ as well.
//
// There is one example for each framework. A login around it is examples/login.
package issuer
