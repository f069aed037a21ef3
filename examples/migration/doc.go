// Package migration shows the way from other JWT middleware to this one: for each,
// what it looked like in a comment, and what it becomes in code that compiles.
// README.md beside it says what behaves differently.
package migration
