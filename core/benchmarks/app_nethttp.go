package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

// answer is a ResponseWriter that keeps nothing but the status.
type answer struct {
	header http.Header
	status int
}

func newAnswer() *answer { return &answer{header: http.Header{}} }

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) Write(b []byte) (int, error) { a.wrote(http.StatusOK); return len(b), nil }
func (a *answer) WriteHeader(status int)      { a.wrote(status) }

func (a *answer) wrote(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func netHTTPTasks(f *fixture) (bare, own, peer task, err error) {
	verify, err := golangJWT(f)
	if err != nil {
		return
	}
	alone := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	guarded := jwtmw.NetHTTP(jwtmwConfig(f))(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, ok := jwtmw.FromContext(r.Context())
		w.WriteHeader(statusOf(ok && claims.Subject != ""))
	}))
	handwritten := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := bearerToken(r.Header.Get("Authorization"))
		if !ok {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		claims, err := verify(token)
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), golangClaimsKey{}, claims))
		claims, ok = r.Context().Value(golangClaimsKey{}).(*golangClaims)
		w.WriteHeader(statusOf(ok && claims.Subject != ""))
	})
	return serve(f, "net/http alone", alone), serve(f, "net/http, jwtmw", guarded), serve(f, "net/http, handwritten", handwritten), nil
}

type golangClaimsKey struct{}

func bearerToken(header string) (token string, ok bool) {
	scheme, token, _ := strings.Cut(header, " ")
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}

func statusOf(subjectFound bool) int {
	if subjectFound {
		return http.StatusNoContent
	}
	return http.StatusInternalServerError
}

// serve makes a task of one request to h, which must answer 204.
func serve(f *fixture, name string, h http.Handler) task {
	request, err := http.NewRequest(http.MethodGet, "http://api.example/orders", nil)
	if err != nil {
		panic(err) // the URL above is one
	}
	request.Header.Set("Authorization", "Bearer "+f.token)
	return task{name, func() error {
		w := newAnswer()
		h.ServeHTTP(w, request)
		if w.status != http.StatusNoContent {
			return fmt.Errorf("got status %d, want 204", w.status)
		}
		return nil
	}}
}
