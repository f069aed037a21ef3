package revoke

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// maxAdds is how many calls of Log.Add may run at a time.
const maxAdds = 64

var (
	errAbandoned = errors.New("got no answer in time")
	errHangs     = errors.New("got no answer to the call before")
	errGoexit    = errors.New("got runtime.Goexit, want a return")
)

// foreign calls code of one kind that is not ours. Each value in it is a call
// that has not returned, so that code which ignores its ctx holds no more
// goroutines than there is room for.
type foreign chan struct{}

func newForeign(most int) foreign { return make(foreign, most) }

// call returns what code returns, or errAbandoned when ctx or the limit ends
// first, even if code ignores its ctx. A panic is an error. Where the only call
// that there is room for hangs, code is not called.
func (f foreign) call(ctx context.Context, limit time.Duration, code func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if len(f) == 1 && cap(f) == 1 {
		return errHangs // whoever has room for one makes one call at a time
	}
	select {
	case f <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errHangs, context.Cause(ctx))
	}
	returned := make(chan error, 1) // with room, so that an abandoned call can end
	go func() {
		err := errGoexit
		defer func() {
			// Nobody else could recover a panic here, and it would end the process.
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %s", quote(fmt.Sprint(p)))
			}
			<-f
			returned <- err
		}()
		err = code(ctx)
	}()
	select {
	case err := <-returned:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errAbandoned, context.Cause(ctx))
	}
}
