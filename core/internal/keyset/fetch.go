package keyset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const userAgent = "jwtmw (+https://github.com/jwtmw/jwtmw)"

// getter reads documents over HTTP, within our limits whatever the user's client allows.
type getter struct {
	client       *http.Client
	own          *transports // nil: the user's Client brings its own
	maxBytes     int64
	insecureHTTP bool
	checkURL     func(raw string, insecureHTTP bool) error
	hosts        hostRule
}

func newGetter(o Options) getter {
	var client http.Client // a copy, so that the user's is not changed
	g := getter{client: &client, maxBytes: o.MaxBytes, insecureHTTP: o.InsecureHTTP, checkURL: CheckURL, hosts: hostRule{o.Confined, o.Hosts}}
	if o.Client != nil {
		client = *o.Client
	} else {
		g.own = newTransports(o)
		if o.Confined {
			g.checkURL = CheckPublicURL
		}
	}
	// A redirect could lead to another origin, to plain http or into the own network.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return g
}

// until returns the getter of one refresh, whose connections end at deadline.
func (g getter) until(deadline time.Time) getter {
	if g.own != nil {
		client := *g.client
		client.Transport = g.own.until(deadline)
		g.client = &client
	}
	return g
}

// page is the address of a document, and what asks whether it changed (RFC 9110 section 13.1).
type page struct {
	url, etag, lastModified string
}

// answer is a good answer: a body, or the news that the known one still holds.
type answer struct {
	body        []byte
	notModified bool
	header      http.Header
	page        page
}

// statusError is an answer with another status than 200.
type statusError struct {
	status     int
	retryAfter time.Duration // what the issuer asked for, within the bounds of the backoff; zero: nothing
}

func (e *statusError) Error() string {
	text := fmt.Sprintf("got status %d, want 200", e.status)
	if e.status >= 300 && e.status < 400 && e.status != http.StatusNotModified {
		text += "; redirects are not followed"
	}
	return text
}

// get reads the document at address. A page of the same address makes the request conditional.
func (g getter) get(ctx context.Context, address, accept string, known page) (*answer, error) {
	got, err := g.do(ctx, address, accept, known)
	if err != nil {
		return nil, fmt.Errorf("fetch %q: %w", cut(address), err)
	}
	return got, nil
}

func (g getter) do(ctx context.Context, address, accept string, known page) (*answer, error) {
	request, err := g.request(ctx, http.MethodGet, address, accept, nil)
	if err != nil {
		return nil, err
	}
	// In the transport of the user's Client as well, no idle connection and none of its goroutines outlives the fetch.
	request.Close = true
	asked := known.url == address && known.ask(request.Header)
	response, err := g.send(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	// A 304 that nobody asked for confirms nothing, and falls through to the errors.
	if response.StatusCode == http.StatusNotModified && asked {
		return &answer{notModified: true, header: response.Header, page: known}, nil
	}
	if response.StatusCode != http.StatusOK {
		return nil, newStatusError(response)
	}
	body, err := g.read(response.Body)
	if err != nil {
		return nil, err
	}
	return &answer{body: body, header: response.Header, page: pageOf(address, response.Header)}, nil
}

func (g getter) request(ctx context.Context, method, address, accept string, body io.Reader) (*http.Request, error) {
	// Checked here for every address, wherever it came from, and not only where one is configured.
	if err := g.checkURL(address, g.insecureHTTP); err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", accept)
	request.Header.Set("User-Agent", userAgent)
	return request, nil
}

func (g getter) send(request *http.Request) (*http.Response, error) {
	response, err := g.client.Do(request)
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // the address is named once, and cut, by who asks
	}
	return response, err
}

// read takes the body, which the transport has unpacked, up to the limit.
func (g getter) read(body io.ReadCloser) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(nil, body, g.maxBytes))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, bodyTooLarge(g.maxBytes)
	}
	return data, err
}

// bodyTooLarge is the limit that a body exceeds.
type bodyTooLarge int64

func (b bodyTooLarge) Error() string {
	return fmt.Sprintf("got a body of more than %d octets", int64(b))
}

func newStatusError(response *http.Response) *statusError {
	e := &statusError{status: response.StatusCode}
	// The statuses that give the field a meaning: RFC 9110 section 15.6.4 and RFC 6585 section 4.
	if e.status == http.StatusTooManyRequests || e.status == http.StatusServiceUnavailable {
		e.retryAfter = retryAfter(response.Header)
	}
	return e
}

func pageOf(address string, h http.Header) page {
	return page{url: address, etag: validator(h.Get("ETag")), lastModified: validator(h.Get("Last-Modified"))}
}

// ask makes a request conditional and says whether it did.
func (p page) ask(h http.Header) bool {
	if p.etag != "" {
		h.Set("If-None-Match", p.etag)
	}
	if p.lastModified != "" {
		h.Set("If-Modified-Since", p.lastModified)
	}
	return p.etag != "" || p.lastModified != ""
}

// validator returns value if it can be sent back, or "". One that our own transport refuses to send would make every later
// fetch fail.
func validator(value string) string {
	const longest = 1024
	if len(value) > longest {
		return ""
	}
	for _, b := range []byte(value) {
		if b < ' ' || b > '~' {
			return ""
		}
	}
	return value
}
