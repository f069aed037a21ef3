package playground

import (
	"context"
	"fmt"
	"net/http"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// What the issuer may suffer from. The names are those of the page.
const (
	noFault = "none"
	down    = "down"
	hanging = "hang"
	empty   = "empty"
)

type command struct {
	Action string `json:"action"`
}

// control does something to the issuer and answers with the state after it.
func (p *playground) control(_ context.Context, c command) (state, error) {
	switch c.Action {
	case "rotate":
		p.issuer.Rotate()
	case "replace":
		p.issuer.Replace()
	case "retire":
		p.issuer.Retire()
	case down:
		p.suffer(down, jwttest.Fail(http.StatusServiceUnavailable))
	case hanging:
		p.suffer(hanging, jwttest.Hang())
	case empty:
		p.suffer(empty, jwttest.Empty(), jwttest.JWKS)
	case "recover":
		p.restore()
	default:
		return state{}, fmt.Errorf("got action %.64q, want rotate, replace, retire, down, hang, empty or recover", c.Action)
	}
	return p.state(), nil
}

// suffer breaks the given documents, all if none is given, and no others.
func (p *playground) suffer(fault string, how jwttest.Fault, documents ...jwttest.Document) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.issuer.Recover()
	p.issuer.Misbehave(how, documents...)
	p.fault = fault
}

func (p *playground) restore() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.issuer.Recover()
	p.fault = noFault
}
