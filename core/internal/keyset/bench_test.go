package keyset

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// BenchmarkParse reads 10 000 keys, beside go-jose on the same document. Ours judges their strength as well.
func BenchmarkParse(b *testing.B) {
	const keys = 10_000
	for name, members := range map[string]func(string) map[string]any{"RSA": rsaMembers, "EC": ecMembers, "OKP": okpMembers} {
		var jwks []string
		for n := range keys {
			jwk := members("k")
			if name == "RSA" {
				jwk["n"] = b64(oddModulus(2048))
			}
			jwks = append(jwks, jwkText(jwk, "kid", fmt.Sprint(n), "use", "sig"))
		}
		document := []byte(setText(jwks...))
		b.Run(name+"/keyset", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				set, err := Parse(document, Limits{MaxBytes: 1 << 30, MaxKeys: keys})
				if err != nil || set.Len() != keys {
					b.Fatal(set.Len(), err)
				}
			}
		})
		b.Run(name+"/go-jose", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var set jose.JSONWebKeySet
				if err := json.Unmarshal(document, &set); err != nil || len(set.Keys) != keys {
					b.Fatal(len(set.Keys), err)
				}
			}
		})
	}
}

// BenchmarkKey answers a known key, from sets of several sizes.
func BenchmarkKey(b *testing.B) {
	for _, keys := range []int{1, 1000} {
		var jwks []string
		for n := range keys {
			jwks = append(jwks, jwkText(ecMembers("k"), "kid", fmt.Sprint(n)))
		}
		s := newIssuer(ok(setText(jwks...))).source()
		b.Run(fmt.Sprint(keys), func(b *testing.B) {
			b.ReportAllocs()
			ctx := context.Background()
			for b.Loop() {
				if _, _, err := s.Key(ctx, "0", true, jws.ES256); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
