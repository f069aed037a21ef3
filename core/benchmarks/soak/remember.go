package main

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// lastLines keeps the end of a log.
type lastLines struct {
	mu    sync.Mutex // guards lines
	lines []string
}

const linesKept = 30

// Write takes one line, as slog's handlers write them.
func (l *lastLines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.lines) == linesKept {
		l.lines = append(l.lines[:0], l.lines[1:]...)
	}
	l.lines = append(l.lines, "    "+string(line))
	return len(line), nil
}

func (l *lastLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "")
}

// events are what happened to the turning issuer, the last of them.
type events struct {
	mu   sync.Mutex // guards list
	list []string
}

func (e *events) add(what string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.list) == 6 {
		e.list = append(e.list[:0], e.list[1:]...)
	}
	e.list = append(e.list, fmt.Sprintf("%s %s", time.Now().Format(clock), what))
}

func (e *events) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strings.Join(e.list, ", ")
}
