package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	jwtmiddleware "github.com/auth0/go-jwt-middleware/v3"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

// maxProofs are made for one task. Each passes once, and making one takes as long as signing.
const maxProofs = 20_000

// errUsedUp says that a round measured refusals, or would have.
var errUsedUp = errors.New("the proofs are used up: fewer rounds, or shorter ones")

// proofClient holds a key to which a token is bound.
type proofClient struct {
	*jwttest.Prover
	token string
}

func newProofClient(f *fixture, alg string) proofClient {
	prover := jwttest.NewProver(alg)
	return proofClient{prover, f.sign(f.header(), payload(map[string]any{"cnf": prover.Confirmation()}))}
}

// prove makes a task of one request after another, each with a proof of its own.
func (c proofClient) prove(p plan, name string, h http.Handler) task {
	proofs := make([]string, maxProofs)
	if p.small {
		proofs = proofs[:200]
	}
	for i := range proofs {
		proofs[i] = c.Proof("GET", "https://api.example/orders", c.token, nil)
	}
	next := 0
	send := sender(h, "DPoP "+c.token, http.StatusNoContent)
	return task{name, func() error {
		if next == len(proofs) {
			panic(errUsedUp) // the measurement does not look at errors, and would be of another thing
		}
		proof := proofs[next]
		next++
		return send(proof)
	}}
}

// sender makes a function that sends the same request with another proof, "" for none.
func sender(h http.Handler, authorization string, want int) func(proof string) error {
	r, err := http.NewRequest(http.MethodGet, "https://api.example/orders", nil)
	if err != nil {
		panic(err) // the URL above is one
	}
	r.RequestURI, r.TLS = "/orders", &tls.ConnectionState{} // by which auth0's middleware knows the scheme
	r.Header.Set("Authorization", authorization)
	return func(proof string) error {
		if proof != "" {
			r.Header["Dpop"] = []string{proof}
		}
		w := newAnswer()
		h.ServeHTTP(w, r)
		if w.status != want {
			return fmt.Errorf("got status %d, want %d", w.status, want)
		}
		return nil
	}
}

// proofTable compares whole requests of tokens that are bound to a key.
func proofTable(w io.Writer, p plan) error {
	f := newFixture("ES256")
	base, err := primitive(f)
	if err != nil {
		return err
	}
	config := jwtmwConfig(f)
	config.DPoP = core.DPoP{URLs: []string{"https://api.example"}, MaxAge: 5 * time.Minute}
	ours := jwtmw.NetHTTP(config)(proofHandler())
	config.TokenCache = 1024
	cached := jwtmw.NetHTTP(config)(proofHandler())
	peer, err := auth0Proofs(f)
	if err != nil {
		return err
	}
	es, rs, ed := newProofClient(f, "ES256"), newProofClient(f, "RS256"), newProofClient(f, "Ed25519")
	bearer := func(name string, h http.Handler) task {
		send := sender(h, "Bearer "+f.token, http.StatusNoContent)
		return task{name, func() error { return send("") }}
	}
	garbage := func(name, proof string) task {
		send := sender(ours, "DPoP "+es.token, http.StatusUnauthorized)
		return task{name, func() error { return send(proof) }}
	}
	thief := jwttest.NewProver("ES256").Proof("GET", "https://api.example/orders", es.token, nil)
	late := es.Proof("GET", "https://api.example/orders", es.token, map[string]any{"iat": 1})
	tasks := []task{
		base,
		bearer("jwtmw, Bearer", ours),
		es.prove(p, "jwtmw, ES256 proof", ours),
		rs.prove(p, "jwtmw, RS256 proof", ours),
		ed.prove(p, "jwtmw, Ed25519 proof", ours),
		bearer("jwtmw, Bearer, token remembered", cached),
		es.prove(p, "jwtmw, ES256 proof, token remembered", cached),
		garbage("jwtmw, a proof that is garbage", "garbage.in.parts"),
		garbage("jwtmw, a proof of another key", thief),
		garbage("jwtmw, a proof that is too old", late),
		bearer("auth0 middleware, Bearer", peer),
		es.prove(p, "auth0 middleware, ES256 proof", peer),
		rs.prove(p, "auth0 middleware, RS256 proof", peer),
	}
	costs, err := measure(p, tasks)
	if err != nil {
		return err
	}
	own, _ := named(costs, "jwtmw, Bearer")
	m := markdown{columns: []string{"one request, ES256 token", "µs", "of the primitive", "of jwtmw's Bearer", "allocations"}}
	for _, c := range costs {
		m.add(c.name, micros(c.median()), times(c.ratio(costs[0])), times(c.ratio(own)), fmt.Sprintf("%.0f", c.allocs))
	}
	m.write(w, "Bound tokens", "Whole requests under net/http, each with a DPoP proof of its own that passes once. auth0's middleware remembers no proofs.")
	return nil
}

func proofHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, ok := jwtmw.FromContext(r.Context())
		w.WriteHeader(statusOf(ok && claims.Subject != ""))
	})
}

func auth0Proofs(f *fixture) (http.Handler, error) {
	v, err := auth0Validator(f)
	if err != nil {
		return nil, err
	}
	m, err := jwtmiddleware.New(jwtmiddleware.WithValidator(v), jwtmiddleware.WithDPoPMode(jwtmiddleware.DPoPAllowed))
	if err != nil {
		return nil, err
	}
	return m.CheckJWT(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })), nil
}
