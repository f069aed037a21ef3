package revoke

import "context"

// Log keeps entries for every List that reads it: of this process, of this
// machine, or of a fleet. Its methods must heed ctx and be safe for concurrent
// use.
type Log interface {
	// Since returns the entries that were added after cursor, and the cursor of the
	// next call. With "", or with a cursor that the Log does not know, since it was
	// emptied for instance, it returns those from the start. An entry may come
	// twice, and need not come after its Until. A Log with much to return may
	// return it in parts of 10 000 entries or more: a List asks again after such a
	// part.
	Since(ctx context.Context, cursor string) (entries []Entry, next string, err error)

	// Add keeps entries, all of them or, with an error, perhaps none.
	Add(ctx context.Context, entries ...Entry) error
}

// part is the least number of entries after which a List asks for more at once.
const part = 10_000
