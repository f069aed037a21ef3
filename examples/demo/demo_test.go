package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// width is what a terminal beside an editor has.
const width = 100

func TestOnce(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), &out, true); err != nil {
		t.Fatalf("got error %v, want every answer as expected", err)
	}
	for line := range strings.Lines(out.String()) {
		if n := len(strings.TrimRight(line, "\n")); n > width {
			t.Errorf("got a line of %d columns, want at most %d: %q", n, width, line)
		}
	}
	for _, want := range []string{
		"REQUEST           net/http",
		"no token          401 no_token",
		"good RS256        200 alice",
		"good ES256        200 alice",
		"HS256 public key  401 wrong_algorithm",
		"two headers       400 multiple_tokens",
		"bound, proved     200 alice",
		"bound, stolen     401 invalid_proof",
		"replayed proof    401 replayed_proof",
		"All 56 answers are the expected ones.",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got no %q in\n%s", want, out.String())
		}
	}
}

func TestServesUntilInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var curls int
	out := writerFunc(func(p []byte) (int, error) {
		curls += bytes.Count(p, []byte("curl -i"))
		if bytes.Contains(p, []byte("Ctrl-C")) {
			cancel()
		}
		return len(p), nil
	})
	if err := run(ctx, out, false); err != nil {
		t.Errorf("got error %v, want none", err)
	}
	if curls != 4 {
		t.Errorf("got %d curl lines, want one for each framework", curls)
	}
}

func TestServesThePage(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var printed bytes.Buffer
	out := writerFunc(func(p []byte) (int, error) {
		printed.Write(p)
		if bytes.Contains(p, []byte("Ctrl-C")) {
			defer cancel()
			_, rest, _ := strings.Cut(printed.String(), "in a browser:\n\n  ")
			url, _, _ := strings.Cut(rest, "\n")
			askByPage(t, url)
		}
		return len(p), nil
	})
	if err := run(ctx, out, false); err != nil {
		t.Errorf("got error %v, want none", err)
	}
}

// askByPage has the page at url send a request without a token to all services.
func askByPage(t *testing.T, url string) {
	response, err := http.Post(url+"/api/send", "application/json", strings.NewReader(`{"path":"/orders"}`))
	if err != nil {
		t.Error(err)
		return
	}
	defer response.Body.Close()
	var got struct {
		Verdicts []struct{ Service, Reason string }
	}
	if err := json.NewDecoder(response.Body).Decode(&got); err != nil || len(got.Verdicts) != 4 {
		t.Errorf("got %d verdicts and error %v, want one of each framework", len(got.Verdicts), err)
	}
	for _, v := range got.Verdicts {
		if v.Reason != "no_token" {
			t.Errorf("%s: got reason %q, want no_token", v.Service, v.Reason)
		}
	}
}

func TestUnexpectedNamesEach(t *testing.T) {
	services := []*service{{name: "left"}, {name: "right"}}
	wrong, right := verdict{200, "mallory"}, verdict{401, "expired"}
	for _, test := range []struct {
		name string
		got  []verdict
		want string
	}{
		{"none", []verdict{right, right}, ""},
		{"one", []verdict{right, wrong}, `"late" sent to right: got 200 mallory, want 401 expired`},
		{"both", []verdict{wrong, wrong}, `"late" sent to left: got 200 mallory, want 401 expired` + "\n" +
			`"late" sent to right: got 200 mallory, want 401 expired`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			if err := unexpected(services, []result{{trial{name: "late", want: right}, test.got}}); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
