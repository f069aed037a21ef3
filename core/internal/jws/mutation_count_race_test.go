//go:build race

package jws

// mutationCount is lower than without the race detector, for which a round
// or two over every octet are as good as a hundred.
const mutationCount = 5_000
