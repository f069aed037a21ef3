package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

func TestReadyFollowsTheKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		issuer.Misbehave(jwttest.Fail(http.StatusInternalServerError))
		v := verifier(t, issuer, nil)

		if got := get(service(v), "/readyz").Code; got != http.StatusServiceUnavailable {
			t.Errorf("issuer down: got status %d, want 503", got)
		}
		if got := get(service(v), "/").Code; got != http.StatusUnauthorized {
			t.Errorf("no token: got status %d, want 401", got)
		}
		issuer.Recover()
		time.Sleep(time.Minute) // longer than any backoff
		if got := get(service(v), "/readyz").Code; got != http.StatusOK {
			t.Errorf("issuer up again: got status %d, want 200", got)
		}

		var stats []core.IssuerStats
		if err := json.Unmarshal(get(debug(v), "/debug/keys").Body.Bytes(), &stats); err != nil {
			t.Fatal(err)
		}
		if len(stats) != 1 || stats[0].State != "fresh" || stats[0].Keys != 2 {
			t.Errorf("got %+v, want two fresh keys of one issuer", stats)
		}
	})
}

func TestWarmStartWhileTheIssuerIsDown(t *testing.T) {
	store := core.DirStore(t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		if got := get(service(verifier(t, issuer, store)), "/readyz").Code; got != http.StatusOK {
			t.Fatalf("first start: got status %d, want 200", got)
		}
		synctest.Wait() // nobody waits for the store but this test
		issuer.Misbehave(jwttest.Fail(http.StatusInternalServerError))
		restarted := service(verifier(t, issuer, store))
		if got := get(restarted, "/readyz").Code; got != http.StatusOK {
			t.Errorf("restart with stored keys: got status %d, want 200", got)
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", "Bearer "+issuer.Token(nil))
		w := httptest.NewRecorder()
		restarted.ServeHTTP(w, r)
		if got, want := w.Body.String(), "hello alice\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func verifier(t *testing.T, issuer *jwttest.Issuer, store core.Store) *core.Verifier {
	t.Helper()
	v, err := core.New(core.Config{
		Issuer:    issuer.URL(),
		Audiences: []string{jwttest.Audience},
		Keys:      core.Discovery{Fetch: core.Fetch{Client: issuer.Client(), Store: store}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}
