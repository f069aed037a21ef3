// Command inspect says what a verifier makes of a token, step by step, and what
// would have to change for the token to pass:
//
//	go run ./examples/inspect -issuer https://login.example.com/ -audience https://api.example.com < token.txt
//	go run ./examples/inspect -jwks keys.json -issuer https://login.example.com/ -audience https://api.example.com < token.txt
//
// A token that is bound to a key is judged with the DPoP proof that was sent with
// it, and the method and the URL of that request:
//
//	... -dpop proof.txt -method POST -url https://api.example.com/orders < token.txt
//
// An opaque token means something to its issuer alone. With -introspect the issuer is
// asked about it (RFC 7662), as the client that this service is to it:
//
//	... -introspect -client-id orders-api -client-secret-file secret.txt < token.txt
//
// The token comes on standard input. Without -introspect it leaves the process
// nowhere, and never if it has the dots of a JWT: with
// -issuer alone the issuer's two public documents are fetched, with the URL of
// a key set that alone, and with keys in a file nothing is. Findings go to
// standard output, errors to standard error. The exit status is 0 if the token
// passes, 1 if it is refused, and 2 if the command line is wrong or the
// issuer's keys cannot be had; go run makes 1 of both, so build the program for
// use in a script.
//
// A Config that lets a token pass is not thereby a good one. Change it where it
// was wrong, and get another token where the token was.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// The exit statuses.
const (
	passed  = 0
	refused = 1
	unable  = 2
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	out, errs := report{stdout}, report{stderr}
	config, proof, asked, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return passed
	}
	if err != nil {
		return errs.fail(errors.Join(err, errors.New("see inspect -h")))
	}
	token, err := readToken(stdin)
	if err != nil {
		return errs.fail(err)
	}
	seen := look(token)
	out.token(seen)
	if proof != nil {
		out.proof(proof, seen)
	}
	switch {
	case asked != nil && isSendable(seen):
		return inspectOpaque(out, errs, trial{config: config, view: seen, shown: proof}, *asked)
	case asked != nil:
		out.line("  sent     nowhere, although -introspect is given: what has the dots of a JWT or a JWE is judged by keys")
	}
	keys := loadKeys(context.Background(), config)
	out.keys(keys)
	found, err := examine(context.Background(), trial{config: keys.pinned(config), view: seen, keys: keys, shown: proof})
	if err != nil {
		return errs.fail(err)
	}
	out.mark(order(config, seen, proof), found)
	out.verdict(found, keys.err == nil)
	if keys.err != nil {
		return errs.fail(fmt.Errorf("no verdict, because there are no keys to judge by: %w", keys.err))
	}
	if len(found.findings) > 0 {
		return refused
	}
	return passed
}

// maxInput is far more than a verifier reads, so that what is too long can be
// told from what is not.
const maxInput = 1 << 20

// readToken takes one token, with "Bearer", "DPoP" or the whole header line before it
// if that was copied along.
func readToken(stdin io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(stdin, maxInput))
	if err != nil {
		return "", err
	}
	words := strings.Fields(string(text))
	if len(words) > 1 && strings.EqualFold(words[0], "Authorization:") {
		words = words[1:]
	}
	if len(words) > 1 && (strings.EqualFold(words[0], "Bearer") || strings.EqualFold(words[0], "DPoP")) {
		words = words[1:]
	}
	if len(words) != 1 {
		return "", fmt.Errorf("got %d words on standard input, want one token", len(words))
	}
	return words[0], nil
}
