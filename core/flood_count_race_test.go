//go:build race

package core_test

// askedTokens are fewer, since each costs ten times as much under the race detector.
const askedTokens = 10_000
