package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

func TestPrometheusScrapes(t *testing.T) {
	issuer := jwttest.Serve(t)
	service, metrics, err := open(core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}})
	if err != nil {
		t.Fatal(err)
	}
	api, scraped := httptest.NewServer(service), httptest.NewServer(metrics)
	t.Cleanup(api.Close)
	t.Cleanup(scraped.Close)

	for _, request := range []struct {
		name, token string
		want        int
	}{
		{"good", issuer.Token(nil), http.StatusOK},
		{"good again", issuer.Token(nil), http.StatusOK},
		{"for another service", issuer.Token(map[string]any{"aud": "x"}), http.StatusUnauthorized},
		{"none", "", http.StatusUnauthorized},
	} {
		if got, _ := get(t, api.URL, request.token); got != request.want {
			t.Errorf("%s: got status %d, want %d", request.name, got, request.want)
		}
	}
	// The refresh that this key costs begins when the one before has been told.
	issuer.Rotate("RS256")
	if got, _ := get(t, api.URL, issuer.Token(nil)); got != http.StatusOK {
		t.Errorf("rotated: got status %d, want 200", got)
	}
	status, text := get(t, scraped.URL+"/metrics", "")
	if status != http.StatusOK {
		t.Fatalf("got status %d, want 200", status)
	}
	series := parse(text)
	own := `jwtmw_issuer="` + issuer.URL() + `"`
	for _, want := range []struct {
		name   string
		labels []string
		value  string
	}{
		{"jwtmw_token_verifications_total", []string{own}, "3"},
		{"jwtmw_refusals_total", []string{own, `jwtmw_reason="wrong_audience"`}, "1"},
		{"jwtmw_refusals_total", []string{`jwtmw_reason="no_token"`}, "1"},
		{"jwtmw_key_count", []string{own}, "3"},
		{"jwtmw_key_state", []string{own, `jwtmw_state="fresh"`}, "1"},
		{"jwtmw_key_state", []string{own, `jwtmw_state="stale"`}, "0"},
	} {
		if got := series.find(want.name, want.labels); got != want.value {
			t.Errorf("%s of %v: got %q, want %q in\n%s", want.name, want.labels, got, want.value, text)
		}
	}
	for _, name := range []string{"jwtmw_key_fetch_duration_seconds_count", "jwtmw_key_changes_total", "jwtmw_key_transitions_total",
		"jwtmw_key_age_seconds"} {
		if got := series.find(name, []string{own}); got == "" {
			t.Errorf("got no %s, want it in\n%s", name, text)
		}
	}
}

func get(t *testing.T, url, token string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// samples are the lines of a scrape: name with labels, and value.
type samples map[string]string

func parse(text string) samples {
	found := make(samples)
	for line := range strings.Lines(text) {
		if at := strings.LastIndexByte(line, ' '); at > 0 && line[0] != '#' {
			found[line[:at]] = strings.TrimSpace(line[at:])
		}
	}
	return found
}

// find returns the value of the series that has all the labels, "" if there is
// none.
func (s samples) find(name string, labels []string) string {
	for series, value := range s {
		has := strings.HasPrefix(series, name+"{")
		for _, label := range labels {
			has = has && strings.Contains(series, label)
		}
		if has {
			return value
		}
	}
	return ""
}
