package keyset_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"sync"
	"time"
)

// published is what the issuer publishes now, or what it did before its last rotation.
func (w *world) published(old bool) kidSet {
	if n := len(w.truth); old && n > 1 {
		return w.truth[n-2].keys
	}
	return w.truth[len(w.truth)-1].keys
}

// RoundTrip is the issuer. It takes note of when a refresh asks it, and of when it is done with the answer.
func (l *life) RoundTrip(r *http.Request) (response *http.Response, err error) {
	w := l.world
	w.mu.Lock()
	t := w.turn
	x := exchange{r, ""}
	f := fact{what: askEnded, answer: t.String(), keys: w.published(t.old)}
	w.mu.Unlock()
	if deadline, ok := r.Context().Deadline(); !ok || time.Until(deadline) > l.timeout {
		l.complain("%s: got a request with a deadline in %s (%t), want one within %s", r.URL, time.Until(deadline), ok, l.timeout)
	}
	metadata := r.URL.Path == "/metadata"
	if metadata || !w.discovery {
		l.add(fact{what: askBegan, conditional: r.Header.Get("If-None-Match")+r.Header.Get("If-Modified-Since") != ""})
	}
	if metadata && (t.hostile < 0 || !t.metadata) {
		return x.text(200, goodMetadata)
	}
	// Deferred, for panics. Where there is a body, it is done with the answer when it closes that.
	defer func() {
		if response == nil {
			l.add(f)
			return
		}
		response.Body = &closing{ReadCloser: response.Body, close: sync.OnceFunc(func() { l.add(f) })}
	}()
	select {
	case <-time.After(t.latency):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	w.mu.Lock()
	if t.atEnd {
		f.keys = w.published(t.old)
	}
	truth := w.published(false)
	w.mu.Unlock()
	x.document = f.keys.document()
	switch {
	case t.hostile >= len(hostileAnswers):
		return badMetadata[t.hostile-len(hostileAnswers)].serve(x)
	case t.hostile >= 0:
		f.retryAfter = hostileAnswers[t.hostile].retryAfter
		return hostileAnswers[t.hostile].serve(x)
	}
	response, err = l.serve(x, t, &f)
	f.lie = f.keys != truth
	return response, err
}

// serve answers well, and notes in f what the answer says.
func (l *life) serve(x exchange, t turn, f *fact) (*http.Response, error) {
	about := freshness[t.freshness]
	f.good, f.maxAge = true, exactly(about.maxAge)
	if about.maxAge == 0 {
		tenth := l.maxAge / 10
		f.maxAge = span{l.maxAge - tenth, l.maxAge + tenth}
	}
	header := maps.Clone(about.header)
	known, conditional := x.Header["If-None-Match"]
	if t.etags {
		header.Set("ETag", fmt.Sprintf(`"%d"`, f.keys))
	}
	status := http.StatusOK
	switch {
	case t.always304 && conditional:
		fmt.Sscanf(known[0], `"%d"`, &f.keys)
		status = http.StatusNotModified
	case t.always304:
		status, f.good = http.StatusNotModified, false
	case conditional && known[0] == header.Get("ETag"):
		status = http.StatusNotModified
	}
	if status == http.StatusNotModified {
		f.silent304 = about.maxAge == 0
		x.document = ""
	}
	response, err := x.text(status, x.document)
	response.Header = header
	return response, err
}

// closing is a body that tells when it is closed.
type closing struct {
	io.ReadCloser
	close func()
}

func (c *closing) Close() error {
	c.close()
	return c.ReadCloser.Close()
}
