package jws

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"sync"
)

// workspace holds everything that one verification writes to, so that it
// allocates no more than the primitive does by itself.
type workspace struct {
	signed   []byte // the signing input, copied: hashes take no strings
	sum      [sha512.Size]byte
	pss      rsa.PSSOptions
	integers [maxIntegers]byte
	der      [maxIntegers + 3]byte
}

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

func newWorkspace(signed string) *workspace {
	w := workspaces.Get().(*workspace)
	w.signed = append(w.signed[:0], signed...)
	return w
}

// release gives w back for reuse, unless a long input has made it large.
func (w *workspace) release() {
	if cap(w.signed) <= 2*MaxLength {
		workspaces.Put(w)
	}
}

// digest hashes the signing input with the hash of alg. The result is part of w.
func (w *workspace) digest(alg Algorithm) []byte {
	switch alg.HashSize() {
	case sha256.Size:
		sum := sha256.Sum256(w.signed)
		return append(w.sum[:0], sum[:]...)
	case sha512.Size384:
		sum := sha512.Sum384(w.signed)
		return append(w.sum[:0], sum[:]...)
	default:
		sum := sha512.Sum512(w.signed)
		return append(w.sum[:0], sum[:]...)
	}
}
