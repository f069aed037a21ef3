package main

import (
	"crypto/rand"
	mathrand "math/rand/v2"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// forgedKinds are tokens that nobody may pass, whatever happens to the issuer and the
// store. Where the reason rests on a known key it is that reason alone: keys that
// verifiers hold serve while their issuer fails.
func forgedKinds() []kind {
	token := func(name string, weight int, forge func(w *world, rng *mathrand.Rand) string, allowed ...string) kind {
		return kind{name, weight, func(w *world, rng *mathrand.Rand, _ *replica) (request, bool) {
			text := forge(w, rng)
			return request{fields: bearer(text), token: text, allowed: only(allowed...)}, text != ""
		}}
	}
	issuer := func(claims map[string]any, options ...jwttest.TokenOption) func(*world, *mathrand.Rand) string {
		return func(w *world, _ *mathrand.Rand) string { return w.turning.issuer.Token(claims, options...) }
	}
	return []kind{
		{"no token", 1, func(*world, *mathrand.Rand, *replica) (request, bool) {
			return request{allowed: only(noToken)}, true
		}},
		{"two tokens", 1, func(w *world, rng *mathrand.Rand, _ *replica) (request, bool) {
			t := w.turning.pickGood(rng)
			if t == nil {
				return request{}, false
			}
			return request{fields: append(bearer(t.text), bearer(t.text)...), token: t.text, allowed: only(twoTokens)}, true
		}},
		token("unsigned", 1, issuer(nil, jwttest.Unsigned()), wrongAlg),
		token("HS256 under the public key", 1, confused, wrongAlg),
		token("another signature", 3, otherSignature, badSignature),
		token("another payload", 2, otherPayload, badSignature),
		token("another's key under a known kid", 2, func(w *world, rng *mathrand.Rand) string { return w.impostor(rng) }, badSignature),
		token("an invented kid", 4, func(w *world, _ *mathrand.Rand) string {
			return w.evil.Token(nil, jwttest.KeyID(rand.Text()), jwttest.Algorithm("ES256"))
		}, unknownKey, noKeys),
		token("expired", 2, func(w *world, _ *mathrand.Rand) string {
			return w.turning.issuer.Token(map[string]any{"exp": time.Now().Add(-time.Hour).Unix()})
		}, expired),
		token("for another service", 1, issuer(map[string]any{"aud": "https://elsewhere.test"}), wrongAud),
		token("of another issuer", 1, issuer(map[string]any{"iss": "https://elsewhere.test"}), wrongIssuer),
		token("noise", 1, func(*world, *mathrand.Rand) string { return rand.Text() + "." + rand.Text() + "." + rand.Text() }, malformed),
	}
}

func confused(w *world, _ *mathrand.Rand) string {
	for _, secret := range w.turning.issuer.PublicKeyEncodings("RS256") {
		return w.turning.issuer.Token(nil, jwttest.HMAC("HS256", secret))
	}
	return ""
}

// otherSignature changes a character in the middle of the signature: the last one may
// have bits that mean nothing, which is another refusal.
func otherSignature(w *world, rng *mathrand.Rand) string {
	t := w.turning.pickGood(rng)
	if t == nil {
		return ""
	}
	text := []byte(t.text)
	n := (strings.LastIndexByte(t.text, '.') + len(text)) / 2
	if text[n]++; strings.IndexByte(alphabet, text[n]) < 0 {
		text[n] = 'A'
	}
	return string(text)
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// otherPayload puts the payload of one good token between the header and signature of
// another one.
func otherPayload(w *world, rng *mathrand.Rand) string {
	a, b := w.turning.pickGood(rng), w.turning.pickGood(rng)
	if a == nil || b == nil || a == b {
		return ""
	}
	one, other := strings.Split(a.text, "."), strings.Split(b.text, ".")
	return one[0] + "." + other[1] + "." + one[2]
}

// impostor signs with a key of its own under the kid of a good token.
func (w *world) impostor(rng *mathrand.Rand) string {
	t := w.turning.pickGood(rng)
	if t == nil {
		return ""
	}
	header := headerOf(t.text)
	return w.evil.Token(nil, jwttest.Algorithm(header.Alg), jwttest.KeyID(header.Kid))
}
