package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// lists are the flags that hold several values.
type lists struct{ audiences, clients, algorithms, types []string }

// parse makes the Config that the command line describes. Every field that the
// steps compare with is filled in, defaults too. It writes to usage if asked
// for help, and then returns flag.ErrHelp.
func parse(args []string, usage io.Writer) (core.Config, *shown, *core.Introspection, error) {
	var config core.Config
	var l lists
	var proof proofFlags
	var ask askFlags
	flags := flag.NewFlagSet("inspect", flag.ContinueOnError)
	flags.StringVar(&config.Issuer, "issuer", "", "the issuer's `URL`, exactly as its tokens name it; "+
		"its documents are fetched from there unless -jwks, -pem or -secret-file is given")
	flags.Func("jwks", "a `file` with the issuer's key set, or the URL of one", setKeys(&config, jwks))
	flags.Func("pem", "a `file` with public keys or certificates", setKeys(&config, pemFile))
	flags.Func("secret-file", "a `file` with the secret of HS256 and its like; one line ending at its end is left out", setKeys(&config, secretFile))
	flags.Func("audience", "accepted `aud`; repeat it, or separate several by commas", appendTo(&l.audiences))
	flags.Func("clients", "accepted `clients`, separated by commas", appendTo(&l.clients))
	flags.Func("alg", "accepted `algorithms`, separated by commas (default RS256,ES256, or HS256 for a secret)", appendTo(&l.algorithms))
	flags.Func("type", "accepted `typ`, separated by commas, absent for none (default JWT,at+jwt,absent)", appendTo(&l.types))
	flags.Func("profile", fmt.Sprintf("the `kind` of the tokens instead of -type: %q or %q", core.ProfileRFC9068, core.ProfileIDToken), func(value string) error {
		config.Profile = core.Profile(value)
		return nil
	})
	flags.DurationVar(&config.Leeway, "leeway", 30*time.Second, "clock skew allowed, at most 5m")
	flags.DurationVar(&config.MaxAge, "max-age", 0, "longest time since iat (default no limit)")
	flags.StringVar(&proof.file, "dpop", "", "a `file` with the DPoP proof that was sent with the token")
	flags.StringVar(&proof.method, "method", http.MethodGet, "the `method` of the request that the proof came with")
	flags.StringVar(&proof.url, "url", "", "the `URL` of that request, as the client sent it")
	ask.define(flags)
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: inspect -issuer URL -audience AUD [flags] < token")
		flags.PrintDefaults()
		fmt.Fprintln(flags.Output(), "Exit status: 0 the token passes, 1 it is refused, 2 no verdict.")
	}
	flags.SetOutput(io.Discard) // an error is said once, without the usage
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(usage)
		flags.Usage()
	}
	if err != nil {
		return config, nil, nil, err
	}
	if flags.NArg() > 0 {
		// Not quoted: it may be the token, which belongs in no terminal's history.
		return config, nil, nil, errors.New("got an argument that is no flag; the token belongs on standard input")
	}
	seen, errProof := proof.read(&config)
	asked, errAsk := ask.read()
	if err := errors.Join(errProof, errAsk); err != nil {
		return config, nil, nil, err
	}
	config, err = l.complete(config)
	if err == nil && asked != nil {
		_, err = core.New(opaqueConfig(config, *asked, nil))
	}
	return config, seen, asked, err
}

// complete fills in the lists and the defaults, and finds every mistake.
func (l lists) complete(config core.Config) (core.Config, error) {
	var missing []error
	if config.Issuer == "" {
		missing = append(missing, errors.New("-issuer is missing, want the exact iss of the tokens"))
	}
	if len(l.audiences) == 0 && len(l.clients) == 0 {
		missing = append(missing, errors.New("-audience is missing, want the aud that names this service (or -clients, for an issuer that sends none)"))
	}
	if len(missing) > 0 {
		return config, errors.Join(missing...)
	}
	config.Audiences, config.Clients = l.audiences, l.clients
	config.Algorithms = []core.Algorithm{core.RS256, core.ES256}
	if _, symmetric := config.Keys.(core.Secret); symmetric {
		config.Algorithms = []core.Algorithm{core.HS256}
	}
	if len(l.algorithms) > 0 {
		config.Algorithms = nil
	}
	for _, name := range l.algorithms {
		config.Algorithms = append(config.Algorithms, core.Algorithm(name))
	}
	config.Types = l.types
	for i, typ := range config.Types {
		if typ == "absent" {
			config.Types[i] = ""
		}
	}
	if len(config.Types) == 0 && config.Profile == "" {
		config.Types = defaultTypes()
	}
	if config.Leeway == 0 {
		config.Leeway = core.NoLeeway
	}
	config.Logger = slog.New(slog.DiscardHandler) // what is wrong stands in the report, and once
	_, err := core.New(config)                    // names every mistake, and fetches nothing
	return config, err
}

// defaultTypes are Config.Types where it is empty and there is no Profile.
func defaultTypes() []string { return []string{"JWT", "at+jwt", ""} }

// appendTo reads a list.
func appendTo(list *[]string) func(string) error {
	return func(value string) error {
		for element := range strings.SplitSeq(value, ",") {
			*list = append(*list, strings.TrimSpace(element))
		}
		return nil
	}
}

// setKeys reads where the keys are, once.
func setKeys(config *core.Config, read func(string) (core.KeySource, error)) func(string) error {
	return func(value string) (err error) {
		if config.Keys != nil {
			return errors.New("want one of -jwks, -pem and -secret-file")
		}
		config.Keys, err = read(value)
		return err
	}
}

func jwks(value string) (core.KeySource, error) {
	if strings.Contains(value, "://") {
		return core.JWKS{URL: value}, nil
	}
	return core.JWKSFile(value), nil
}

func pemFile(path string) (core.KeySource, error) {
	text, err := os.ReadFile(path)
	return core.PEM(text), err
}

func secretFile(path string) (core.KeySource, error) {
	text, err := os.ReadFile(path)
	if line, ended := bytes.CutSuffix(text, []byte("\n")); ended { // as core.ConfigFromEnv has it
		text = bytes.TrimSuffix(line, []byte("\r"))
	}
	return core.Secret(text), err
}

// leeway is Config.Leeway as it is applied.
func leeway(config core.Config) time.Duration { return max(config.Leeway, 0) }
