package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxLeeway is the most that a Config takes.
const maxLeeway = 5 * time.Minute

func (t trial) pastMissingClaim() (advice, *trial) {
	if t.asked == nil && find(t.view.payload, "exp") == nil {
		return advice{"exp", "", "a token that never expires is never accepted"}, t.with("exp", time.Now().Add(time.Hour).Unix())
	}
	config := t.config
	if config.MaxAge > 0 && find(t.view.payload, "iat") == nil {
		config.MaxAge = 0
		next, _ := t.under(config)
		return advice{"iat", "MaxAge: 0", "a MaxAge asks for an iat; without one exp alone says when the token ends"}, next
	}
	_, required := kind(config)
	config.Profile, config.Types = "", defaultTypes()
	next, _ := t.under(config)
	note := fmt.Sprintf("only if the issuer does not follow the profile %q, which asks for %s", t.config.Profile, strings.Join(required, ", "))
	return advice{"claims", `Profile: ""`, note}, next
}

// pastDate takes a Leeway where one is large enough.
func (t trial) pastDate(claim string) (advice, *trial) {
	now := time.Now()
	at, _ := date(t.view.payload, claim)
	off, cure, note := at.Sub(now), now, "wait, or set the clocks"
	if claim == "exp" {
		off, cure, note = now.Sub(at), now.Add(time.Hour), "the client has to get a new token"
	}
	needed := off.Truncate(time.Minute) + time.Minute
	config := t.config
	if needed > maxLeeway || needed <= leeway(config) {
		return advice{claim, "", fmt.Sprintf("%s; no Leeway is that large", note)}, t.with(claim, cure.Unix())
	}
	config.Leeway = needed
	next, _ := t.under(config)
	return advice{claim, fmt.Sprintf("Leeway: %d * time.Minute", needed/time.Minute), "only where clocks differ; else " + note}, next
}

// pastAge takes the MaxAge that is just large enough.
func (t trial) pastAge() (advice, *trial) {
	at, _ := date(t.view.payload, "iat")
	config := t.config
	config.MaxAge = time.Since(at).Truncate(time.Minute) + time.Minute
	next, _ := t.under(config)
	const note = "only if a token may be that old; else the client has to get a new one"
	return advice{"iat", fmt.Sprintf("MaxAge: %d * time.Minute", config.MaxAge/time.Minute), note}, next
}

func (t trial) pastAudience() (advice, *trial) {
	config := t.config
	if aud := firstWord(texts(t.view.payload, "aud")); aud != "" {
		config.Audiences = slices.Concat(config.Audiences, []string{aud})
		next, _ := t.under(config)
		const note = "only if that is a name of this service; else the client has to ask for a token for it"
		return advice{"aud", fmt.Sprintf("Audiences: %#v", config.Audiences), note}, next
	}
	if len(config.Audiences) == 0 { // Clients alone, and an aud without a name
		return advice{"aud", "", "an aud that is there has to name this service: the issuer has to fill it in or leave it out"}, t.with("aud", nil)
	}
	id := client(t.view.payload)
	if id == "" {
		return advice{"aud", "", "the token names neither an audience nor a client"}, t.with("aud", config.Audiences[0])
	}
	if !slices.Contains(config.Clients, id) {
		config.Clients = slices.Concat(config.Clients, []string{id})
	}
	config.Audiences = nil
	next, _ := t.under(config)
	return advice{"aud", fmt.Sprintf("Clients: %#v, Audiences: nil", config.Clients), "for an issuer that sends no aud"}, next
}

func (t trial) pastClient() (advice, *trial) {
	config := t.config
	if id := client(t.view.payload); id != "" {
		config.Clients = slices.Concat(config.Clients, []string{id})
		next, _ := t.under(config)
		return advice{"client", fmt.Sprintf("Clients: %#v", config.Clients), "only if tokens of that client are meant for this service"}, next
	}
	aud := firstWord(texts(t.view.payload, "aud"))
	if aud == "" {
		return advice{"client", "", "the token names neither an audience nor a client"}, t.with("client_id", config.Clients[0])
	}
	config.Clients = nil
	if !slices.Contains(config.Audiences, aud) {
		config.Audiences = slices.Concat(config.Audiences, []string{aud})
	}
	next, _ := t.under(config)
	return advice{"client", fmt.Sprintf("Audiences: %#v, Clients: nil", config.Audiences), "the token names no client"}, next
}

// firstWord is the first text that is not empty, which no Config takes.
func firstWord(list []string) string {
	for _, text := range list {
		if text != "" {
			return text
		}
	}
	return ""
}
