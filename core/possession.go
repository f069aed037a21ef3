package core

import (
	"fmt"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/proof"
)

// possess has the sender prove that it holds the keys to which its token is bound.
// A token that was remembered is no exception.
func (t *attempt) possess() *Refusal {
	bound := t.payload.confirmation
	if refusal := t.issuer.judgeConfirmation(bound, t.presentation); refusal != nil {
		return refusal
	}
	if bound.x5t != "" {
		switch got, err := t.issuer.ClientCert.thumbprint(t.request); {
		case err != nil:
			return refuseBinding(notShown, err)
		case got != bound.x5t:
			return refuseBinding(otherCertificate, &mismatch{"x5t#S256", bound.x5t, []string{got + ", the client's"}})
		}
		t.payload.Bound = "x5t#S256"
	}
	if bound.jkt == "" {
		return nil
	}
	if refusal := t.judgeProof(); refusal != nil {
		return refusal
	}
	t.payload.Bound = "jkt"
	return nil
}

// judgeProof judges the request's proof by everything but whether it was used.
func (t *attempt) judgeProof() *Refusal {
	fields := t.request.Header("Dpop") // as net/http's map spells it
	if len(fields) != 1 {              // RFC 9449 section 4.3, 1
		return refuse(ReasonInvalidProof, fmt.Errorf("got %d fields of DPoP, want one", len(fields)))
	}
	rules, now := t.issuer.proofs, time.Now() // the token may have waited for keys
	proven, fault := rules.Judge(proof.Question{
		Proof: strings.Trim(fields[0], " \t"), Token: t.token, Thumbprint: t.payload.confirmation.jkt,
		Method: t.request.Method(), Path: t.request.Path(), Now: now,
	})
	if fault == nil {
		t.proven = proven
		return nil
	}
	switch fault.Kind {
	case proof.OtherKey: // RFC 9449 section 7.1, figure 16
		return refuseBinding(otherKey, fault)
	case proof.WantsNonce:
		r := refuse(ReasonUseDPoPNonce, fault)
		r.nonce = rules.Nonces.At(now)
		return r
	}
	return refuse(ReasonInvalidProof, fault)
}
