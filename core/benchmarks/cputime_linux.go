package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// threadTime is the CPU time of the calling thread. It counts what getrusage counts, but to the nanosecond: getrusage
// itself is brought up to date only when the scheduler's clock ticks, which is about as often as a slice is long.
func threadTime() time.Duration { return clock(unix.CLOCK_THREAD_CPUTIME_ID) }

// processTime is the CPU time of all threads, the garbage collector's among them.
func processTime() time.Duration { return clock(unix.CLOCK_PROCESS_CPUTIME_ID) }

func clock(id int32) time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(id, &ts); err != nil {
		panic(err) // both clocks exist since Linux 2.6.12
	}
	return time.Duration(ts.Nano())
}
