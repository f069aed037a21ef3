package playground

import (
	"encoding/json"
	"time"
)

// state is what the page draws anew twice a second.
type state struct {
	Fault     string      `json:"fault"`     // none, down, hang or empty
	Published []published `json:"published"` // by the issuer, faults apart
	Keys      keys        `json:"keys"`      // held by the verifier
}

// published is a key of the issuer's document.
type published struct {
	ID        string `json:"kid"`
	Algorithm string `json:"alg"`
	Signs     bool   `json:"signs"` // new tokens
}

// keys is core.IssuerStats with durations in seconds.
type keys struct {
	State       string    `json:"state"`
	Held        int       `json:"held"`
	Age         float64   `json:"age"`
	MaxAge      float64   `json:"maxAge"`
	MaxStale    float64   `json:"maxStale"`
	Fetches     int       `json:"fetches"`
	Failures    int       `json:"failures"`
	LastSuccess time.Time `json:"lastSuccess,omitzero"`
	LastFailure time.Time `json:"lastFailure,omitzero"`
	LastError   string    `json:"lastError"`
}

func (p *playground) state() state {
	p.mu.Lock()
	fault := p.fault
	p.mu.Unlock()
	s := p.verifier.Stats()[0]
	return state{
		Fault:     fault,
		Published: p.published(),
		Keys: keys{
			State: string(s.State), Held: s.Keys,
			Age: s.Age.Seconds(), MaxAge: s.MaxAge.Seconds(), MaxStale: s.MaxStale.Seconds(),
			Fetches: s.Fetches, Failures: s.Failures,
			LastSuccess: s.LastSuccess, LastFailure: s.LastFailure, LastError: s.LastError,
		},
	}
}

func (p *playground) published() []published {
	var document struct {
		Keys []published `json:"keys"`
	}
	if err := json.Unmarshal(p.issuer.JWKS(), &document); err != nil {
		return nil
	}
	signs := map[string]bool{}
	for i := len(document.Keys) - 1; i >= 0; i-- { // the last one of an algorithm signs
		key := &document.Keys[i]
		key.Signs = !signs[key.Algorithm]
		signs[key.Algorithm] = true
	}
	return document.Keys
}
