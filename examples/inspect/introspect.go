package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/jwtmw/jwtmw/core"
)

// secretVariable names the environment variable for a client secret without a file.
const secretVariable = "INSPECT_CLIENT_SECRET"

// askFlags are what the command line says of a question to the issuer.
type askFlags struct {
	ask                       bool
	url, clientID, secretFile string
}

func (f *askFlags) define(flags *flag.FlagSet) {
	flags.BoolVar(&f.ask, "introspect", false, "send an opaque token to its issuer, and judge what that says of it (RFC 7662)")
	flags.StringVar(&f.url, "introspect-url", "", "the introspection endpoint's `URL` (default: as the issuer's metadata name it)")
	flags.StringVar(&f.clientID, "client-id", "", "the `id` by which the issuer knows this service")
	flags.StringVar(&f.secretFile, "client-secret-file", "", "a `file` with this service's client secret (default $"+secretVariable+")")
}

// read makes the Introspection that the flags describe, nil where none was asked for.
// There is no flag for the secret itself: command lines are kept and listed.
func (f askFlags) read() (*core.Introspection, error) {
	if !f.ask {
		if f.url+f.clientID+f.secretFile != "" {
			return nil, errors.New("-introspect is missing beside -introspect-url, -client-id or -client-secret-file")
		}
		return nil, nil
	}
	asked := &core.Introspection{URL: f.url, ClientID: f.clientID, Secret: core.Secret(os.Getenv(secretVariable))}
	if f.secretFile != "" {
		secret, err := secretFile(f.secretFile)
		if err != nil {
			return nil, err
		}
		asked.Secret = secret.(core.Secret)
	}
	return asked, nil
}

// opaqueConfig is config for the tokens of an issuer that has to be asked. What it
// says of JWTs means nothing to them.
func opaqueConfig(config core.Config, asked core.Introspection, transport http.RoundTripper) core.Config {
	asked.Client = &http.Client{Transport: transport}
	config.Keys, config.Algorithms, config.Types, config.Profile = asked, nil, nil, ""
	return config
}

// isSendable says whether an issuer may see the token at all: what has the dots of a
// JWT or a JWE may be another issuer's. Whether it is asked about is for core to say.
func isSendable(v view) bool { return len(v.segments) != 3 && len(v.segments) != 5 }

// answer is what the issuer said of a token.
type answer struct {
	asked     core.Introspection
	exchanges []exchange
	document  []byte // nil: it was not asked, or err
	members   []member
	err       error // why there is no answer
}

// askIssuer has a Verifier ask the issuer, and keeps what it answered.
func askIssuer(ctx context.Context, t trial, asked core.Introspection) (answer, error) {
	recorder := &recorder{next: http.DefaultTransport}
	a := answer{asked: asked}
	verifier, err := core.New(opaqueConfig(t.config, asked, recorder))
	if err != nil {
		return a, err
	}
	refusal := core.RefusalOf(t.verify(ctx, verifier))
	a.exchanges = recorder.all()
	switch {
	case refusal != nil && refusal.Reason == core.ReasonIntrospectionUnavailable:
		a.err = errors.New(causeOf(refusal))
	case len(a.exchanges) > 0:
		a.document = a.exchanges[len(a.exchanges)-1].body.Bytes()
		a.members, a.err = objectIn(string(a.document))
	}
	return a, nil
}

// answered is the trial of a token whose issuer says document of it, asked about
// nowhere but here.
func (t trial) answered(asked core.Introspection, document []byte) trial {
	asked.URL = "https://replay.invalid/"
	t.config = opaqueConfig(t.config, asked, replay{document, nil})
	t.asked = &asked
	t.view.payload, _ = objectIn(string(document))
	return t
}

// inspectOpaque is the rest of the program for a token that only its issuer can read.
func inspectOpaque(out, errs report, t trial, asked core.Introspection) (status int) {
	ctx := context.Background()
	a, err := askIssuer(ctx, t, asked)
	if err != nil {
		return errs.fail(err)
	}
	out.answer(a)
	if a.err != nil {
		out.line("")
		out.line("Verdict: none without an answer.")
		return errs.fail(fmt.Errorf("no verdict, because the issuer's answer cannot be had: %w", a.err))
	}
	t = t.answered(asked, a.document)
	found, err := examine(ctx, t)
	if err != nil {
		return errs.fail(err)
	}
	out.mark(opaqueOrder(t), found)
	out.verdict(found, true)
	if len(found.findings) > 0 {
		return refused
	}
	return passed
}

// answer shows what was asked, and what the issuer said.
func (r report) answer(a answer) {
	r.line("")
	r.line("What the issuer says of it, to the client %q", cut(a.asked.ClientID))
	if len(a.exchanges) == 0 {
		r.line("  asked    nobody: it is no token that a verifier asks about")
	}
	for _, e := range a.exchanges {
		r.line("  asked    %s, status %d", cut(e.url), e.status)
	}
	if last := len(a.exchanges) - 1; last >= 0 && a.exchanges[last].dated {
		r.line("  clock    %s", clockText(a.exchanges[last].ahead))
	}
	r.members("answer", a.members, nil)
}

// altered is the trial of an answer that has another value for a member; nil takes
// the member out.
func (t trial) altered(payload map[string]any) *trial {
	document, err := json.Marshal(payload)
	if err != nil {
		return nil
	}
	next := t.answered(*t.asked, document)
	next.copied = true
	return &next
}

// pastAnswer is for what an issuer alone says of a token.
func (t trial) pastAnswer(refusal *core.Refusal) advice {
	if refusal.Reason == core.ReasonInactive {
		const note = "it ended, was revoked, is of another issuer, or is none that this client may ask about: the client has to get a new one"
		return advice{"active", "", note}
	}
	if strings.Contains(causeOf(refusal), "refresh") {
		return advice{"active", "", "this is a refresh token, which is for its issuer alone: send the access token"}
	}
	return advice{"active", "", "this is no access token: send that"}
}

// opaqueOrder lists what the verifier looks at in an answer.
func opaqueOrder(t trial) []step {
	all := order(t.config, t.view, t.shown)
	steps := []step{{"active", raw(t.view.payload, "active"), "true, of an access token", false}}
	for _, s := range all {
		switch s.name {
		case "iss", "aud", "exp": // judged where the answer has them
			s.wanted = "none, or " + s.wanted
			fallthrough
		case "nbf", "iat", "client", "cnf", "proof":
			steps = append(steps, s)
		}
	}
	return steps
}
