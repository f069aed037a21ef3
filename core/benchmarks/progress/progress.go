// Package progress shows how far a long piece of work is: a bar with the time left
// on a terminal, and a plain line now and then in a log.
package progress

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Work is a piece of work whose size is known. All methods are safe for concurrent
// use, and none of them waits for the output.
type Work struct {
	name  string
	total int64
	began time.Time
	done  atomic.Int64
	note  atomic.Pointer[string]
	stop  chan struct{}
	ended sync.WaitGroup

	mu  sync.Mutex               // guards what is drawn
	bar *progressbar.ProgressBar // nil unless on a terminal
}

// Start shows the work until End. On a terminal the bar moves five times a second;
// elsewhere a line is written each interval, and one at the end. Nothing is measured
// while nobody looks: what is done is set by the worker and read here.
func Start(out *os.File, name string, total int64, interval time.Duration) *Work {
	w := newWork(name, total)
	if term.IsTerminal(int(out.Fd())) {
		w.ended.Go(func() { w.draw(out) })
	} else {
		w.ended.Go(func() { w.log(out, interval) })
	}
	return w
}

func newWork(name string, total int64) *Work {
	return &Work{name: name, total: max(total, 1), began: time.Now(), stop: make(chan struct{})}
}

// Set says how much is done, and in a few words what stands at that point.
func (w *Work) Set(done int64, note string) {
	w.note.Store(&note)
	w.done.Store(min(done, w.total))
}

// Add says that more is done.
func (w *Work) Add(more int64, note string) {
	w.note.Store(&note)
	w.done.Add(more)
}

// End stops the output. Call it once.
func (w *Work) End() {
	close(w.stop)
	w.ended.Wait()
}

// Writer returns a writer that takes the bar away before it writes to out, which may
// be the same terminal.
func (w *Work) Writer(out io.Writer) io.Writer { return besides{w, out} }

type besides struct {
	work *Work
	out  io.Writer
}

func (b besides) Write(text []byte) (int, error) {
	b.work.mu.Lock()
	defer b.work.mu.Unlock()
	if b.work.bar != nil {
		_ = b.work.bar.Clear() // fails where the terminal does
	}
	return b.out.Write(text)
}

func (w *Work) draw(out io.Writer) {
	w.mu.Lock()
	w.bar = progressbar.NewOptions64(w.total, progressbar.OptionSetWriter(out), progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetElapsedTime(true), progressbar.OptionFullWidth())
	w.mu.Unlock()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		w.mu.Lock()
		w.bar.Describe(w.name + " " + w.text())
		_ = w.bar.Set64(min(w.done.Load(), w.total)) // fails only beyond the total
		w.mu.Unlock()
		select {
		case <-tick.C:
		case <-w.stop:
			w.mu.Lock()
			_ = w.bar.Clear()
			w.mu.Unlock()
			return
		}
	}
}

func (w *Work) log(out io.Writer, interval time.Duration) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			fmt.Fprintln(out, w.line(time.Since(w.began)))
		case <-w.stop:
			fmt.Fprintln(out, w.line(time.Since(w.began)))
			return
		}
	}
}

// line is what a log gets.
func (w *Work) line(elapsed time.Duration) string {
	done := min(w.done.Load(), w.total)
	text := fmt.Sprintf("%s: %d %%, %s gone", w.name, 100*done/w.total, elapsed.Round(time.Second))
	if done > 0 && done < w.total {
		left := time.Duration(float64(elapsed) * float64(w.total-done) / float64(done))
		text += fmt.Sprintf(", about %s left", left.Round(time.Second))
	}
	if note := w.text(); note != "" {
		text += ": " + note
	}
	return text
}

func (w *Work) text() string {
	if note := w.note.Load(); note != nil {
		return *note
	}
	return ""
}
