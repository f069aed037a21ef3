package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// recorder keeps what the issuer answers while the verifier reads it.
type recorder struct {
	next      http.RoundTripper
	mu        sync.Mutex // guards exchanges
	exchanges []exchange
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := r.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	e := exchange{url: request.URL.String(), status: response.StatusCode, body: new(bytes.Buffer)}
	e.ahead, e.dated = clockAhead(response.Header, time.Now())
	// Read by the verifier, which knows when to stop.
	response.Body = struct {
		io.Reader
		io.Closer
	}{io.TeeReader(response.Body, e.body), response.Body}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exchanges = append(r.exchanges, e)
	return response, nil
}

func (r *recorder) all() []exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.exchanges)
}

// replay answers every request with the document that was kept, or with the
// error for which there is none.
type replay struct {
	document []byte
	err      error
}

func (r replay) RoundTrip(request *http.Request) (*http.Response, error) {
	if r.err != nil {
		return nil, r.err
	}
	body := io.NopCloser(bytes.NewReader(r.document))
	header := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: http.StatusOK, Header: header, Body: body, Request: request}, nil
}

// clockAhead is how far the clock that dated an answer is before now, in whole
// seconds as the header counts. A cache adds how long it kept the answer
// (RFC 9111 section 5.1).
func clockAhead(h http.Header, now time.Time) (ahead time.Duration, ok bool) {
	sent, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0, false
	}
	if age, err := strconv.ParseUint(h.Get("Age"), 10, 31); err == nil {
		sent = sent.Add(time.Duration(age) * time.Second)
	}
	return sent.Sub(now.Truncate(time.Second)), true
}

// exchange is one answer of the issuer.
type exchange struct {
	url    string
	status int
	ahead  time.Duration // of the issuer's clock
	dated  bool          // whether the answer says what that clock shows
	body   *bytes.Buffer
}

func clockText(ahead time.Duration) string {
	const exact = time.Second // what the header can show
	switch {
	case ahead > exact:
		return fmt.Sprintf("the issuer's is %v ahead of this machine's", ahead)
	case ahead < -exact:
		return fmt.Sprintf("the issuer's is %v behind this machine's", -ahead)
	}
	return "the issuer's agrees with this machine's"
}
