package proof_test

import (
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// A good proof, and what it costs to get as far as its signature.
func BenchmarkJudge(b *testing.B) {
	for _, alg := range []string{"ES256", "RS256", "EdDSA"} {
		p := jwttest.NewProver(alg)
		jkt := p.Confirmation()["jkt"].(string)
		for name, text := range map[string]string{
			"good": p.Proof("GET", ordersURL, token, nil), "no jti": p.Proof("GET", ordersURL, token, map[string]any{"jti": nil}), "another key": "",
		} {
			b.Run(alg+"/"+name, func(b *testing.B) {
				r, q := rules(b), question(text, jkt, time.Now())
				if text == "" {
					q = question(p.Proof("GET", ordersURL, token, nil), "x", time.Now())
				}
				b.ReportAllocs()
				for b.Loop() {
					_, fault := r.Judge(q)
					if (fault == nil) != (name == "good") {
						b.Fatal(fault)
					}
				}
			})
		}
	}
}
