package main

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/jwtmw/jwtmw/core"
)

// answer decides about the request that the proxy describes, whatever path the proxy
// itself asks for.
func answer(guard core.Guard, log *slog.Logger) http.Handler {
	guard = guard.MustValidate()
	return http.HandlerFunc(func(w http.ResponseWriter, asked *http.Request) {
		w.Header().Set("Cache-Control", "no-store") // a decision is for one request
		client, err := originalOf(asked)
		if err != nil {
			log.Info("a request without a sound description of the client's", "error", err)
			refuse(w, &core.Refusal{Status: http.StatusBadRequest, Reason: core.ReasonMalformedRequest})
			return
		}
		ctx, err := guard.Check(asked.Context(), client)
		if err != nil {
			refuse(w, core.RefusalOf(err))
			return
		}
		claims, ok := core.FromContext(ctx)
		if !ok {
			claims = &core.Claims{} // the guard is Optional: nobody, said in four empty fields
		}
		core.SetHeaders(ctx, w.Header().Set)
		identify(w.Header(), claims)
	})
}

// identify sets all four fields, also where the token says nothing: a proxy that
// copies only what it finds would otherwise leave the client's own in place.
func identify(h http.Header, c *core.Claims) {
	scopes := make([]string, len(c.Scopes))
	for i, scope := range c.Scopes {
		scopes[i] = escape(scope)
	}
	h.Set("X-Auth-Issuer", escape(c.Issuer))
	h.Set("X-Auth-Subject", escape(c.Subject))
	h.Set("X-Auth-Client", escape(c.ClientID))
	h.Set("X-Auth-Scope", strings.Join(scopes, " "))
}

// escape makes a claim fit for a header. What a token says may hold anything, so each
// octet beyond visible ASCII is percent-encoded, and so is the percent sign itself: two
// claims are never one header, and a service gets the claim back with a URL decoder of
// its language that leaves + alone. A blank is encoded because parsers trim it, so that
// " alice" would be alice, and because scopes are separated by it. Braces are, because
// proxies have placeholders in them.
func escape(claim string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(claim) {
		if c <= ' ' || c > '~' || c == '%' || c == '{' || c == '}' {
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// refuse answers as every adapter does. X-Auth-Problem repeats the body in one line for
// nginx, which throws the body of auth_request away.
func refuse(w http.ResponseWriter, refusal *core.Refusal) {
	body, _ := refusal.MarshalJSON() // without a body the status still says enough
	refusal.SetHeaders(w.Header().Set)
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("X-Auth-Problem", string(body))
	w.WriteHeader(refusal.Status)
	w.Write(body)
}
