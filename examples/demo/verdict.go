package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// verdict is what a service said to a request.
type verdict struct {
	status int
	text   string // who passed, or the reason of the refusal
}

func (v verdict) String() string { return fmt.Sprintf("%d %s", v.status, v.text) }

// result is a trial and its verdicts, one for each service.
type result struct {
	trial
	got []verdict
}

// tryAll sends every trial to every service.
func tryAll(ctx context.Context, services []*service, trials []trial) ([]result, error) {
	client := &http.Client{Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	results := make([]result, len(trials))
	for i, t := range trials {
		results[i].trial = t
		for _, s := range services {
			got, err := try(ctx, client, s.url, t)
			if err != nil {
				return nil, fmt.Errorf("%q sent to %s: %w", t.name, s.name, err)
			}
			results[i].got = append(results[i].got, got)
		}
	}
	return results, nil
}

// try sends one request and reads the answer: the claims of who passed, or the
// problem details of a refusal (RFC 9457).
func try(ctx context.Context, client *http.Client, url string, t trial) (verdict, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return verdict{}, err
	}
	request.Header["Authorization"] = t.authorization
	if t.proof != nil {
		request.Header.Set("DPoP", t.proof(url))
	}
	response, err := client.Do(request)
	if err != nil {
		return verdict{}, err
	}
	defer response.Body.Close()
	var body struct{ Sub, Reason string }
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		return verdict{}, fmt.Errorf("status %d with a body that is not JSON: %w", response.StatusCode, err)
	}
	return verdict{response.StatusCode, cmp.Or(body.Reason, body.Sub)}, nil
}
