//go:build !race

package jws

// mutationCount is the number of mutated tokens for each algorithm. With -short
// it is a fiftieth of that.
const mutationCount = 100_000
