package jws

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// mutationPadding has the length of the kid in the token that is mutated. It makes
// every token long enough for 100 000 different mutations. Where one signature
// takes most of a millisecond or more it is longer: fewer mutations then fall
// on payload and signature, and more on the kid, where the look-up of the key
// ends them. Each position has its share all the same.
var mutationPadding = map[Algorithm]int{ES384: 400, ES512: 1500}

// Of the mutations of one octet in a valid token none is accepted: first every
// flip of a single bit, then other values for every octet in turn. How many
// of them there are mutationCount says.
func TestMutatedTokens(t *testing.T) {
	for _, alg := range allAlgorithms {
		t.Run(string(alg), func(t *testing.T) {
			t.Parallel()
			padding := max(mutationPadding[alg], 100)
			kid := strings.Repeat("key ", padding/4)
			want := Header{Algorithm: alg, KeyID: kid, HasKeyID: true}
			pair := trusted(t, alg)
			payload := `{"iss":"https://issuer.example"` + strings.Repeat(" ", max(0, 400-2*padding)) + `}`
			token := pair.token(t, alg, `{"alg":"`+string(alg)+`","kid":"`+kid+`"}`, payload)
			if ok, _ := acceptedAs(token, pair.key, want); !ok {
				t.Fatal("got a refusal of the token itself")
			}

			count := mutationCount
			if testing.Short() {
				count /= 50
			}
			masks := mutationMasks()
			if len(token)*len(masks) < count {
				t.Fatalf("got a token of %d octets, too short for %d mutations", len(token), count)
			}
			verified := 0
			for i := range count {
				mutated := []byte(token)
				mutated[i%len(token)] ^= masks[i/len(token)]
				ok, tried := acceptedAs(string(mutated), pair.key, want)
				if ok {
					t.Fatalf("octet %d changed by %#x: got acceptance", i%len(token), masks[i/len(token)])
				}
				if tried {
					verified++
				}
			}
			t.Logf("%d mutations refused, %d of them by the signature", count, verified)
		})
	}
}

// mutationMasks returns every change of an octet, the single bits first.
func mutationMasks() []byte {
	masks := []byte{1, 2, 4, 8, 16, 32, 64, 128}
	for mask := 3; mask < 256; mask++ {
		if mask&(mask-1) != 0 {
			masks = append(masks, byte(mask))
		}
	}
	rest := masks[8:]
	random := rand.New(rand.NewPCG(7, 8))
	random.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	return masks
}

// acceptedAs is check as a caller does it who finds the key by kid: a header
// other than want leads to no key. It reports too whether a signature was tried.
func acceptedAs(token string, key *Key, want Header) (accepted, verified bool) {
	c, err := Split(token)
	if err != nil {
		return false, false
	}
	text, err := AppendDecode(nil, c.Header)
	if err != nil {
		return false, false
	}
	header, err := ParseHeader(string(text))
	if err != nil || header != want {
		return false, false
	}
	if _, err := AppendDecode(nil, c.Payload); err != nil {
		return false, false
	}
	signature, err := AppendDecode(nil, c.Signature)
	if err != nil {
		return false, false
	}
	return key.Verify(header.Algorithm, c.Signed, signature) == nil, true
}
