package core

import (
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// maxHeaders is how many header texts are remembered. An issuer uses one for
// each key and type.
const maxHeaders = 256

// headerMemory knows the header texts of tokens that verified, so that a header
// is parsed once and then recognised by its exact bytes. Only a holder of a
// trusted key can add to it.
type headerMemory struct {
	known atomic.Pointer[map[string]jws.Header] // the map is never written after it is stored
	mu    sync.Mutex                            // one writer of known at a time
}

// parse reads a header segment strictly, or recognises it.
func (m *headerMemory) parse(segment string) (h jws.Header, recognised bool, err error) {
	if known := m.known.Load(); known != nil {
		if h, ok := (*known)[segment]; ok {
			return h, true, nil
		}
	}
	scratch := scratches.Get().(*scratch)
	defer scratches.Put(scratch)
	text, err := scratch.text(segment)
	if err != nil {
		return jws.Header{}, false, err
	}
	h, err = jws.ParseHeader(text)
	return h, false, err
}

// remember adds the header of a token that verified. A full memory starts
// anew, so that it follows the issuer's keys.
func (m *headerMemory) remember(segment string, h jws.Header) {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := map[string]jws.Header{}
	if known := m.known.Load(); known != nil && len(*known) < maxHeaders {
		next = maps.Clone(*known)
	}
	next[strings.Clone(segment)] = h
	m.known.Store(&next)
}
