// Package clients compiles and runs the glue that the package comment of
// redisstore shows, one function a client, and holds every store against a server
// that freezes, dies and comes back empty. It is a module of its own, so that
// nobody else downloads the clients.
package clients
