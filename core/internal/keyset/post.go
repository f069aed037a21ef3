package keyset

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

const acceptAnswer = "application/json"

// answerError is a failure that a token may have caused: the endpoint answered, and the answer says nothing. It pauses
// nothing, since who sends such tokens must not be able to have everybody refused.
type answerError struct{ error }

func (a *answerError) Unwrap() error { return a.error }

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
	response, err := g.send(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized:
		return "", fmt.Errorf("the endpoint refused the credentials of this service, client %q: %w", cut(e.client.ID), newStatusError(response))
	case http.StatusBadRequest, http.StatusInternalServerError:
		return "", &answerError{newStatusError(response)}
	default:
		return "", newStatusError(response)
	}
	if !isJSON(response.Header) {
		return "", &answerError{fmt.Errorf("got an answer of type %q, want %s", cut(response.Header.Get("Content-Type")), acceptAnswer)}
	}
	body, err := g.read(response.Body)
	if _, is := errors.AsType[bodyTooLarge](err); is {
		err = &answerError{err}
	}
	return string(body), err
}

// isJSON takes the suffix of RFC 6839 section 3.1 as well.
func isJSON(h http.Header) bool {
	mediaType, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && (mediaType == acceptAnswer || strings.HasSuffix(mediaType, "+json"))
}
