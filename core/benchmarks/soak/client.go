package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// patience is how long an answer may take: the verifier's own limits are 2 s for each
// of two stores and 5 s for keys.
const patience = 20 * time.Second

// client sends requests to one replica.
type client interface {
	target() (method, url string) // as a proof names it
	send(context.Context, request) answer
	rest() // closes idle connections
	close()
}

// field is one line of a request's head.
type field struct{ name, value string }

// answer is what a replica said, and when.
type answer struct {
	status     int
	reason     string
	subject    string // of a 200
	challenge  bool   // WWW-Authenticate was there
	err        error  // there was no answer
	sent, done time.Time
}

// String is the verdict, as the table counts it.
func (a answer) String() string {
	switch {
	case a.err != nil:
		return "no answer"
	case a.reason != "":
		return fmt.Sprintf("%d %s", a.status, a.reason)
	}
	return fmt.Sprint(a.status)
}

type httpClient struct {
	addr string
	http.Client
}

func newHTTPClient(addr string) client {
	return &httpClient{addr, http.Client{
		Timeout:   patience,
		Transport: &http.Transport{MaxConnsPerHost: workers, MaxIdleConnsPerHost: workers, IdleConnTimeout: 30 * time.Second},
	}}
}

func (c *httpClient) target() (method, url string) { return "GET", publicURL + path }

func (c *httpClient) send(ctx context.Context, r request) answer {
	a := answer{sent: time.Now()}
	a.err = c.exchange(ctx, r, &a)
	a.done = time.Now()
	return a
}

func (c *httpClient) exchange(ctx context.Context, r request, a *answer) error {
	outgoing, err := http.NewRequestWithContext(ctx, "GET", "http://"+c.addr+path, nil)
	if err != nil {
		return err
	}
	for _, field := range r.fields {
		outgoing.Header.Add(field.name, field.value)
	}
	response, err := c.Do(outgoing)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	if err != nil {
		return err
	}
	a.status, a.challenge = response.StatusCode, response.Header.Get("WWW-Authenticate") != ""
	if a.status == http.StatusOK {
		a.subject = string(body)
		return nil
	}
	var problem struct{ Reason string }
	if err := json.Unmarshal(body, &problem); err != nil {
		return fmt.Errorf("got status %d with body %.200q, want a problem document: %w", a.status, body, err)
	}
	a.reason = problem.Reason
	return nil
}

func (c *httpClient) rest() { c.CloseIdleConnections() }

func (c *httpClient) close() { c.CloseIdleConnections() }
