package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/proof"
)

// proofKeys is how many clients send the proofs.
const proofKeys = 1000

// claimRun is a memory in its steady state: as many proofs end as come. Its clock is driven by the proofs.
type claimRun struct {
	proofMemory
	now         time.Time
	step        time.Duration // between two proofs
	thumbprints []string
}

// span is what a number of claims took.
type span struct{ elapsed, cpu []time.Duration }

// claims makes as many claims on each thread, of proofs that nobody has sent before, and returns what one of them took.
func (r *claimRun) claims(threads, calls int) (elapsed, cpu time.Duration, err error) {
	var done sync.WaitGroup
	var refused atomic.Int64
	start := make(chan struct{})
	for range threads {
		done.Go(func() {
			<-start
			now, step, taken := r.now, r.step*time.Duration(threads), 0
			for range calls {
				var id proof.ID
				draw := rand.Uint64()
				binary.NativeEndian.PutUint64(id[:8], draw)
				binary.NativeEndian.PutUint64(id[8:], rand.Uint64())
				if r.claim(r.thumbprints[draw%proofKeys], id, now) {
					taken++
				}
				now = now.Add(step)
			}
			refused.Add(int64(calls - taken))
		})
	}
	wall, spent := time.Now(), processTime()
	close(start)
	done.Wait()
	elapsed, cpu = time.Since(wall), processTime()-spent
	total := threads * calls
	r.now = r.now.Add(r.step * time.Duration(total))
	if n := refused.Load(); n > 0 {
		err = fmt.Errorf("%s: got %d of %d new proofs refused, want none", r.name, n, total)
	}
	return elapsed / time.Duration(total), cpu / time.Duration(total), err
}

// proofMemoryTable compares memories of proofs while one thread asks them and while two do.
func proofMemoryTable(w io.Writer, p plan) error {
	live, calls := 100_000, 50_000
	if p.small {
		live, calls = 1000, 100
	}
	held := make([]byte, heldMegabytes<<20) // as in "Two threads"
	defer runtime.KeepAlive(held)
	runs := claimRuns(live)
	one, two := make([]span, len(runs)), make([]span, len(runs))
	for _, r := range runs {
		if _, _, err := r.claims(1, live); err != nil {
			return err
		}
	}
	for round := range p.rounds {
		for i := range runs {
			i = (i + round) % len(runs)
			if err := one[i].add(runs[i].claims(1, calls)); err != nil {
				return err
			}
			if err := two[i].add(runs[i].claims(2, calls)); err != nil {
				return err
			}
		}
	}
	m := markdown{columns: []string{"claim one proof", "P=1, ns", "P=2, ns", "scaling", "P=1, ns of CPU", "P=2, ns of CPU", "of jwtmw's at P=2"}}
	for i, r := range runs {
		m.add(r.name, nanos(middle(one[i].elapsed)), nanos(middle(two[i].elapsed)), times(middle(quotients(one[i].elapsed, two[i].elapsed))),
			nanos(middle(one[i].cpu)), nanos(middle(two[i].cpu)), times(middle(quotients(two[i].cpu, two[1].cpu))))
	}
	m.write(w, "Memory of proofs", fmt.Sprintf("Time that passes for each proof, then CPU time of the whole process for each; "+
		"%d proofs of %d keys are remembered, and as many end as come. Scaling is the first column over the second, at best 2.", live, proofKeys))
	return nil
}

func (s *span) add(elapsed, cpu time.Duration, err error) error {
	s.elapsed, s.cpu = append(s.elapsed, elapsed), append(s.cpu, cpu)
	return err
}

func claimRuns(live int) []*claimRun {
	alone := proofMemory{"no memory: the names alone", func(string, proof.ID, time.Time) bool { return true }}
	thumbprints := make([]string, proofKeys)
	for i := range thumbprints {
		thumbprints[i] = fmt.Sprintf("%043d", i) // as long as one is
	}
	var runs []*claimRun
	for _, m := range append([]proofMemory{alone}, proofMemories(live)...) {
		runs = append(runs, &claimRun{m, time.Now(), proofLifetime / time.Duration(live), thumbprints})
	}
	return runs
}

func nanos(d time.Duration) string { return fmt.Sprintf("%d", d.Nanoseconds()) }
