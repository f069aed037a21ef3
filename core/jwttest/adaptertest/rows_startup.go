package adaptertest

import (
	"fmt"
	"net"
	"strings"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// startUpMistake is a Route that an adapter must not mount, and words of the error that it panics with.
type startUpMistake struct {
	name  string
	route Route
	want  []string
}

// startUpMistakes are what would otherwise refuse every request of a service that runs, or find no token in any.
func startUpMistakes() []startUpMistake {
	verifier := core.MustGuard(jwttest.NewIssuer("").Config()).Verifier
	guard := func(name string, g core.Guard, want ...string) startUpMistake {
		return startUpMistake{name, Route{Path: "/", Guard: &g}, want}
	}
	sources := func(name, want string, tokens ...core.TokenSource) startUpMistake {
		return guard(name, core.Guard{Verifier: verifier, Tokens: tokens}, want)
	}
	return []startUpMistake{
		guard("C12 the zero Guard", core.Guard{}, "Guard.Verifier"),
		guard("C12 the zero Verifier", core.Guard{Verifier: &core.Verifier{}}, "Guard.Verifier"),
		{"U5 the zero Config", Route{Path: "/", Configs: []core.Config{{}}}, []string{"Issuer"}},
		{"U5 metadata of nothing", Route{Path: "/", Metadata: &core.ResourceMetadata{}}, []string{"Resource"}},
		sources("U5 a nil source", "nil TokenSource", core.FromBearer(), nil),
		sources("U5 one source twice", "two sources of the Authorization header", core.FromBearer(), core.FromCookie("s"), core.FromBearer()),
		sources("U5 Authorization as a header of its own", "want FromBearer", core.FromHeader("authorization")),
		sources("U5 a cookie without a name", "FromCookie", core.FromCookie("")),
		sources("U7 a trusted origin with a path", "https://app.test/page", core.FromCookie("s", "https://app.test/page")),
		guard("C08 a realm with a line break", core.Guard{Verifier: verifier, Realm: "a\r\nX-Injected: yes"}, "Guard.Realm"),
		guard("U5 metadata that is no URL", core.Guard{Verifier: verifier, ResourceMetadata: "metadata"}, "Guard.ResourceMetadata"),
		guard("U5 every mistake at once", core.Guard{Realm: "\n", Tokens: []core.TokenSource{nil}}, "Guard.Verifier", "Guard.Realm", "Guard.Tokens"),
	}
}

// judge mounts the route, on a listener that is closed so that an adapter which does not panic comes back.
func (m startUpMistake) judge(serve func(net.Listener, []Route) error) []string {
	listener, err := listen()
	if err != nil {
		return []string{err.Error()}
	}
	listener.Close()
	m.route.calls = &handlerCalls{}
	var p problems
	got := panicOf(func() { _ = serve(listener, []Route{m.route}) })
	if got == nil {
		return []string{"the adapter did not panic, want a panic that names the mistake"}
	}
	for _, word := range m.want {
		p.addIf(!strings.Contains(fmt.Sprint(got), word), "got panic %q, want one that names %q", got, word)
	}
	return p
}

func panicOf(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}
