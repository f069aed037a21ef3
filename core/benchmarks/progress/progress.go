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

func (w *Work) draw(out io.Writer) {
	bar := progressbar.NewOptions64(w.total, progressbar.OptionSetWriter(out), progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetElapsedTime(true), progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth())
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		bar.Describe(w.name + " " + w.text())
		_ = bar.Set64(min(w.done.Load(), w.total)) // fails only beyond the total
		select {
		case <-tick.C:
		case <-w.stop:
			_ = bar.Clear()
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
