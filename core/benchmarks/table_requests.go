package main

import (
	"fmt"
	"io"
)

// app is one framework in process with a handler that reads the subject: bare, behind jwtmw, and behind what its users
// otherwise take.
type app struct {
	name  string
	tasks func(f *fixture) (bare, own task, peer task, err error)
	peer  string
}

func apps() []app {
	return []app{
		{"net/http", netHTTPTasks, "handwritten on golang-jwt"},
		{"gin", ginTasks, "handwritten on golang-jwt"},
		{"gin", ginJWTTasks, "appleboy/gin-jwt"},
		{"fiber v2", fiberTasks, "gofiber/contrib/jwt"},
		{"echo v4", echoV4Tasks, "labstack/echo-jwt"},
		{"echo v5", echoV5Tasks, "handwritten on golang-jwt"},
	}
}

// requestTable compares whole requests, without a socket.
func requestTable(w io.Writer, p plan) error {
	f := newFixture("RS256")
	base, err := primitive(f)
	if err != nil {
		return err
	}
	tasks := []task{base}
	for _, a := range apps() {
		bare, own, peer, err := a.tasks(f)
		if err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
		tasks = append(tasks, bare, own, peer)
	}
	costs, err := measure(p, tasks)
	if err != nil {
		return err
	}
	m := markdown{columns: []string{"one good RS256 request", "app alone, µs", "added by jwtmw, µs", "of the primitive", "allocations", "added by the peer, µs", "of the primitive", "allocations", "jwtmw of the peer", "peer"}}
	first := added(costs[2], costs[1])
	for i, a := range apps() {
		bare := costs[1+3*i]
		own, peer := added(costs[2+3*i], bare), added(costs[3+3*i], bare)
		m.add(a.name, micros(bare.median()),
			micros(own.median()), times(own.ratio(costs[0])), fmt.Sprintf("%.0f", own.allocs),
			micros(peer.median()), times(peer.ratio(costs[0])), fmt.Sprintf("%.0f", peer.allocs),
			times(own.ratio(peer)), a.peer)
	}
	spread := []float64{}
	for i := range apps() {
		spread = append(spread, added(costs[2+3*i], costs[1+3*i]).ratio(first))
	}
	m.write(w, "Whole requests", "What the middleware adds to the same app without it, in process.")
	fmt.Fprintf(w, "\nAdded by jwtmw, relative to net/http:")
	for i, a := range apps() {
		fmt.Fprintf(w, " %s %s", a.name, times(spread[i]))
	}
	fmt.Fprintln(w, ".")
	return nil
}
