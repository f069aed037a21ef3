package jwttest

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"time"
)

// Answer answers with this status, Content-Type and body, whatever was asked.
func Answer(status int, contentType string, body []byte) Fault {
	return instead(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		w.Write(body)
	})
}

// Fail answers with an error status and a line of text.
func Fail(status int) Fault {
	return Answer(status, "text/plain; charset=utf-8", []byte(http.StatusText(status)+"\n"))
}

// Empty answers 200 with a key set that holds no key.
func Empty() Fault {
	return Answer(http.StatusOK, "application/jwk-set+json", []byte(`{"keys":[]}`))
}

// HTML answers 200 with a web page, as a proxy or a login wall does.
func HTML() Fault {
	return Answer(http.StatusOK, "text/html; charset=utf-8", []byte("<!doctype html><title>Back soon</title>\n"))
}

// Redirect answers 302 and sends the client to url.
func Redirect(url string) Fault {
	return instead(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, url, http.StatusFound)
	})
}

// Hang answers nothing until [Issuer.Recover], then well.
func Hang() Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			next.ServeHTTP(w, r)
		})
	}
}

// Delay answers well, after d.
func Delay(d time.Duration) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			wait(r, d)
			next.ServeHTTP(w, r)
		})
	}
}

// Drip answers 200 with a body that never ends and grows by one byte each interval. What has come is always the
// beginning of a valid key set.
func Drip(interval time.Duration) Fault {
	return instead(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/jwk-set+json")
		io.WriteString(w, `{"keys":[`)
		http.NewResponseController(w).Flush()
		for wait(r, interval) {
			if _, err := io.WriteString(w, " "); err != nil {
				break
			}
			http.NewResponseController(w).Flush()
		}
		panic(http.ErrAbortHandler)
	})
}

// Endless answers 200 with a body that never ends, as fast as it is read.
func Endless() Fault {
	return instead(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/jwk-set+json")
		io.WriteString(w, `{"keys":[`)
		blanks := bytes.Repeat([]byte(" "), 32<<10)
		for r.Context().Err() == nil {
			if _, err := w.Write(blanks); err != nil {
				break
			}
		}
		panic(http.ErrAbortHandler)
	})
}

// Pad answers well, with blanks in front that make the body size bytes long. A body that is longer already stays as
// it is.
func Pad(size int) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			good := answerOf(next, w, r)
			blanks := bytes.Repeat([]byte(" "), max(0, size-len(good)))
			w.Header().Set("Content-Length", strconv.Itoa(len(blanks)+len(good)))
			w.Write(blanks)
			w.Write(good)
		})
	}
}

// GzipBomb answers with a gzip body that unpacks to size blanks, whether the client takes gzip or not. A client
// unpacks it if it goes through http.Transport, which [Issuer.Client] does not: use it with [Serve].
func GzipBomb(size int64) Fault {
	return instead(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		blanks := bytes.Repeat([]byte(" "), 32<<10)
		for left := size; left > 0; left -= int64(len(blanks)) {
			if _, err := zip.Write(blanks[:min(left, int64(len(blanks)))]); err != nil {
				panic(http.ErrAbortHandler)
			}
		}
		zip.Close()
	})
}

// Truncate answers well and breaks the connection in the middle of the body.
func Truncate() Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			good := answerOf(next, w, r)
			w.Header().Set("Content-Length", strconv.Itoa(len(good)))
			w.Write(good[:len(good)/2])
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})
	}
}

// Drop breaks the connection without an answer.
func Drop() Fault {
	return instead(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// Times breaks the first n answers with fault. The ones after them are good, without an [Issuer.Recover].
func Times(n int, fault Fault) Fault {
	var seen atomic.Int64
	return func(next http.Handler) http.Handler {
		if seen.Add(1) > int64(n) {
			return next
		}
		return fault(next)
	}
}

// instead is a fault that has no use for the good answer.
func instead(handler http.HandlerFunc) Fault {
	return func(http.Handler) http.Handler { return handler }
}

// wait waits for d and reports whether the request is still wanted then.
func wait(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// answerOf returns the whole body that next answers with, even if the client has it already, and gives w its header.
func answerOf(next http.Handler, w http.ResponseWriter, r *http.Request) []byte {
	r = r.Clone(r.Context())
	r.Header.Del("If-None-Match")
	r.Header.Del("If-Modified-Since")
	recorder := httptest.NewRecorder()
	next.ServeHTTP(recorder, r)
	maps.Copy(w.Header(), recorder.Header())
	return recorder.Body.Bytes()
}
