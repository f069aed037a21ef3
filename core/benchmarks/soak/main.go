// Command soak runs all adapters over real sockets for as long as it is told, beside
// issuers whose keys turn and whose documents fail and a Redis that is frozen and
// killed, and holds every answer against what was right at that moment.
//
//	go run . -for 1h                  # about a tenth of a core
//	go run -race . -for 10s -rate 200 # what .ci/run does
//	go run . -for 1h -seed 7          # the same order of troubles again
//
// It needs redis-server in PATH, and a Unix that can freeze it. The exit code is 1 where a verdict was wrong, or
// where memory, goroutines or descriptors grew.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jwtmw/jwtmw/core/benchmarks/progress"
)

// options are what the user says.
type options struct {
	length time.Duration
	rate   int // requests a second, in all
	seed   uint64
}

func main() {
	var o options
	flag.DurationVar(&o.length, "for", time.Hour, "how long, at least 5s")
	flag.IntVar(&o.rate, "rate", 100, "requests a second, in all: at least 20, so that no replica is silent for long")
	flag.Uint64Var(&o.seed, "seed", rand.Uint64N(1_000_000), "of the order of requests and troubles")
	flag.Parse()
	// Whatever ends this program early, even a reader that has left, ends the server with it.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
	defer stop()
	if err := run(ctx, os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (o options) validate() error {
	if o.length < 5*time.Second || o.rate < 20 || o.rate > 10_000 {
		return fmt.Errorf("got -for %v and -rate %d, want 5s or more and 20 to 10000", o.length, o.rate)
	}
	return nil
}

// run soaks until the time is over or ctx ends, and prints what it found.
func run(ctx context.Context, out io.Writer, o options) error {
	if err := o.validate(); err != nil {
		return err
	}
	fmt.Fprintf(out, "go run . -for %v -rate %d -seed %d\n%s, %s, %s/%s, %d CPUs\n",
		o.length, o.rate, o.seed, time.Now().UTC().Format(time.DateTime), runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	w, err := newWorld(ctx, o)
	defer w.close()
	if err != nil {
		return err
	}
	samples, err := w.soak(ctx, out)
	w.tally.write(out)
	writeSamples(out, samples)
	found := grown(samples)
	if _, wrongs := w.tally.counts(); wrongs > 0 {
		found = append(found, fmt.Sprintf("%d wrong verdicts", wrongs))
	}
	if len(found) > 0 {
		err = errors.Join(err, errors.New(strings.Join(found, "\n")))
	}
	return err
}

// soak lets everything run, and measures at the start, which is after a while of
// warming up, and at each quarter.
func (w *world) soak(ctx context.Context, out io.Writer) ([]sample, error) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, w.options.length)
	defer cancel()
	loading, endLoad := context.WithCancel(context.Background())
	defer endLoad()
	show := progress.Start(os.Stderr, "soak", int64(w.options.length/time.Second), min(time.Minute, max(w.options.length/5, 5*time.Second)))
	defer show.End()
	w.tally.out = show.Writer(out)
	var group sync.WaitGroup
	var storeErr error
	group.Go(func() { w.load(loading) })
	group.Go(func() {
		if storeErr = w.troubleStore(ctx); storeErr != nil {
			cancel()
		}
	})
	group.Go(func() { w.troubleIssuer(ctx) })
	points := []time.Duration{min(w.options.length/10, 2*time.Minute), w.options.length / 4, w.options.length / 2, 3 * w.options.length / 4}
	var samples []sample
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			total, wrongs := w.tally.counts()
			show.Set(int64(time.Since(began)/time.Second), fmt.Sprintf("%d requests, %d wrong verdicts", total, wrongs))
			if len(samples) < len(points) && time.Since(began) >= points[len(samples)] {
				samples = append(samples, w.measure(began))
			}
		}
	}
	endLoad()
	group.Wait()
	return append(samples, w.measure(began)), storeErr
}
