package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"time"
)

// What may be more at any later point than at the start.
const (
	// A leak of 47 octets a request shows in an hour at 100 a second. What grows by
	// design is small: entries of the revocation lists, of which there are 1200 at 100
	// requests a second, and kids that a fetch did not find, 1024 for each of seven
	// verifiers.
	moreHeap = 16 << 20

	// Nothing is asked while it is measured, so that what is left is a refresh, a read
	// of the list and a write to the store for each of seven replicas, and idle
	// workers of fasthttp, which end after 10 s.
	moreGoroutines = 40

	// Nine clients of the store may open their pools late, and seven verifiers may
	// have a connection to an issuer, which has the other end here too.
	moreDescriptors = 9*poolSize + 2*7
)

// sample is what the process holds while nothing is asked of it.
type sample struct {
	at          time.Duration
	heap        uint64
	goroutines  int
	descriptors int
}

// measure waits for the requests under way, and keeps others away meanwhile.
func (w *world) measure(began time.Time) sample {
	w.gate.Lock()
	defer w.gate.Unlock()
	for _, r := range w.replicas {
		r.client.rest()
	}
	time.Sleep(200 * time.Millisecond) // the servers see that the connections are closed
	runtime.GC()
	runtime.GC() // what has a finalizer, such as a file, goes at the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return sample{time.Since(began), m.HeapAlloc, runtime.NumGoroutine(), descriptors()}
}

// descriptors counts the open files of this process, -1 where the system does not say.
func descriptors() int {
	for _, dir := range []string{"/proc/self/fd", "/dev/fd"} {
		if entries, err := os.ReadDir(dir); err == nil {
			return len(entries)
		}
	}
	return -1
}

// grown names what is more than it may be.
func grown(samples []sample) (found []string) {
	first := samples[0]
	for _, s := range samples[1:] {
		at := s.at.Round(time.Second)
		if s.heap > first.heap+moreHeap {
			found = append(found, fmt.Sprintf("heap at %v: got %s, want at most %s more than %s", at, megabytes(s.heap), megabytes(moreHeap), megabytes(first.heap)))
		}
		if s.goroutines > first.goroutines+moreGoroutines {
			found = append(found, fmt.Sprintf("goroutines at %v: got %d, want at most %d more than %d", at, s.goroutines, moreGoroutines, first.goroutines))
		}
		if s.descriptors > first.descriptors+moreDescriptors {
			found = append(found, fmt.Sprintf("descriptors at %v: got %d, want at most %d more than %d", at, s.descriptors, moreDescriptors, first.descriptors))
		}
	}
	return found
}

func writeSamples(w io.Writer, samples []sample) {
	fmt.Fprint(w, "\n| after | heap | goroutines | descriptors |\n|---|---|---|---|\n")
	for _, s := range samples {
		fmt.Fprintf(w, "| %v | %s | %d | %d |\n", s.at.Round(time.Second), megabytes(s.heap), s.goroutines, s.descriptors)
	}
}

func megabytes(octets uint64) string { return fmt.Sprintf("%.1f MiB", float64(octets)/(1<<20)) }
