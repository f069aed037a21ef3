package issue_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core/issue"
)

// BenchmarkSign stands beside the bare signature of the same input, in the same
// run: at most 1.3 of it is the promise for ES256, and "bare" is the number.
func BenchmarkSign(b *testing.B) {
	key := ecKey(b)
	i := newIssuer(b, issue.Signers{{Key: key}})
	claims := alice()
	claims.Scopes = []string{"orders:read", "orders:write"}
	token := sign(b, i)

	// One after the other, and the medians, so that whatever else the machine does
	// meets both and counts for little.
	b.Run("ES256 beside bare", func(b *testing.B) {
		var bare, whole []time.Duration
		for b.Loop() {
			start := time.Now()
			digest := sha256.Sum256([]byte(token))
			if _, err := ecdsa.SignASN1(rand.Reader, key, digest[:]); err != nil {
				b.Fatal(err)
			}
			between := time.Now()
			if _, err := i.Sign(b.Context(), claims); err != nil {
				b.Fatal(err)
			}
			bare = append(bare, between.Sub(start))
			whole = append(whole, time.Since(between))
		}
		b.ReportMetric(float64(median(whole))/float64(median(bare)), "bare")
		b.ReportMetric(0, "ns/op")
	})
	for name, i := range map[string]*issue.Issuer{
		"Signers": i, "Ring": newIssuer(b, ring(&memory{})), "elsewhere": newIssuer(b, issue.Signers{{Key: kms{Signer: key}}}), "Secrets": newIssuer(b, issue.Secrets{hmacKey}),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := i.Sign(b.Context(), claims); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	claims.More = map[string]any{"roles": []string{"admin", "user"}}
	b.Run("Signers with More", func(b *testing.B) {
		for b.Loop() {
			if _, err := i.Sign(b.Context(), claims); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
