//go:build !linux

package main

import "time"

var started = time.Now()

// threadTime is wall time where the CPU time of a thread is not to be had: measure on an idle machine.
func threadTime() time.Duration { return time.Since(started) }

func processTime() time.Duration { return time.Since(started) }
