package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core"
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
	proofs := s.server.client().Replays("api:proofs:")
	_, err = proofs.Claim(ctx, "a proof", time.Minute)
	s.expect("a DPoP proof, which nobody could remember", map[bool]string{true: "503", false: passes}[err != nil], "503")
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

// ask returns the status of an answer, and the reason of a refusal.
func (s *story) ask(method, url, token string) string {
	request, err := http.NewRequest(method, url, nil)
	if err != nil {
		return err.Error()
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	var problem struct{ Reason string }
	_ = json.NewDecoder(io.LimitReader(response.Body, 1<<16)).Decode(&problem) // a greeting is no JSON
	return strings.TrimSpace(fmt.Sprint(response.StatusCode, " ", problem.Reason))
}
