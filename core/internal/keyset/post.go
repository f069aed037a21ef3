package keyset

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
)

const acceptAnswer = "application/json"

// answerError is a failure that a token may have caused: something at the endpoint's address took the question, and what came
// back says nothing. It pauses nothing, since who sends such tokens must not be able to have everybody refused: a firewall
// that dislikes "/etc/passwd" is enough for that.
type answerError struct{ error }

func (a *answerError) Unwrap() error { return a.error }

// rests says that a status is not about the token, or that whoever sends it asks to be left alone.
func rests(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// timedOut says that nothing came in time, whoever set the time.
func timedOut(err error) bool {
	slow, ok := errors.AsType[net.Error](err) // a context's deadline is one too
	return ok && slow.Timeout()
}

// post sends the form with the client's credentials. The body of an answer is in no error, since it may repeat the form.
func (e *Endpoint) post(ctx context.Context, address string, form url.Values) (string, error) {
	header := http.Header{}
	if err := e.client.Authenticate(ctx, form, header); err != nil {
		return "", err
	}
	deadline, _ := ctx.Deadline()
	g := e.getter.until(deadline)
	request, err := g.request(ctx, http.MethodPost, address, acceptAnswer, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, values := range header {
		request.Header[name] = values
	}
	// net/http sends no such field, and may ask once more where a connection that it had kept turns out to be closed.
	request.Header["Idempotency-Key"] = nil
	var connected atomic.Bool
	request = request.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}))
	response, err := g.send(request)
	if err != nil {
		if connected.Load() && !timedOut(err) {
			err = &answerError{err}
		}
		return "", err
	}
	defer response.Body.Close()
	switch status := response.StatusCode; {
	case status == http.StatusUnauthorized:
		return "", fmt.Errorf("the endpoint refused the credentials of this service, client %q: %w", cut(e.client.ID), newStatusError(response))
	case rests(status):
		return "", newStatusError(response)
	case status != http.StatusOK:
		return "", &answerError{newStatusError(response)}
	case !isJSON(response.Header):
		return "", &answerError{fmt.Errorf("got an answer of type %q, want %s", cut(response.Header.Get("Content-Type")), acceptAnswer)}
	}
	body, err := g.read(response.Body)
	if err != nil && !timedOut(err) {
		err = &answerError{err}
	}
	return string(body), err
}

// isJSON takes the suffix of RFC 6839 section 3.1 as well.
func isJSON(h http.Header) bool {
	mediaType, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && (mediaType == acceptAnswer || strings.HasSuffix(mediaType, "+json"))
}
