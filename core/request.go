package core

import "net/http"

// Request is what a Guard sees of an HTTP request. The strings that it returns
// must stay as they are after the request has ended: an adapter of a framework
// that reuses its buffers returns copies.
type Request interface {
	// Method is the HTTP method, such as "GET".
	Method() string
	// Host is the host that the client asked for, with a port if it named one.
	Host() string
	// Query is the URL's query as it was sent, without the question mark.
	Query() string
	// Header returns every field line of that name, without regard to case.
	Header(name string) []string
}

// HTTPRequest is r as a Guard sees it, for net/http and the frameworks that
// are built on it.
func HTTPRequest(r *http.Request) Request { return httpRequest{r} }

type httpRequest struct{ r *http.Request }

func (h httpRequest) Method() string              { return h.r.Method }
func (h httpRequest) Host() string                { return h.r.Host }
func (h httpRequest) Query() string               { return h.r.URL.RawQuery }
func (h httpRequest) Header(name string) []string { return h.r.Header.Values(name) }
