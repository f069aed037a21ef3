package adaptertest

import (
	"fmt"
	"iter"
	"net"
	"sync"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// app is a framework's app that answers on a loopback address, with the issuers behind it.
type app struct {
	issuer   *jwttest.Issuer // answers
	second   *jwttest.Issuer // answers as well
	down     *jwttest.Issuer // has never answered
	shared   shared
	calls    handlerCalls
	listener net.Listener
	stopped  chan struct{} // closed when serve has returned
}

func start(serve func(net.Listener, []Route) error) (*app, error) {
	a := &app{
		issuer:  jwttest.NewIssuer(""),
		second:  jwttest.NewIssuer("https://second.test"),
		down:    jwttest.NewIssuer("https://down.test"),
		stopped: make(chan struct{}),
	}
	a.down.Misbehave(jwttest.Fail(500))
	routes, err := a.routes()
	if err != nil {
		return nil, err
	}
	if a.listener, err = listen(); err != nil {
		return nil, err
	}
	go func() {
		defer close(a.stopped)
		defer a.listener.Close() // so that nobody waits for an app that has given up
		_ = serve(a.listener, routes)
	}()
	return a, nil
}

func listen() (net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("adaptertest: listen on loopback: %w", err)
	}
	return l, nil
}

func (a *app) stop() {
	a.listener.Close()
	<-a.stopped
}

// checks yields every row by name, and a function that sends its request and says what is wrong with the answer.
func (a *app) checks() iter.Seq2[string, func() []string] {
	return func(yield func(string, func() []string) bool) {
		for _, rows := range [][]tableRow{
			a.bearerRows(), a.pathRows(), a.tokenRows(), a.hostileRows(), a.sourceRows(), a.cookieRows(), a.originRows(),
			a.trailerRows(), a.guardRows(), a.scopeRows(), a.roleRows(), a.requirementRows(), a.stepUpRows(),
			a.proofRows(), a.nonceRows(), a.certificateRows(), a.opaqueRows(),
		} {
			for _, row := range rows {
				if !yield(row.name, func() []string { return a.judge(row) }) {
					return
				}
			}
		}
		_ = yield("T1 what is mounted is a copy", a.judgeCopies) &&
			yield("a handler's panic passes the guard", a.judgePanic) &&
			yield("B17 claims of requests at the same time stay apart", a.judgeConcurrent) &&
			yield("C05 claims outlive their request", a.judgeKept)
	}
}

// handlerCalls is what the handlers of an app have seen.
type handlerCalls struct {
	mu        sync.Mutex // guards what follows
	count     int
	recovered int
	kept      []keptClaims
}

// keptClaims are claims that a handler did not let go, with their text of that time.
type keptClaims struct {
	claims *core.Claims
	text   string
}

func (c *handlerCalls) note(claims *core.Claims, ok bool) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
	if claims != nil {
		c.kept = append(c.kept, keptClaims{claims, fmt.Sprintf("%+v", *claims)})
	}
	return subjectOf(claims, ok)
}

func (c *handlerCalls) noteRecovered() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recovered++
}

func (c *handlerCalls) total() (count, recovered int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count, c.recovered
}

// changed says which of the kept claims are no longer what they were.
func (c *handlerCalls) changed() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var changes []string
	for _, kept := range c.kept {
		if now := fmt.Sprintf("%+v", *kept.claims); now != kept.text {
			changes = append(changes, fmt.Sprintf("kept claims: got %s, want %s", now, kept.text))
		}
	}
	return changes
}
