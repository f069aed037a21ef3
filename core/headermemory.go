package core

import (
	"hash/maphash"
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

const (
	maxHeaders    = 256 // header texts that are remembered; an issuer uses one for each key and type
	maxHeaderText = 512 // octets of one, in base64url
)

// headerMemory knows the header texts of tokens that verified, so that a header
// is parsed once and then recognised by its exact bytes. Only a holder of a
// trusted key can add to it.
type headerMemory struct {
	known atomic.Pointer[map[string]jws.Header] // the map is never written after it is stored

	seed   maphash.Seed
	mu     sync.Mutex         // guards sights; one writer of known at a time
	sights [maxHeaders]uint64 // hashes of texts that came once
}

func newHeaderMemory() *headerMemory { return &headerMemory{seed: maphash.MakeSeed()} }

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

// remember adds the header of a token that verified, when its text comes a
// second time: an issuer that puts something unique into every header would
// have the whole memory copied for each token. A full memory starts anew, so
// that it follows the issuer's keys.
func (m *headerMemory) remember(segment string, h jws.Header) {
	if len(segment) > maxHeaderText {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	hash := maphash.String(m.seed, segment)
	if sight := &m.sights[hash%uint64(len(m.sights))]; *sight != hash {
		*sight = hash
		return
	}
	// Readers hold no lock, so that the map they see must never change.
	next := map[string]jws.Header{}
	if known := m.known.Load(); known != nil && len(*known) < maxHeaders {
		next = maps.Clone(*known)
	}
	next[strings.Clone(segment)] = h
	m.known.Store(&next)
}
