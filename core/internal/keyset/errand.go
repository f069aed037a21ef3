package keyset

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

const (
	errandTimeout = 5 * time.Second // of one call of the Logger, a Hook or Store.Put
	maxErrands    = 32              // that wait; each holds two key sets
)

// errands is what follows on a refresh: the log, the Hooks and the Store. They run in order, one at a time, on a goroutine
// that ends with the last of them, so that they delay neither a caller nor the next refresh.
type errands struct {
	mu      sync.Mutex // guards what follows
	waiting []func()
	running bool
}

// add runs errand after those that were added before. It drops errand if too many wait.
func (e *errands) add(errand func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.waiting) == maxErrands {
		// The user's code is slower than the refreshes. To miss a line is better than to fill the memory.
		return
	}
	e.waiting = append(e.waiting, errand)
	if !e.running {
		e.running = true
		go e.run()
	}
}

func (e *errands) run() {
	for errand := e.next(); errand != nil; errand = e.next() {
		errand()
	}
}

// next takes the first errand from the queue. Nil says that there is none, and that the goroutine ends.
func (e *errands) next() func() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.waiting) == 0 {
		e.running = false
		return nil
	}
	first := e.waiting[0]
	e.waiting[0] = nil // the array lives on, and two key sets with it
	e.waiting = e.waiting[1:]
	return first
}

var (
	errAbandoned = errors.New("got no answer in time")
	errHangs     = errors.New("got no answer to the call before")
	errGoexit    = errors.New("got runtime.Goexit, want a return")
)

// foreign calls code of one kind that is not ours: the Logger, one of the Hooks, one method of the Store. The zero value is
// ready for use.
type foreign struct{ inside atomic.Bool }

// call returns what code returns, or errAbandoned at the limit even if code ignores its ctx. While an abandoned call does
// not return, the next ones are errHangs and code is not called: one goroutine of a kind can hang and no second.
func (f *foreign) call(limit time.Duration, code func(context.Context) error) error {
	if !f.inside.CompareAndSwap(false, true) {
		return errHangs
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	returned := make(chan error, 1) // with room for one, so that an abandoned call can end
	go func() {
		err := errGoexit
		defer func() {
			// Nobody else could recover a panic here, and it would end the process.
			if p := recover(); p != nil {
				err = newCrash(p)
			}
			f.inside.Store(false)
			returned <- err
		}()
		err = code(ctx)
	}()
	select {
	case err := <-returned:
		return err
	case <-ctx.Done():
		return errAbandoned
	}
}

// within runs code on a goroutine of its own and returns when it does, or at the end of ctx even if code does not heed it.
func within(ctx context.Context, code func() error) error {
	returned := make(chan error, 1) // with room for one, so that code can end after ctx
	go func() {
		err := errGoexit
		defer func() {
			if p := recover(); p != nil {
				err = newCrash(p)
			}
			returned <- err
		}()
		err = code()
	}()
	select {
	case err := <-returned:
		return err
	case <-ctx.Done():
		return errAbandoned
	}
}

// crash is a panic of code that is not ours.
type crash struct {
	value string
	stack string // for the log
}

func newCrash(p any) *crash {
	return &crash{value: cut(fmt.Sprint(p)), stack: string(debug.Stack())}
}

func (c *crash) Error() string { return "panic: " + c.value }
