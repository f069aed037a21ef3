package jwttest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
)

// Fault breaks an answer. It wraps the handler that would answer well, and may answer in its place, change what that
// one answers, or wait. It must return when the request's context ends: when the client leaves, and at
// [Issuer.Recover].
//
// This package has the usual faults ([Fail], [Hang], [Truncate] and more); a test may bring its own.
type Fault func(next http.Handler) http.Handler

// Misbehave breaks the given documents with fault from now on, all documents if none is given. It ends the fault that
// they had before; a nil fault does no more than that. It panics on a document that does not exist.
func (i *Issuer) Misbehave(fault Fault, documents ...Document) {
	i.faults.set(fault, orAll(documents))
}

// Recover lets the given documents, all if none is given, be answered well again. It ends the contexts of the
// requests that a fault holds back: a request that [Hang] or [Delay] holds gets its good answer, one whose body never
// ends is broken off.
func (i *Issuer) Recover(documents ...Document) {
	i.faults.set(nil, orAll(documents))
}

func orAll(documents []Document) []Document {
	all := []Document{Metadata, JWKS, Introspection}
	if len(documents) == 0 {
		return all
	}
	for _, document := range documents {
		if !slices.Contains(all, document) {
			panic(fmt.Sprintf("jwttest: got document %q, want one of %q", document, all))
		}
	}
	return documents
}

// faults holds at most one fault for each document.
type faults struct {
	mu     sync.Mutex // guards active
	active map[Document]activeFault
}

type activeFault struct {
	fault Fault
	ctx   context.Context // ends when the fault does
	end   context.CancelFunc
}

func (f *faults) set(fault Fault, documents []Document) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.active == nil {
		f.active = map[Document]activeFault{}
	}
	for _, document := range documents {
		if old, ok := f.active[document]; ok {
			old.end()
			delete(f.active, document)
		}
		if fault != nil {
			ctx, end := context.WithCancel(context.Background())
			f.active[document] = activeFault{fault, ctx, end}
		}
	}
}

func (f *faults) serve(document Document, next http.Handler, w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	active, ok := f.active[document]
	f.mu.Unlock()
	if !ok {
		next.ServeHTTP(w, r)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(active.ctx, cancel)()
	active.fault(next).ServeHTTP(w, r.WithContext(ctx))
}
