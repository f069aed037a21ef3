package main

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"
)

// plan says how long to measure.
type plan struct {
	rounds int
	slice  time.Duration // of one contender in one round
	small  bool          // leave out the inputs that take seconds to make
	charts string        // directory of the charts; empty: none is drawn

	// shown is told what is being measured, and how much of it is done. Nil: nobody asks.
	shown func(done int, what string)
}

func quickPlan() plan { return plan{rounds: 1, slice: 20 * time.Microsecond, small: true} }

// task is something whose cost is asked for.
type task struct {
	name string
	run  func() error
}

// cost is what one call of a task takes.
type cost struct {
	name   string
	rounds []time.Duration // CPU time in each round
	allocs float64
}

// median returns the CPU time of the middle round.
func (c cost) median() time.Duration { return middle(c.rounds) }

// ratio returns the median over the rounds of c's time divided by base's in the same round, so that whatever slows the
// machine for a while slows both.
func (c cost) ratio(base cost) float64 { return middle(quotients(c.rounds, base.rounds)) }

// quotients divides round by round.
func quotients[T time.Duration | float64](of, by []T) []float64 {
	values := make([]float64, len(of))
	for i := range values {
		values[i] = float64(of[i]) / float64(by[i])
	}
	return values
}

// added is what whole takes more than part, round by round.
func added(whole, part cost) cost {
	rest := cost{name: whole.name, allocs: whole.allocs - part.allocs}
	for i := range whole.rounds {
		rest.rounds = append(rest.rounds, max(whole.rounds[i]-part.rounds[i], time.Nanosecond))
	}
	return rest
}

func middle[T time.Duration | float64](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// measure runs all tasks in turn, one slice each, round after round, each round beginning with another task.
func measure(p plan, tasks []task) ([]cost, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	costs := make([]cost, len(tasks))
	counts := make([]int, len(tasks))
	for i, t := range tasks {
		if err := t.run(); err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		counts[i] = calibrate(p.slice, t)
		costs[i] = cost{name: t.name, allocs: allocations(p, t)}
	}
	runtime.GC()
	for round := range p.rounds {
		if p.shown != nil {
			p.shown(round, tasks[0].name)
		}
		for i := range tasks {
			i = (i + round) % len(tasks)
			spent := threadTime()
			for range counts[i] {
				_ = tasks[i].run()
			}
			spent = threadTime() - spent
			costs[i].rounds = append(costs[i].rounds, spent/time.Duration(counts[i]))
		}
	}
	return costs, nil
}

// calibrate returns how many calls fill a slice, at least one.
func calibrate(slice time.Duration, t task) int {
	for n := 1; ; n *= 2 {
		spent := threadTime()
		for range n {
			_ = t.run()
		}
		if spent = threadTime() - spent; spent >= slice/2 {
			return max(1, int(int64(n)*int64(slice)/int64(spent)))
		}
	}
}

func allocations(p plan, t task) float64 {
	return testing.AllocsPerRun(min(p.rounds, 20), func() { _ = t.run() })
}
