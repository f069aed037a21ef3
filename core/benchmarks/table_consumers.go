package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const consumersPath = "github.com/jwtmw/jwtmw/core/benchmarks/consumers/"

// consumer is a small net/http service, built as it would be for a container.
type consumer struct {
	name, folder string
	binary       string
	size         int64
	packages     []string // in it, the standard library's among them
	startUps     []time.Duration
	inits        []time.Duration // of all packages together
	initBytes    int64
}

func consumers() []*consumer {
	return []*consumer{{name: "net/http alone", folder: "alone"}, {name: "jwtmw", folder: "jwtmw"}, {name: second, folder: "golangjwt"}}
}

// build makes the binary. -trimpath would compile the standard library anew, which a quick run goes without.
func (c *consumer) build(dir string, quick bool) error {
	c.binary = filepath.Join(dir, c.folder)
	arguments := []string{"build", "-ldflags=-s -w", "-o", c.binary}
	if !quick {
		arguments = append(arguments, "-trimpath")
	}
	if _, err := goTool(append(arguments, consumersPath+c.folder)...); err != nil {
		return err
	}
	info, err := os.Stat(c.binary)
	if err != nil {
		return err
	}
	c.size = info.Size()
	list, err := goTool("list", "-deps", consumersPath+c.folder)
	c.packages = strings.Fields(list)
	return err
}

// goTool runs the go command in the module of this program.
func goTool(arguments ...string) (string, error) {
	command := exec.Command("go", arguments...)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	var said bytes.Buffer
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("go %s, in the folder core/benchmarks: %w\n%s", arguments[0], err, &said)
	}
	return string(out), nil
}

// startUp runs the service until it listens.
func (c *consumer) startUp() error {
	command := exec.Command(c.binary, "-ready")
	began := time.Now()
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", c.name, err, out)
	}
	c.startUps = append(c.startUps, time.Since(began))
	return nil
}

// initialize asks the runtime what the packages take before main begins.
func (c *consumer) initialize() error {
	command := exec.Command(c.binary, "-ready")
	command.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", c.name, err, out)
	}
	var spent time.Duration
	c.initBytes = 0
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "init ") {
			continue // what the service itself says
		}
		var name string
		var at, clock float64
		var octets int64
		if _, err := fmt.Sscanf(line, "init %s @%g ms, %g ms clock, %d bytes,", &name, &at, &clock, &octets); err != nil {
			return fmt.Errorf("%s: got the line %q, want one of inittrace: %w", c.name, line, err)
		}
		spent += time.Duration(clock * float64(time.Millisecond))
		c.initBytes += octets
	}
	c.inits = append(c.inits, spent)
	return nil
}

// consumerTable compares what a program takes that uses a verifier, before its first request.
func consumerTable(w io.Writer, p plan) error {
	dir, err := os.MkdirTemp("", "consumers")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	all := consumers()
	for _, c := range all {
		if err := c.build(dir, p.small); err != nil {
			return err
		}
	}
	for round := range p.rounds * 5 {
		for i := range all {
			c := all[(i+round)%len(all)]
			if err := c.startUp(); err != nil {
				return err
			}
			if err := c.initialize(); err != nil {
				return err
			}
		}
	}
	alone := all[0]
	m := markdown{columns: []string{"a net/http service", "MB", "of it beyond the first", "packages beyond the first", "start-up, ms", "of the first",
		"package init, ms", "kB allocated by it"}}
	for _, c := range all {
		m.add(c.name, inMB(c.size), inMB(c.size-alone.size), fmt.Sprint(c.beyond(alone)),
			fmt.Sprintf("%.2f", middle(c.startUps).Seconds()*1000), times(middle(quotients(c.startUps, alone.startUps))),
			fmt.Sprintf("%.2f", middle(c.inits).Seconds()*1000), fmt.Sprintf("%.1f", float64(c.initBytes)/1000))
	}
	m.write(w, "A program that uses it", "Built by CGO_ENABLED=0 go build -trimpath -ldflags='-s -w'. Start-up is the time from exec to the end of a process "+
		"that has made its verifier, without keys, and listens; package init is what GODEBUG=inittrace=1 says.")
	return nil
}

// beyond counts the packages that another does not have, its own main package apart.
func (c *consumer) beyond(other *consumer) (count int) {
	for _, name := range c.packages {
		if !slices.Contains(other.packages, name) && !strings.HasPrefix(name, consumersPath) {
			count++
		}
	}
	return count
}

func inMB(n int64) string { return fmt.Sprintf("%.2f", float64(n)/1e6) }
