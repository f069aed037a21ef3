package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jwtmw/jwtmw/core"
)

// advice is what a person can do about a refusal.
type advice struct {
	step   string // the check that failed
	config string // the line of a Config that changes the verdict; empty where none does
	note   string // what to think of before
}

// past returns what leads past a refusal and the trial with which to go on,
// which is nil where nothing does.
func (t trial) past(refusal *core.Refusal) (advice, *trial) {
	switch refusal.Reason {
	case core.ReasonWrongAlgorithm:
		return t.pastAlgorithm()
	case core.ReasonWrongIssuer:
		return t.pastIssuer()
	case core.ReasonInactive:
		return t.pastAnswer(refusal), nil
	case core.ReasonWrongType:
		if t.asked != nil {
			return t.pastAnswer(refusal), nil
		}
		return t.pastType()
	case core.ReasonMissingClaim:
		return t.pastMissingClaim()
	case core.ReasonExpired:
		return t.pastDate("exp")
	case core.ReasonNotYetValid:
		return t.pastDate("nbf")
	case core.ReasonIssuedInFuture:
		return t.pastDate("iat")
	case core.ReasonTooOld:
		return t.pastAge()
	case core.ReasonWrongAudience:
		return t.pastAudience()
	case core.ReasonWrongClient:
		return t.pastClient()
	case core.ReasonSenderConstraint:
		return t.pastConfirmation(refusal)
	case core.ReasonInvalidProof:
		return advice{"proof", "", "the client has to make another proof; the cause says what is wrong with this one"}, nil
	case core.ReasonUnknownKey:
		return advice{"key", "", t.aboutUnknownKey()}, nil
	case core.ReasonBadSignature:
		if t.view.segments[2] == "" { // which the verifier sees first
			return advice{"text", "", "the token has no signature: it was cut off, or never made"}, nil
		}
		return advice{"signature", "", "the token was changed after it was signed, or another key of the same name signed it"}, nil
	}
	if len(t.view.segments) == 1 && t.asked == nil {
		const note = "an opaque token is for its issuer to read: the client has to ask for a token for this service, by its audience or resource; " +
			"many issuers make a JWT only then. Where this issuer makes none, have it asked: -introspect here, and Keys: core.Introspection in the Config"
		return advice{"text", "", note}, nil
	}
	return advice{"text", "", "the token has to be made anew"}, nil
}

func (t trial) pastAlgorithm() (advice, *trial) {
	alg, _ := text(t.view.header, "alg")
	if slices.Contains(t.config.Algorithms, core.Algorithm(alg)) {
		return advice{"key", "", "the key that would serve it is for another algorithm"}, nil
	}
	config := t.config
	config.Algorithms = slices.Concat(config.Algorithms, []core.Algorithm{core.Algorithm(alg)})
	next, err := t.under(config)
	if err != nil {
		return advice{"alg", "", cut(err.Error())}, nil
	}
	names := make([]string, len(config.Algorithms))
	for i, name := range config.Algorithms {
		names[i] = "core." + string(name)
	}
	line := "Algorithms: []core.Algorithm{" + strings.Join(names, ", ") + "}"
	return advice{"alg", line, "pin what the issuer really signs with, and no more"}, next
}

// pastIssuer keeps the keys where they are: an address that a token names is
// not one to fetch keys from.
func (t trial) pastIssuer() (advice, *trial) {
	config := t.config
	if config.Issuer, _ = text(t.view.payload, "iss"); config.Issuer == "" {
		return advice{"iss", "", "the token names no issuer"}, t.with("iss", t.config.Issuer)
	}
	note := "only if this is the issuer you mean; what follows does not fetch its keys"
	if strings.TrimRight(config.Issuer, "/") == strings.TrimRight(t.config.Issuer, "/") {
		note = "a trailing slash counts; " + note
	}
	next, err := t.under(config)
	if err != nil {
		return advice{"iss", "", cut(err.Error())}, nil
	}
	return advice{"iss", fmt.Sprintf("Issuer: %q", config.Issuer), note}, next
}

func (t trial) pastType() (advice, *trial) {
	typ, present := text(t.view.header, "typ")
	types, _ := kind(t.config)
	switch {
	case present && typ == "":
		return advice{"typ", "", "a typ that is there and empty is never accepted"}, nil
	case slices.ContainsFunc(types, t.typed):
		return t.pastShape()
	}
	config := t.config
	if config.Profile != "" {
		config.Profile, config.Types = "", defaultTypes()
		if slices.ContainsFunc(config.Types, t.typed) {
			next, _ := t.under(config)
			return advice{"typ", `Profile: ""`, fmt.Sprintf("only if this issuer's tokens are not of the kind %q", t.config.Profile)}, next
		}
	}
	config.Types = slices.Concat(config.Types, []string{typ})
	next, err := t.under(config)
	if err != nil {
		return advice{"typ", "", cut(err.Error())}, nil
	}
	line := fmt.Sprintf("Types: %#v", config.Types)
	if t.config.Profile != "" { // beside which there may be no Types
		line += `, Profile: ""`
	}
	return advice{"typ", line, "only if the issuer gives its access tokens this type"}, next
}

// pastShape is for a token that only its claims give away.
func (t trial) pastShape() (advice, *trial) {
	if find(t.view.payload, "events") != nil {
		return advice{"typ", "", "this is a logout or security event token, by its events: it is never an access token"}, t.with("events", nil)
	}
	const note = "this is an ID token, meant for the client that logged the user in: send the access token"
	config := t.config
	config.Profile, config.Types = core.ProfileIDToken, nil
	if types, _ := kind(config); !slices.ContainsFunc(types, t.typed) {
		return advice{"typ", "", note}, nil
	}
	next, _ := t.under(config)
	return advice{"typ", "Profile: core.ProfileIDToken, Types: nil", "but " + note}, next
}

// typed says whether the token is of the type.
func (t trial) typed(accepted string) bool {
	typ, _ := text(t.view.header, "typ")
	return sameType(accepted, typ)
}

// sameType compares as RFC 7515 section 4.1.9 has it.
func sameType(a, b string) bool {
	bare := func(typ string) string {
		if rest, ok := strings.CutPrefix(strings.ToLower(typ), "application/"); ok && !strings.Contains(rest, "/") {
			return rest
		}
		return strings.ToLower(typ)
	}
	return bare(a) == bare(b)
}

func (t trial) aboutUnknownKey() string {
	kid, named := text(t.view.header, "kid")
	switch {
	case !named:
		return "the issuer has to name the key in the token"
	case slices.Contains(t.keys.kids, kid):
		return "the set has a key of this name, but it is among the skipped ones"
	}
	return "the token is from another issuer or environment, or its key was taken out of the set"
}
