//go:build !race

package core_test

// askedTokens are as many as an attacker sends in a minute.
const askedTokens = 100_000
