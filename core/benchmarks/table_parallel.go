package main

import (
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"
)

const heldMegabytes = 64

// parallelTable compares what one verification costs when one thread works and when two do. What they must not touch
// together costs nothing more.
func parallelTable(w io.Writer, p plan) error {
	f := newFixture("RS256")
	tasks, err := parallelTasks(f)
	if err != nil {
		return err
	}
	one := make([]cost, len(tasks))
	two := make([]cost, len(tasks))
	p.slice *= 5 // long enough for the collector to take its part in each
	// A program that holds nothing collects every few megabytes, which no service does.
	held := make([]byte, heldMegabytes<<20)
	defer runtime.KeepAlive(held)
	for i, t := range tasks {
		one[i].name, two[i].name = t.name, t.name
	}
	for round := range p.rounds {
		for i := range tasks {
			i = (i + round) % len(tasks)
			calls := calibrateTogether(p.slice, tasks[i])
			one[i].rounds = append(one[i].rounds, together(1, calls, tasks[i]))
			two[i].rounds = append(two[i].rounds, together(2, calls, tasks[i]))
		}
	}
	m := markdown{columns: []string{"one good RS256 token", "P=1, µs", "P=2, µs", "scaling", "of the primitive's"}}
	ofPrimitive := quotients(one[0].rounds, two[0].rounds)
	for i, t := range tasks {
		scaling := quotients(one[i].rounds, two[i].rounds)
		m.add(t.name, micros(one[i].median()), micros(two[i].median()), times(middle(scaling)), times(middle(quotients(scaling, ofPrimitive))))
	}
	m.write(w, "Two threads", fmt.Sprintf("CPU time of the whole process for each call, the garbage collector's included, in a program that holds %d MB; scaling is the first over the second.", heldMegabytes))
	return nil
}

func parallelTasks(f *fixture) ([]task, error) {
	bare, err := primitive(f)
	if err != nil {
		return nil, err
	}
	all, err := contenders(f)
	if err != nil {
		return nil, err
	}
	cached, err := newJwtmwCached(f)
	if err != nil {
		return nil, err
	}
	tasks := []task{bare}
	for _, c := range append(all, contender{"jwtmw, remembered", cached}) {
		tasks = append(tasks, c.on(f.token))
	}
	return tasks, nil
}

// together returns the CPU time of one call while as many threads make as many calls each.
func together(threads, calls int, t task) time.Duration {
	var done sync.WaitGroup
	start := make(chan struct{})
	for range threads {
		done.Go(func() {
			<-start
			for range calls {
				_ = t.run()
			}
		})
	}
	spent := processTime()
	close(start)
	done.Wait()
	return (processTime() - spent) / time.Duration(threads*calls)
}

func calibrateTogether(slice time.Duration, t task) int {
	for n := 1; ; n *= 2 {
		if spent := together(1, n, t) * time.Duration(n); spent >= slice/4 {
			return max(1, int(int64(n)*int64(slice)/int64(spent)))
		}
	}
}
