package jwttest

import (
	"context"
	"net/http"
	"sync"
)

// requestsKept bounds the memory of an issuer that runs for days in a demo.
const requestsKept = 100

// Fetches returns how many requests for the JWKS document have arrived, counting those that a fault answered, or
// answers still.
func (i *Issuer) Fetches() int { return i.traffic.count(JWKS) }

// MetadataFetches returns how many requests for the discovery and RFC 8414 documents have arrived.
func (i *Issuer) MetadataFetches() int { return i.traffic.count(Metadata) }

// Introspections returns how many requests for the introspection endpoint have arrived.
func (i *Issuer) Introspections() int { return i.traffic.count(Introspection) }

// Requests returns the requests that have arrived, whatever their path, the latest one last and 100 at the most. They
// are copies without a body, to look at their header: If-None-Match, Accept, User-Agent.
func (i *Issuer) Requests() []*http.Request { return i.traffic.list() }

// traffic remembers what was asked of an issuer.
type traffic struct {
	mu       sync.Mutex // guards what follows
	counts   map[Document]int
	requests []*http.Request
}

func (t *traffic) record(document Document, r *http.Request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = map[Document]int{}
	}
	t.counts[document]++
	if len(t.requests) == requestsKept {
		t.requests = append(t.requests[:0], t.requests[1:]...)
	}
	t.requests = append(t.requests, copyOf(r))
}

func (t *traffic) count(document Document) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counts[document]
}

func (t *traffic) list() []*http.Request {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]*http.Request, len(t.requests))
	for n, r := range t.requests {
		list[n] = copyOf(r)
	}
	return list
}

// copyOf leaves the context behind: it would keep the whole connection alive.
func copyOf(r *http.Request) *http.Request {
	r = r.Clone(context.Background())
	r.Body = http.NoBody
	return r
}
