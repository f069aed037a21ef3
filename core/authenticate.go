package core

import (
	"context"
	"slices"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// authenticate finds out who signed a token that nobody remembers.
func (v *Verifier) authenticate(ctx context.Context, t *attempt) *Refusal {
	if v.opaque != nil && isOpaque(t.token) {
		return v.introspect(ctx, t)
	}
	scratch := scratches.Get().(*scratch)
	defer scratches.Put(scratch)
	if refusal := v.read(t, scratch); refusal != nil {
		return refusal
	}
	if refusal := v.issuerOf(ctx, t); refusal != nil {
		return refusal
	}
	// Before the key: a token that could not pass anyway must not cost a fetch.
	if refusal := t.issuer.judge(t.header, &t.payload, t.presentation, t.now); refusal != nil {
		return refusal
	}
	if refusal := v.key(ctx, t); refusal != nil {
		return refusal
	}
	if err := t.key.Verify(t.header.Algorithm, t.compact.Signed, t.signature); err != nil {
		return refuse(ReasonBadSignature, err)
	}
	v.remember(t)
	return nil
}

// introspect asks the one issuer that hands out opaque tokens (RFC 7662).
func (v *Verifier) introspect(ctx context.Context, t *attempt) *Refusal {
	t.issuer = v.opaque
	found, refusal := t.issuer.introspector.ask(ctx, t.token)
	switch {
	case refusal != nil:
		return refusal
	case !found.active:
		return refuse(ReasonInactive, &mismatch{"active", "false", []string{"true"}})
	}
	t.payload = found.payload
	t.payload.Claims = found.clone()
	return t.issuer.judgeFinding(found, &t.payload, t.presentation, time.Now()) // the call took its time
}

// read takes the token apart and its JSON in, without believing any of it.
func (v *Verifier) read(t *attempt, scratch *scratch) *Refusal {
	var err error
	if t.compact, err = jws.Split(t.token); err != nil {
		return refuseSyntax(err)
	}
	if t.header, t.familiar, err = v.headers.parse(t.compact.Header); err != nil {
		return refuseSyntax(err)
	}
	// The payload can be long; a token of an algorithm that nobody pinned ends
	// before it is decoded.
	if !slices.Contains(v.algorithms, t.header.Algorithm) {
		return refuse(ReasonWrongAlgorithm, &wrongAlgorithm{t.header.Algorithm, v.algorithms})
	}
	if t.signature, err = scratch.signature(t.compact.Signature); err != nil {
		return refuseSyntax(err)
	}
	if len(t.signature) == 0 {
		return refuse(ReasonBadSignature, jws.ErrSignature) // before it could cost a fetch
	}
	text, err := scratch.text(t.compact.Payload)
	if err != nil {
		return refuseSyntax(err)
	}
	var refusal *Refusal
	t.payload, refusal = readPayload(text)
	return refusal
}

// issuerOf finds who answers for the token's "iss". Only a tenant that is not
// known yet costs anything.
func (v *Verifier) issuerOf(ctx context.Context, t *attempt) (refusal *Refusal) {
	name := t.payload.Issuer
	if t.issuer = v.issuers[name]; t.issuer != nil {
		return nil
	}
	if v.tenants.admits(name) {
		t.issuer, refusal = v.tenants.find(ctx, &t.payload, t.presentation, t.now)
		return refusal
	}
	return refuse(ReasonWrongIssuer, &mismatch{"iss", name, v.trusted})
}

// key finds the one key that may have signed the token.
func (v *Verifier) key(ctx context.Context, t *attempt) *Refusal {
	key, answered, err := t.issuer.keys.Key(ctx, t.header.KeyID, t.header.HasKeyID, t.header.Algorithm)
	if err != nil {
		return refuseKey(err)
	}
	t.key = key
	// The wait, for a tenant or for keys, may have outlasted the token.
	return t.issuer.judgeTime(t.payload.Claims, answered)
}

// remember learns from a token that verified what makes the next one cheaper.
// Whoever holds no trusted key can teach nothing.
func (v *Verifier) remember(t *attempt) {
	t.payload.Header = Header{Algorithm(t.header.Algorithm), t.header.KeyID, t.header.Type}
	v.tenants.proved(t.issuer)
	if !t.familiar {
		v.headers.remember(t.compact.Header, t.header)
	}
	v.tokens.remember(t)
}
