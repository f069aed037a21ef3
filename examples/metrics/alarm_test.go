package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// Every name in the rule is one that the service is scraped for, and the states
// of an idle service are those of an outage but for the failures.
func TestAlarmNamesWhatIsScraped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		service, metrics, err := open(core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience},
			Keys: core.JWKS{URL: issuer.JWKSURL(), Fetch: core.Fetch{Client: issuer.Client()}}})
		if err != nil {
			t.Fatal(err)
		}
		const failures = `error_type="`
		want := func(state string, failing bool) (text string) {
			t.Helper()
			synctest.Wait()
			text = answer(metrics, "/metrics", "").Body.String()
			got := parse(text).find("jwtmw_key_state", []string{`jwtmw_state="` + state + `"`})
			if got != "1" || strings.Contains(text, failures) != failing {
				t.Errorf("got %q for the state %s, want 1 and failures %v in\n%s", got, state, failing, text)
			}
			return text
		}
		want("empty", false)
		if got := answer(service, "/", issuer.Token(nil)).Code; got != http.StatusOK {
			t.Fatalf("got status %d, want 200", got)
		}
		time.Sleep(12 * time.Minute)
		want("stale", false)
		time.Sleep(2 * time.Hour)
		want("expired", false)
		issuer.Misbehave(jwttest.Fail(500))
		if got := answer(service, "/", issuer.Token(nil)).Code; got != http.StatusServiceUnavailable {
			t.Errorf("got status %d of a failing issuer, want 503", got)
		}
		text := want("expired", true)
		for _, name := range namesOfRule(t) {
			if !regexp.MustCompile(`\b` + name + `\b`).MatchString(text) {
				t.Errorf("got no %s, which alarm.yml uses, in\n%s", name, text)
			}
		}
	})
}

// namesOfRule are the metrics, labels and states in alarm.yml's expression.
func namesOfRule(t *testing.T) []string {
	t.Helper()
	rules, err := os.ReadFile("alarm.yml")
	if err != nil {
		t.Fatal(err)
	}
	_, expression, _ := strings.Cut(string(rules), "expr: |")
	expression, _, _ = strings.Cut(expression, "annotations:")
	names := regexp.MustCompile(`jwtmw_\w+|error_type|stale|expired|empty`).FindAllString(expression, -1)
	if len(names) < 8 {
		t.Fatalf("got names %q, want those of the whole expression", names)
	}
	return names
}

// Prometheus itself judges the rule, where its promtool is installed.
func TestAlarm(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("no promtool found: install Prometheus to test the rule")
	}
	if output, err := exec.CommandContext(t.Context(), promtool, "test", "rules", "alarm_test.yml").CombinedOutput(); err != nil {
		t.Errorf("got %v, want the rule to pass:\n%s", err, output)
	}
}

// answer is a handler's answer in memory.
func answer(h http.Handler, path, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
