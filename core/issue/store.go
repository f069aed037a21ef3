package issue

import "context"

// Store keeps the one document of a Ring. Its methods must heed ctx, be safe for
// concurrent use, and neither keep nor change the slices that they are given.
// Issuers that share a Store are one issuer.
type Store interface {
	// Load returns the document, as the last Swap left it. Where there is none yet
	// it is nil, and no error.
	Load(ctx context.Context) ([]byte, error)

	// Swap puts new in the place of old, in one step, or returns false where
	// something else than old is there. A nil old means that nothing is. After an
	// error it is not known which of the two is there.
	Swap(ctx context.Context, old, new []byte) (swapped bool, err error)
}
