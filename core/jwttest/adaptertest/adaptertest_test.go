package adaptertest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// handmade is an adapter for net/http, written here so that it can be broken in one place at a time.
type handmade struct {
	request   func(core.Request) core.Request                          // what the guard gets to see
	context   func(before, after context.Context) context.Context      // what the handler gets
	refuse    func(w http.ResponseWriter, refusal *core.Refusal)       // writes the answer
	goOn      bool                                                     // the handler runs after a refusal
	fromStore func(ctx context.Context) (claims *core.Claims, ok bool) // the adapter's FromContext
	require   func(context.Context, ...core.Requirement) error
	mount     func(core.Guard) core.Guard
	store     func(claims *core.Claims) any // what the framework's own store holds
	recovers  bool                          // a panic of the handler is stopped before the guard
	keeps     bool                          // requirements are not copied
	owes      bool                          // an answer has none of the headers that it should have
}

// correct returns an adapter with no mistake.
func correct() handmade {
	return handmade{
		request:   func(r core.Request) core.Request { return r },
		context:   func(_, after context.Context) context.Context { return after },
		refuse:    writeRefusal,
		fromStore: core.FromContext,
		require:   core.Require,
		mount:     core.Guard.MustValidate,
		store:     untyped,
	}
}

func (h handmade) serve(l net.Listener, routes []Route) error {
	mux := http.NewServeMux()
	for _, route := range routes {
		if len(route.Configs) > 0 {
			guard := core.MustGuard(route.Configs...)
			route.Guard = &guard
		}
		if route.Guard != nil {
			guard := h.mount(*route.Guard)
			route.Guard = &guard
		}
		if route.Metadata != nil {
			if _, err := route.Metadata.Document(); err != nil {
				panic(err)
			}
		}
		if !h.keeps {
			route.Requirements = slices.Clone(route.Requirements)
		}
		mux.HandleFunc(route.Path, func(w http.ResponseWriter, r *http.Request) { h.answer(w, r, route) })
	}
	return http.Serve(l, mux)
}

// untyped is a nil that equals nil where nobody is there.
func untyped(claims *core.Claims) any {
	if claims == nil {
		return nil
	}
	return claims
}

func (h handmade) answer(w http.ResponseWriter, r *http.Request, route Route) {
	if route.Metadata != nil {
		document, _ := route.Metadata.Document()
		w.Header().Set("Content-Type", "application/json")
		w.Write(document)
		return
	}
	defer route.Recover()
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
	if h.recovers {
		defer func() { _ = recover() }()
	}
	if !h.owes {
		core.SetHeaders(ctx, w.Header().Set)
	}
	claims, ok := h.fromStore(ctx)
	store := func(string) any { return h.store(claims) }
	json.NewEncoder(w).Encode(route.See(claims, ok, store, ctx))
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
		h.fromStore = func(context.Context) (*core.Claims, bool) { return &core.Claims{Subject: jwttest.Subject}, true }
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
	{"the store holds a typed nil", func(h *handmade) {
		h.store = func(claims *core.Claims) any { return claims }
	}, "optional: no token"},
	{"a handler's panic is stopped", func(h *handmade) { h.recovers = true }, "a handler's panic passes the guard"},
	{"what an answer owes is forgotten", func(h *handmade) { h.owes = true }, "S90 a nonce of the retiring secret"},
	{"requirements are kept", func(h *handmade) { h.keeps = true }, "T1 what is mounted is a copy"},
	{"sources are kept", func(h *handmade) { h.mount = func(g core.Guard) core.Guard { return g } }, "T1 what is mounted is a copy"},
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

func TestTableFindsAGuardThatIsNotValidated(t *testing.T) {
	h := correct()
	h.mount = func(g core.Guard) core.Guard { return g }
	for _, mistake := range startUpMistakes() {
		if mistake.route.Guard != nil && len(mistake.judge(h.serve)) == 0 {
			t.Errorf("row %q passed, want it to fail", mistake.name)
		}
	}
}

func TestTablePassesNetHTTPsRequest(t *testing.T) {
	TestRequest(t, witnessed(core.HTTPRequest))
}

func TestTableFindsMistakesInARequest(t *testing.T) {
	for name, request := range map[string]func(*http.Request) core.Request{
		"a URL in the path": func(r *http.Request) core.Request { return altered{core.HTTPRequest(r), r.URL.Path[1:], r.Host} },
		"an escaped slash":  func(r *http.Request) core.Request { return altered{core.HTTPRequest(r), r.URL.Path, r.Host} },
		"dot segments": func(r *http.Request) core.Request {
			return altered{core.HTTPRequest(r), path.Clean(r.URL.Path), r.Host}
		},
		"an absolute target":   func(r *http.Request) core.Request { return altered{core.HTTPRequest(r), r.RequestURI, r.Host} },
		"the path of a query":  func(r *http.Request) core.Request { return altered{core.HTTPRequest(r), r.RequestURI, r.Host} },
		"the host with a port": func(r *http.Request) core.Request { return altered{core.HTTPRequest(r), r.RequestURI, "api.test"} },
		"names in any case":    func(r *http.Request) core.Request { return firstLine{core.HTTPRequest(r)} },
		"forwarded hosts and paths": func(r *http.Request) core.Request {
			return altered{core.HTTPRequest(r), r.RequestURI, cmp.Or(r.Header.Get("X-Forwarded-Host"), r.Host)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			app := startWitness(t, witnessed(request), nil)
			row := requestRows[slices.IndexFunc(requestRows, func(r requestRow) bool { return r.name == name })]
			if len(app.judge(row)) == 0 {
				t.Error("the row passed, want it to fail")
			}
		})
	}
}

func witnessed(request func(*http.Request) core.Request) func(net.Listener, func(core.Request)) error {
	return func(l net.Listener, see func(core.Request)) error {
		return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			see(request(r))
			w.WriteHeader(http.StatusNoContent)
		}))
	}
}

// altered is a request with another path and host.
type altered struct {
	core.Request
	path, host string
}

func (a altered) Path() string { return a.path }
func (a altered) Host() string { return a.host }

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
	app, err := start(h.serve)
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
	app, err := start(func(net.Listener, []Route) error { return net.ErrClosed })
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
	app, err := start(h.serve)
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
