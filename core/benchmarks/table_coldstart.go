package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// farAway is how long an issuer takes to answer that is in another region.
const farAway = 50 * time.Millisecond

// coldIssuer publishes a key set on a loopback port, at once, late, or not at all.
type coldIssuer struct {
	name     string
	url      string
	starters []starter
	close    func()
}

// newColdIssuer also fills a Store in dir, as a process did that ran before.
func newColdIssuer(f *fixture, name string, delay time.Duration, dir string) (c coldIssuer, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return c, err
	}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(delay)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "max-age=86400")
		_, _ = w.Write(f.document)
	})}
	go func() { _ = server.Serve(listener) }()
	c = coldIssuer{name: name, url: "http://" + listener.Addr().String() + "/keys", close: func() { _ = server.Close() }}
	c.starters = starters(core.DirStore(dir))
	if _, err := c.start(f, c.starters[0]); err != nil {
		return c, errors.Join(err, server.Close())
	}
	if kept, err := os.ReadDir(dir); len(kept) != 1 {
		return c, errors.Join(fmt.Errorf("got %d documents in the store, want it warm with one", len(kept)), err, server.Close())
	}
	return c, nil
}

// start measures one start, and waits until whatever goes on behind it has ended.
func (c coldIssuer) start(f *fixture, s starter) (time.Duration, error) {
	before := runtime.NumGoroutine()
	transport := &http.Transport{}
	began := time.Now()
	err := s.start(context.Background(), f, &http.Client{Transport: transport}, c.url)
	spent := time.Since(began)
	transport.CloseIdleConnections()
	return spent, errors.Join(err, settle(before))
}

// settle waits until no more goroutines run than before: a warm start fetches the keys anew behind its first token.
func settle(before int) error {
	for deadline := time.Now().Add(30 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("got %d goroutines 30 s after a start, want %d", runtime.NumGoroutine(), before)
		}
	}
	return nil
}

// coldIssuers are made in dir. The last is down when its name says so.
func coldIssuers(f *fixture, dir string) ([]coldIssuer, error) {
	list := []coldIssuer{{name: "keys in hand", starters: startersInHand(), close: func() {}}}
	for _, i := range []struct {
		name  string
		delay time.Duration
		down  bool
	}{{"issuer answers at once", 0, false}, {fmt.Sprintf("issuer answers after %v", farAway), farAway, false}, {"issuer is down", 0, true}} {
		own, err := os.MkdirTemp(dir, "keys")
		if err != nil {
			return list, err
		}
		c, err := newColdIssuer(f, i.name, i.delay, own)
		if err != nil {
			return list, fmt.Errorf("%s: %w", i.name, err)
		}
		if i.down {
			c.close()
		}
		list = append(list, c)
	}
	return list, nil
}

// coldStartTable compares the time from New to the first token that is verified.
func coldStartTable(w io.Writer, p plan) error {
	f := newFixture("RS256")
	dir, err := os.MkdirTemp("", "coldstart")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	issuers, err := coldIssuers(f, dir)
	for _, c := range issuers {
		defer c.close()
	}
	if err != nil {
		return err
	}
	m := markdown{columns: []string{"first token after a start"}}
	cells := map[string][]string{}
	for _, c := range issuers {
		m.columns = append(m.columns, c.name)
		took, err := c.starts(f, p)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		for _, s := range starters(nil) {
			cells[s.name] = append(cells[s.name], coldCell(took, s.name))
		}
	}
	for _, s := range starters(nil) {
		m.add(append([]string{s.name}, cells[s.name]...)...)
	}
	m.write(w, "Cold start", "Milliseconds that pass from New to the first RS256 token, the process and its packages already loaded, (times "+second+"). "+
		"The issuer is on loopback, without TLS. **Fails**: the token was refused.")
	return nil
}

// starts runs every starter in turn, round after round. One that fails has no times.
func (c coldIssuer) starts(f *fixture, p plan) (map[string][]time.Duration, error) {
	took := map[string][]time.Duration{}
	var passing []starter
	for _, s := range c.starters {
		took[s.name] = nil
		if _, err := c.start(f, s); err == nil {
			passing = append(passing, s)
		}
	}
	for round := range p.rounds {
		for i := range passing {
			s := passing[(i+round)%len(passing)]
			spent, err := c.start(f, s)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.name, err)
			}
			took[s.name] = append(took[s.name], spent)
		}
	}
	return took, nil
}

func coldCell(took map[string][]time.Duration, name string) string {
	own, run := took[name]
	switch {
	case !run:
		return "–"
	case own == nil:
		return "**fails**"
	}
	cell := fmt.Sprintf("%.2f", middle(own).Seconds()*1000)
	if peer := took[second]; peer != nil {
		cell += fmt.Sprintf(" (%s)", times(middle(quotients(own, peer))))
	}
	return cell
}
