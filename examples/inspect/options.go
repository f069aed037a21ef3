package main

import (
	"errors"
	"flag"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// errShown stands for an error that was written to usage, with the usage.
var errShown = errors.New("the command line is wrong")

// parse makes the Config that the command line describes. Every field that the
// steps compare with is filled in, defaults too.
func parse(args []string, usage io.Writer) (core.Config, error) {
	config := core.Config{
		Algorithms: []core.Algorithm{core.RS256, core.ES256},
		Types:      []string{"JWT", "at+jwt", ""},
		Leeway:     30 * time.Second,
	}
	flags := flag.NewFlagSet("inspect", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.StringVar(&config.Issuer, "issuer", "", "the issuer's `name`; its documents are fetched from there unless -jwks is given")
	jwks := flags.String("jwks", "", "a `file` with the issuer's key set")
	flags.Func("audience", "accepted `aud`; repeat it, or separate several by commas", appendTo(&config.Audiences))
	flags.Func("clients", "accepted `clients`, separated by commas", appendTo(&config.Clients))
	var algorithms, types []string
	flags.Func("alg", "accepted `algorithms`, separated by commas (default RS256,ES256)", appendTo(&algorithms))
	flags.Func("type", "accepted `typ`, separated by commas, absent for none (default JWT,at+jwt,absent)", appendTo(&types))
	flags.DurationVar(&config.Leeway, "leeway", config.Leeway, "clock skew allowed, at most 5m")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return config, err
	} else if err != nil {
		return config, errShown
	}
	if flags.NArg() > 0 {
		// Not quoted: it may be the token, which belongs in no terminal's history.
		return config, errors.New("got an argument that is no flag; the token belongs on standard input")
	}
	if len(algorithms) > 0 {
		config.Algorithms = nil
	}
	for _, name := range algorithms {
		config.Algorithms = append(config.Algorithms, core.Algorithm(name))
	}
	if len(types) > 0 {
		config.Types = types
	}
	if i := slices.Index(types, "absent"); i >= 0 {
		types[i] = ""
	}
	if config.Leeway == 0 {
		config.Leeway = core.NoLeeway
	}
	if *jwks != "" {
		config.Keys = core.JWKSFile(*jwks)
	}
	_, err := core.New(config) // names every mistake, and fetches nothing
	return config, err
}

// appendTo reads a list.
func appendTo(list *[]string) func(string) error {
	return func(value string) error {
		for element := range strings.SplitSeq(value, ",") {
			*list = append(*list, strings.TrimSpace(element))
		}
		return nil
	}
}

// leeway is Config.Leeway as it is applied.
func leeway(config core.Config) time.Duration { return max(config.Leeway, 0) }
