package jwttest

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
)

// handmade is an adapter for net/http, written here so that it can be broken in one place at a time.
type handmade struct {
	request   func(core.Request) core.Request                          // what the guard gets to see
	context   func(before, after context.Context) context.Context      // what the handler gets
	refuse    func(w http.ResponseWriter, refusal *core.Refusal)       // writes the answer
	goOn      bool                                                     // the handler runs after a refusal
	fromStore func(ctx context.Context) (claims *core.Claims, ok bool) // the adapter's FromContext
	require   func(context.Context, ...core.Requirement) error
}

// correct returns an adapter with no mistake.
func correct() handmade {
	return handmade{
		request:   func(r core.Request) core.Request { return r },
		context:   func(_, after context.Context) context.Context { return after },
		refuse:    writeRefusal,
		fromStore: core.FromContext,
		require:   core.Require,
	}
}

func (h handmade) serve(l net.Listener, routes []Route) error {
	mux := http.NewServeMux()
	for _, route := range routes {
		mux.HandleFunc(route.Path, func(w http.ResponseWriter, r *http.Request) { h.answer(w, r, route) })
	}
	return http.Serve(l, mux)
}

func (h handmade) answer(w http.ResponseWriter, r *http.Request, route Route) {
	if route.Metadata != nil {
		document, _ := route.Metadata.Document()
		w.Header().Set("Content-Type", "application/json")
		w.Write(document)
		return
	}
	ctx, err := r.Context(), error(nil)
	if route.Guard != nil {
		ctx, err = route.Guard.Check(ctx, h.request(core.HTTPRequest(r)))
		ctx = h.context(r.Context(), ctx)
	}
	if err == nil && len(route.Requirements) > 0 {
		err = h.require(ctx, route.Requirements...)
	}
	if err != nil {
		h.refuse(w, core.RefusalOf(err))
		if !h.goOn {
			return
		}
	}
	claims, ok := h.fromStore(ctx)
	json.NewEncoder(w).Encode(route.See(claims, ok, ctx))
}

func writeRefusal(w http.ResponseWriter, refusal *core.Refusal) {
	refusal.SetHeaders(w.Header().Set)
	body, _ := refusal.MarshalJSON()
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(refusal.Status)
	w.Write(body)
}

// firstLine is a request of which only the first line of each header is seen.
type firstLine struct{ core.Request }

func (f firstLine) Header(name string) []string {
	lines := f.Request.Header(name)
	return lines[:min(1, len(lines))]
}

// noHost is a request whose host nobody knows.
type noHost struct{ core.Request }

func (noHost) Host() string { return "" }

// reusedMemory puts the claims of each request where those of the last one were.
func reusedMemory() func(context.Context) (*core.Claims, bool) {
	var shared core.Claims
	return func(ctx context.Context) (*core.Claims, bool) {
		claims, ok := core.FromContext(ctx)
		if !ok {
			return nil, false
		}
		shared = *claims
		return &shared, true
	}
}

// mistakes are what an adapter can do wrong.
var mistakes = []struct {
	name   string
	damage func(*handmade)
	row    string // a row that must fail
}{
	{"only the first header line is seen", func(h *handmade) {
		h.request = func(r core.Request) core.Request { return firstLine{r} }
	}, "C01 two Authorization headers"},
	{"the host is not known", func(h *handmade) {
		h.request = func(r core.Request) core.Request { return noHost{r} }
	}, "POST from the same origin, older browser"},
	{"the handler runs after a refusal", func(h *handmade) { h.goOn = true }, "no token"},
	{"the context is not passed on", func(h *handmade) {
		h.context = func(before, _ context.Context) context.Context { return before }
	}, "a good token"},
	{"FromContext finds nobody", func(h *handmade) {
		h.fromStore = func(context.Context) (*core.Claims, bool) { return nil, false }
	}, "a good token"},
	{"FromContext invents somebody", func(h *handmade) {
		h.fromStore = func(context.Context) (*core.Claims, bool) { return &core.Claims{Subject: Subject}, true }
	}, "optional: no token"},
	{"Require always passes", func(h *handmade) {
		h.require = func(context.Context, ...core.Requirement) error { return nil }
	}, "C10 Require without a guard"},
	{"no headers are written", func(h *handmade) {
		h.refuse = func(w http.ResponseWriter, r *core.Refusal) {
			writeRefusal(w, &core.Refusal{Status: r.Status, Reason: r.Reason})
		}
	}, "C09 keys that cannot be had"},
	{"every refusal is 401", func(h *handmade) {
		h.refuse = func(w http.ResponseWriter, r *core.Refusal) {
			changed := *r
			changed.Status = 401
			writeRefusal(w, &changed)
		}
	}, "C01 two Authorization headers"},
	{"the challenge is written twice", func(h *handmade) {
		h.refuse = func(w http.ResponseWriter, r *core.Refusal) {
			w.Header().Add("www-authenticate", "Basic")
			r.SetHeaders(w.Header().Add)
			http.Error(w, r.Error(), r.Status)
		}
	}, "no token"},
	{"the body tells the cause", func(h *handmade) {
		h.refuse = func(w http.ResponseWriter, r *core.Refusal) {
			r.SetHeaders(w.Header().Set)
			http.Error(w, causeOf(r), r.Status)
		}
	}, "C08 a function that does not"},
}

func TestTableFindsMistakes(t *testing.T) {
	for _, mistake := range mistakes {
		t.Run(mistake.name, func(t *testing.T) {
			h := correct()
			mistake.damage(&h)
			if len(problemsOf(t, h, mistake.row)) == 0 {
				t.Errorf("row %q passed, want it to fail", mistake.row)
			}
		})
	}
}

func causeOf(err error) string {
	var text strings.Builder
	for ; err != nil; err = errors.Unwrap(err) {
		text.WriteString(err.Error() + "\n")
	}
	return text.String()
}

func TestTableFindsClaimsThatChange(t *testing.T) {
	h := correct()
	h.fromStore = reusedMemory()
	app, err := startAdapterApp(h.serve)
	if err != nil {
		t.Fatal(err)
	}
	defer app.stop()
	if problems := app.judgeKept(); len(problems) == 0 {
		t.Error("got no problem with claims that lie in reused memory, want one")
	}
}

func TestTablePassesACorrectAdapter(t *testing.T) {
	TestAdapter(t, correct().serve)
}

func TestTableSurvivesAnAppThatDoesNotStart(t *testing.T) {
	app, err := startAdapterApp(func(net.Listener, []Route) error { return net.ErrClosed })
	if err != nil {
		t.Fatal(err)
	}
	defer app.stop()
	for name, check := range app.checks() {
		if problems := check(); len(problems) == 0 {
			t.Errorf("row %q passed without an app, want it to fail", name)
		}
	}
}

// problemsOf runs one row.
func problemsOf(t *testing.T, h handmade, row string) []string {
	t.Helper()
	app, err := startAdapterApp(h.serve)
	if err != nil {
		t.Fatal(err)
	}
	defer app.stop()
	for name, check := range app.checks() {
		if name == row {
			return check()
		}
	}
	t.Fatalf("got no row %q, want one", row)
	return nil
}
