package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// introspectionTable compares what an opaque token costs that the issuer is asked about, and one that is remembered.
func introspectionTable(w io.Writer, p plan) error {
	e := endpoint{opaqueToken: payload(map[string]any{"active": true, "token_type": "Bearer"})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: e, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()

	inProcess, err := opaqueTasks(&http.Client{Transport: e}, "https://issuer.example/introspect")
	if err != nil {
		return err
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	loopback, err := opaqueTasks(&http.Client{Transport: transport}, "http://"+listener.Addr().String()+"/introspect")
	if err != nil {
		return err
	}
	f := newFixture("RS256")
	whole, err := newJwtmw(f)
	if err != nil {
		return err
	}
	inProcess = append(inProcess, contender{"jwtmw, a JWT in its place (RS256)", whole}.on(f.token))
	p.slice *= 5 // a call is some goroutines and a few microseconds
	cpu, allocs, err := measureProcess(p, inProcess)
	if err != nil {
		return err
	}
	elapsed, err := measureElapsed(p, loopback)
	if err != nil {
		return err
	}
	m := markdown{columns: []string{"verify one opaque token", "in process, µs of CPU", "of zitadel's", "allocations",
		"over loopback, µs that pass", "of zitadel's"}}
	for i, t := range inProcess {
		row := []string{t.name, micros(middle(cpu[i])), times(middle(quotients(cpu[i], cpu[1]))), fmt.Sprintf("%.0f", allocs[i]), "–", "–"}
		if i < len(loopback) {
			row[4], row[5] = micros(middle(elapsed[i])), times(middle(quotients(elapsed[i], elapsed[1])))
		}
		m.add(row...)
	}
	m.write(w, "Introspection", "An endpoint that answers at once, its own part included: first in process, by the CPU time of all threads, "+
		"then over one kept loopback connection. All check active, iss, aud and exp. Where nothing is said of remembering, the endpoint is asked each time.")
	return nil
}

func opaqueTasks(client *http.Client, url string) ([]task, error) {
	var tasks []task
	for _, m := range opaqueMakers() {
		verify, err := m.make(client, url)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
		tasks = append(tasks, contender{m.name, verify}.on(opaqueToken))
	}
	return tasks, nil
}

// measureProcess is measure for tasks that work on several goroutines.
func measureProcess(p plan, tasks []task) (rounds [][]time.Duration, allocs []float64, err error) {
	for _, t := range tasks {
		if err := t.run(); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", t.name, err)
		}
		allocs = append(allocs, allocations(p, t))
	}
	rounds = make([][]time.Duration, len(tasks))
	for round := range p.rounds {
		for i := range tasks {
			i = (i + round) % len(tasks)
			rounds[i] = append(rounds[i], together(1, calibrateTogether(p.slice, tasks[i]), tasks[i]))
		}
	}
	return rounds, allocs, nil
}

// measureElapsed is measure for tasks that wait for somebody.
func measureElapsed(p plan, tasks []task) ([][]time.Duration, error) {
	calls, rounds := make([]int, len(tasks)), make([][]time.Duration, len(tasks))
	for i, t := range tasks {
		if err := t.run(); err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		calls[i] = calibrateTogether(p.slice, t)
	}
	for round := range p.rounds {
		for i := range tasks {
			i = (i + round) % len(tasks)
			began := time.Now()
			for range calls[i] {
				_ = tasks[i].run()
			}
			rounds[i] = append(rounds[i], time.Since(began)/time.Duration(calls[i]))
		}
	}
	return rounds, nil
}
