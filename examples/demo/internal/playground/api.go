package playground

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// maxBody has room for two tokens of 1 MB.
const maxBody = 4 << 20

// get answers with what do returns, as JSON.
func get[Out any](do func() Out) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, do())
	})
}

// post reads a JSON object and answers with what do makes of it. An error is
// the client's mistake.
func post[In, Out any](do func(context.Context, In) (Out, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in, err := readJSON[In](w, r)
		if err != nil {
			writeError(w, err)
			return
		}
		out, err := do(r.Context(), in)
		if err != nil {
			writeError(w, err)
			return
		}
		writeJSON(w, http.StatusOK, out)
	})
}

func readJSON[In any](w http.ResponseWriter, r *http.Request) (in In, err error) {
	// A form of another site cannot send this type without the browser asking first.
	if got := r.Header.Get("Content-Type"); got != "application/json" {
		return in, fmt.Errorf("got Content-Type %.64q, want application/json", got)
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return in, fmt.Errorf("read the request: %w", err)
	}
	if decoder.More() {
		return in, errors.New("got more than one JSON value, want one object")
	}
	return in, nil
}

func writeError(w http.ResponseWriter, err error) {
	status := http.StatusBadRequest
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		status = http.StatusRequestEntityTooLarge
	}
	writeJSON(w, status, struct {
		Error string `json:"error"`
	}{err.Error()})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}
