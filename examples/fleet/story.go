package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// story is what the program shows. Each step holds an answer against the one that
// is expected.
type story struct {
	out      io.Writer
	server   *server
	login    *login
	replicas []*replica
	wrong    []error
}

const passes = "200"

func (s *story) tell(ctx context.Context) error {
	alice, err := s.login.token(ctx, "alice")
	if err != nil {
		return err
	}
	bob, err := s.login.token(ctx, "bob")
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%-44s", "")
	for _, r := range s.replicas {
		fmt.Fprintf(s.out, " %-28s", r.name)
	}
	fmt.Fprintln(s.out)
	s.row("alice", alice, passes)
	s.row("bob", bob, passes)
	s.expect("key fetches of three replicas", fmt.Sprint(s.login.fetches.Load()), "1")

	prover := jwttest.NewProver("ES256")
	eve, err := s.login.bound(ctx, "eve", prover.Confirmation())
	if err != nil {
		return err
	}
	s.replay(eve, prover.Proof("GET", api+"/", eve, nil))

	fmt.Fprintln(s.out, "\nalice logs out on the first")
	s.expect("POST /logout", s.ask(http.MethodPost, s.replicas[0].url+"/logout", alice), passes)
	began := time.Now()
	s.expect("alice, there, at once", s.ask(http.MethodGet, s.replicas[0].url, alice), "401 revoked")
	for _, r := range s.replicas[1:] {
		s.until("alice, "+r.name, 5*time.Second, r, alice, "401 revoked", began)
	}
	s.row("bob", bob, passes)

	fmt.Fprintln(s.out, "\nthe server is killed")
	s.server.halt()
	s.row("bob, while the last list serves", bob, passes)
	s.row("alice", alice, "401 revoked")
	s.expect("POST /logout of bob", s.ask(http.MethodPost, s.replicas[0].url+"/logout", bob), "503")
	_, err = s.login.token(ctx, "carol")
	s.expect("the issuer signs with the keys in hand", fmt.Sprint(err == nil), "true")
	s.expect("a DPoP proof, which nobody could remember", s.ask(http.MethodGet, s.replicas[0].url, eve, prover.Proof("GET", api+"/", eve, nil)), "503 replay_unavailable")
	for _, r := range s.replicas {
		s.until("bob, past MaxAge and MaxStale, "+r.name, 10*time.Second, r, bob, "503 "+string(core.ReasonRevocationUnavailable), time.Now())
	}
	s.row("alice", alice, "401 revoked")

	fmt.Fprintln(s.out, "\nthe server starts again")
	if err := s.server.start(ctx); err != nil {
		return err
	}
	for _, r := range s.replicas {
		s.until("bob, "+r.name, 10*time.Second, r, bob, passes, time.Now())
	}
	s.row("alice", alice, "401 revoked")
	return errors.Join(s.wrong...)
}

// replay sends one proof to all replicas at once. Which of them is first nobody
// knows.
func (s *story) replay(token, proof string) {
	answers := make([]string, len(s.replicas))
	var group sync.WaitGroup
	for n, r := range s.replicas {
		group.Go(func() { answers[n] = s.ask(http.MethodGet, r.url, token, proof) })
	}
	group.Wait()
	fmt.Fprintf(s.out, "%-44s", "  one DPoP proof to all at once")
	for _, got := range answers {
		fmt.Fprintf(s.out, " %-28s", got)
	}
	fmt.Fprintln(s.out)
	slices.Sort(answers)
	s.hold("one DPoP proof to all at once", strings.Join(answers, ", "), passes+", 401 replayed_proof, 401 replayed_proof")
}

// row asks every replica.
func (s *story) row(what, token, want string) {
	fmt.Fprintf(s.out, "%-44s", "  "+what)
	for _, r := range s.replicas {
		got := s.ask(http.MethodGet, r.url, token)
		fmt.Fprintf(s.out, " %-28s", got)
		s.hold(what+", "+r.name, got, want)
	}
	fmt.Fprintln(s.out)
}

func (s *story) expect(what, got, want string) {
	fmt.Fprintf(s.out, "%-44s %s\n", "  "+what, got)
	s.hold(what, got, want)
}

func (s *story) hold(what, got, want string) {
	if got != want {
		s.wrong = append(s.wrong, fmt.Errorf("%s: got %s, want %s", what, got, want))
	}
}

// until asks one replica until it answers as expected.
func (s *story) until(what string, limit time.Duration, r *replica, token, want string, began time.Time) {
	got := ""
	for deadline := time.Now().Add(limit); got != want && time.Now().Before(deadline); {
		if got = s.ask(http.MethodGet, r.url, token); got != want {
			time.Sleep(20 * time.Millisecond)
		}
	}
	fmt.Fprintf(s.out, "%-44s %s after %v\n", "  "+what, got, time.Since(began).Round(10*time.Millisecond))
	s.hold(what, got, want)
}

// ask returns the status of an answer, and the reason of a refusal. With a proof
// the token is not sent as a bearer's.
func (s *story) ask(method, url, token string, proof ...string) string {
	request, err := http.NewRequest(method, url, nil)
	if err != nil {
		return err.Error()
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if len(proof) > 0 {
		request.Header.Set("Authorization", "DPoP "+token)
		request.Header.Set("DPoP", proof[0])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	var problem struct{ Reason string }
	_ = json.NewDecoder(io.LimitReader(response.Body, 1<<16)).Decode(&problem) // a greeting is no JSON
	return strings.TrimSpace(fmt.Sprint(response.StatusCode, " ", problem.Reason))
}
