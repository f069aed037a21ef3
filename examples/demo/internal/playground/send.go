package playground

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxAnswer bounds what is read of a service's answer.
const maxAnswer = 64 << 10

// parcel is a request to every service.
type parcel struct {
	Path          string   `json:"path"`          // "/" or "/orders"
	Authorization []string `json:"authorization"` // one header line each
	Proof         string   `json:"proof"`         // that goes with it: one of the constants below
}

// The proofs that may go with a request (RFC 9449). Each service gets its own, since
// a proof names the URL.
const (
	noProof  = ""
	ownProof = "own"      // of the key to which the page's tokens are bound
	thiefs   = "thief"    // of another key
	replayed = "replayed" // of the right key, and sent a second time
)

type verdicts struct {
	Verdicts []verdict `json:"verdicts"` // in the order of the services
}

// verdict is what a service answered.
type verdict struct {
	Service    string `json:"service"`
	Status     int    `json:"status"` // 0: no answer
	Reason     string `json:"reason"` // of a refusal
	Challenge  string `json:"challenge"`
	RetryAfter string `json:"retryAfter"`
	Body       string `json:"body"`
	Millis     int64  `json:"millis"` // until the answer was read
	Error      string `json:"error"`  // why there is no answer
}

// send asks every service at the same time.
func (p *playground) send(ctx context.Context, in parcel) (verdicts, error) {
	if in.Path != "/" && in.Path != "/orders" {
		return verdicts{}, fmt.Errorf("got path %.64q, want / or /orders", in.Path)
	}
	if !slices.Contains([]string{noProof, ownProof, thiefs, replayed}, in.Proof) {
		return verdicts{}, fmt.Errorf("got proof %.64q, want own, thief, replayed or none", in.Proof)
	}
	out := verdicts{make([]verdict, len(p.services))}
	var asked sync.WaitGroup
	for i, service := range p.services {
		asked.Go(func() {
			begun := time.Now()
			v, err := p.ask(ctx, service.URL+in.Path, in)
			if err != nil {
				v.Error = err.Error()
			}
			v.Service, v.Millis = service.Name, time.Since(begun).Milliseconds()
			out.Verdicts[i] = v
		})
	}
	asked.Wait()
	return out, nil
}

// ask sends the request to one service, and where a proof is to be replayed once
// more.
func (p *playground) ask(ctx context.Context, url string, in parcel) (verdict, error) {
	proof := p.proof(url, in)
	if in.Proof == replayed {
		if _, err := p.exchange(ctx, url, in.Authorization, proof); err != nil {
			return verdict{}, err
		}
	}
	return p.exchange(ctx, url, in.Authorization, proof)
}

func (p *playground) proof(url string, in parcel) string {
	if in.Proof == noProof || len(in.Authorization) == 0 {
		return ""
	}
	_, token, _ := strings.Cut(in.Authorization[0], " ")
	prover := p.prover
	if in.Proof == thiefs {
		prover = p.thief
	}
	return prover.Proof(http.MethodGet, url, token, nil)
}

func (p *playground) exchange(ctx context.Context, url string, authorization []string, proof string) (verdict, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return verdict{}, err
	}
	request.Header["Authorization"] = authorization
	if proof != "" {
		request.Header.Set("DPoP", proof)
	}
	response, err := p.client.Do(request)
	if err != nil {
		return verdict{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return verdict{}, err
	}
	var problem struct {
		Reason string `json:"reason"`
	}
	if response.Header.Get("Content-Type") == "application/problem+json" {
		_ = json.Unmarshal(body, &problem) // the page shows the body, whatever it is
	}
	return verdict{
		Status:     response.StatusCode,
		Reason:     problem.Reason,
		Challenge:  response.Header.Get("WWW-Authenticate"),
		RetryAfter: response.Header.Get("Retry-After"),
		Body:       string(body),
	}, nil
}
