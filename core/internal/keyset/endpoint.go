package keyset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"
)

const (
	maxCalls   = 64   // to one endpoint, at a time
	maxWaiting = 1024 // calls that wait for their turn
)

// Client is who asks an endpoint.
type Client struct {
	ID string
	// Authenticate puts the client's credentials into a request.
	Authenticate func(ctx context.Context, form url.Values, header http.Header) error
}

// Endpoint asks an issuer about tokens (RFC 7662), within the bounds that hold for keys. It is safe for concurrent use. It
// needs no Close: its goroutines end with the calls.
type Endpoint struct {
	name    string // for the log: its address, or the issuer whose metadata name that
	origin  origin
	client  Client
	options Options
	getter  getter

	slots   *semaphore.Weighted
	waiting atomic.Int64
	breaker breaker

	found    atomic.Pointer[whereabouts] // nil: not known yet, or configured
	locating singleflight.Group

	reporter *reporter
}

// AskError says that a question has no answer now. It is not a verdict on the token.
type AskError struct {
	RetryAfter time.Duration // when to ask again
	Err        error
}

func (e *AskError) Error() string { return e.Err.Error() }
func (e *AskError) Unwrap() error { return e.Err }

// Introspection returns the endpoint at address; if that is "", where the issuer's metadata say. Of o, Client, Timeout,
// MaxBytes, InsecureHTTP and Logger count.
func Introspection(issuer, address string, client Client, o Options) *Endpoint {
	o = o.withDefaults()
	e := &Endpoint{name: cmp.Or(address, issuer), origin: endpointOrigin(issuer, address), client: client, options: o, getter: newGetter(o), slots: semaphore.NewWeighted(maxCalls)}
	e.reporter = newReporter(o, "introspection "+e.name)
	return e
}

// Ask sends a token to the endpoint and has read look at the answer, whose error is the answer's. It takes Timeout at most,
// waiting for its turn included, whatever the endpoint and the user's Client do. The error is *AskError.
func (e *Endpoint) Ask(token string, read func(document string) error) error {
	probe, err := e.breaker.enter(time.Now())
	if err != nil {
		return e.refused(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), e.options.Timeout)
	defer cancel()
	if err := e.enter(ctx); err != nil {
		e.breaker.unknown(probe)
		return e.refused(err)
	}
	err = within(ctx, func() error {
		defer e.slots.Release(1) // when the call has ended, not when nobody waits for it any more
		return e.call(ctx, token, read)
	})
	if err == errAbandoned || errors.Is(err, context.DeadlineExceeded) { // whichever came first
		err = fmt.Errorf("introspection at %q: got no answer within %v", cut(e.name), e.options.Timeout)
	}
	e.settle(probe, err)
	if err != nil {
		return e.refused(err)
	}
	return nil
}

// Stats reports what became of the calls.
func (e *Endpoint) Stats() EndpointStats { return e.breaker.stats() }

func (e *Endpoint) refused(err error) error {
	return &AskError{RetryAfter: max(e.breaker.pause(time.Now()), time.Second), Err: err}
}

// enter waits for a turn, first come first served. Who entered must release the slot.
func (e *Endpoint) enter(ctx context.Context) error {
	if e.slots.TryAcquire(1) { // which passes nobody who waits
		return nil
	}
	defer e.waiting.Add(-1)
	if e.waiting.Add(1) > maxWaiting {
		return fmt.Errorf("%d calls of the endpoint are under way and %d others wait", maxCalls, maxWaiting)
	}
	if err := e.slots.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("%d calls of the endpoint are under way: %w", maxCalls, err)
	}
	return nil
}

// call asks once. The token is in no error.
func (e *Endpoint) call(ctx context.Context, token string, read func(string) error) error {
	address, err := e.locate()
	if err != nil {
		return err
	}
	form := url.Values{"token": {token}, "token_type_hint": {"access_token"}}
	document, err := e.post(ctx, address, form)
	if err == nil {
		if err = read(document); err != nil {
			err = &answerError{err}
		}
	}
	if err != nil {
		return fmt.Errorf("introspection at %q: %w", cut(address), err)
	}
	return nil
}

// settle takes note of how a call ended.
func (e *Endpoint) settle(probe bool, err error) {
	now := time.Now()
	_, answered := errors.AsType[*answerError](err)
	lines := e.breaker.ended(probe, now, err, answered)
	if err != nil && !answered {
		e.doubt(now)
	}
	if len(lines) == 0 {
		return
	}
	e.reporter.errands.add(func() {
		for _, l := range lines {
			e.reporter.write(l.level, l.text, l.attrs...)
		}
	})
}
