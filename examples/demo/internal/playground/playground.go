// Package playground is the demo's web page: mint a token, change it, send it
// to every service at once, and break the issuer while the key cache is
// watched.
//
// The page is playground.html alone. What a browser cannot do, such as sending
// two Authorization headers or asking services of other origins, it asks of a
// small JSON API beside it.
package playground

import (
	"net/http"
	"sync"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/revoke"
)

// Service is a program that judges tokens. It answers at / to every valid one
// and at /orders where the scope suffices.
type Service struct {
	Name string
	URL  string // without a slash at the end
}

// New returns the page and its API. The services trust the issuer by the
// verifier, whose first configured issuer it is, have DPoP in force and ask list
// what was revoked.
//
// Beside that issuer, which can do wrong, the page has an honest one, whose keys
// package issue changes.
//
// The handler signs whatever is asked of it. It answers requests to loopback
// names only, and changes nothing for a page of another origin.
func New(issuer *jwttest.Issuer, verifier *core.Verifier, list *revoke.List, services []Service) (http.Handler, error) {
	ring, err := newRing()
	if err != nil {
		return nil, err
	}
	p := &playground{
		issuer: issuer, verifier: verifier, list: list, services: services,
		client: &http.Client{Timeout: 10 * time.Second},
		prover: jwttest.NewProver("ES256"), thief: jwttest.NewProver("ES256"),
		fault: noFault,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", servePage)
	mux.Handle("GET /api/setup", get(p.setup))
	mux.Handle("GET /api/state", get(p.state))
	mux.Handle("POST /api/mint", post(p.mint))
	mux.Handle("POST /api/attack", post(p.attack))
	mux.Handle("POST /api/send", post(p.send))
	mux.Handle("POST /api/issuer", post(p.control))
	mux.Handle("POST /api/revoke", post(p.revoke))
	mux.Handle("POST /api/ring", post(ring.act))
	return loopbackOnly(http.NewCrossOriginProtection().Handler(mux)), nil
}

type playground struct {
	issuer   *jwttest.Issuer
	verifier *core.Verifier
	list     *revoke.List
	services []Service
	client   *http.Client
	prover   *jwttest.Prover // to whose key tokens are bound
	thief    *jwttest.Prover

	mu    sync.Mutex // guards fault, and keeps it in step with the issuer
	fault string
}

// setup is what does not change while the page is open.
type setup struct {
	Issuer     string       `json:"issuer"`
	Audience   string       `json:"audience"`
	Services   []string     `json:"services"`
	Algorithms []string     `json:"algorithms"` // that the issuer can sign with
	Attacks    []attackText `json:"attacks"`
}

func (p *playground) setup() setup {
	s := setup{Issuer: p.issuer.URL(), Audience: jwttest.Audience, Algorithms: jwttest.Algorithms()}
	for _, service := range p.services {
		s.Services = append(s.Services, service.Name)
	}
	for _, a := range attacks {
		s.Attacks = append(s.Attacks, a.attackText)
	}
	for _, t := range thefts {
		s.Attacks = append(s.Attacks, t.attackText)
	}
	return s
}
