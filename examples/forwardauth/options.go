package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/jwtmw/jwtmw/core"
)

// options are what the command line says. What it leaves out, the environment may
// say (core.ConfigFromEnv with the prefix JWT).
type options struct {
	listen, issuer, cookie, nonces string
	audiences, origins, urls       []string
}

// parse writes to usage if it is asked for help, and then returns flag.ErrHelp.
func parse(args []string, usage io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("forwardauth", flag.ContinueOnError)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:9091", "`address` to listen on; only the proxy should reach it")
	flags.StringVar(&o.issuer, "issuer", "", "the trusted issuer's `URL`, exactly as its tokens name it (default $JWT_ISSUER)")
	flags.Func("audience", "accepted `aud`; repeat it, or separate several by commas (default $JWT_AUDIENCE)", list(&o.audiences))
	flags.StringVar(&o.cookie, "cookie", "", "the `name` of a cookie that may carry the token, beside the Authorization header")
	flags.Func("origins", "`origins` whose pages may send the cookie, beside the service's own, such as https://app.example.com", list(&o.origins))
	flags.Func("dpop", "`URLs` where clients reach the service; tokens that are bound to a key pass with a proof for one of them (RFC 9449)", list(&o.urls))
	flags.StringVar(&o.nonces, "nonces", "", "a `file` with a secret of at least 32 octets; each proof must carry a nonce made from it")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: forwardauth -issuer URL -audience AUD [flags]")
		flags.PrintDefaults()
	}
	flags.SetOutput(io.Discard) // an error is said once, without the usage
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(usage)
		flags.Usage()
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("got the argument %q, want flags alone", flags.Arg(0))
	}
	return o, err
}

// list appends the elements of a flag that may be repeated.
func list(to *[]string) func(string) error {
	return func(value string) error {
		for element := range strings.SplitSeq(value, ",") {
			if element = strings.TrimSpace(element); element == "" {
				return errors.New("want no empty element between the commas")
			}
			*to = append(*to, element)
		}
		return nil
	}
}

// guard is what the options and the environment ask for. The error names every
// mistake at once.
func (o options) guard(log *slog.Logger) (core.Guard, error) {
	config, err := core.ConfigFromEnv("JWT")
	if err != nil {
		return core.Guard{}, err // New would blame what could not be read
	}
	if o.issuer != "" {
		config.Issuer = o.issuer
	}
	if len(o.audiences) > 0 {
		config.Audiences = o.audiences
	}
	config.Logger = log
	config.DPoP.URLs = o.urls
	var found []error
	if o.nonces != "" {
		secret, err := os.ReadFile(o.nonces)
		found = append(found, err)
		config.DPoP.Nonces = []core.Secret{bytes.TrimSuffix(secret, []byte("\n"))}
	}
	if len(o.origins) > 0 && o.cookie == "" {
		found = append(found, errors.New("-origins without -cookie: they are for the pages that send the cookie"))
	}
	verifier, err := core.New(config)
	if found = append(found, err); errors.Join(found...) != nil {
		return core.Guard{}, errors.Join(found...)
	}
	guard := core.Guard{Verifier: verifier}
	if o.cookie != "" {
		guard.Tokens = []core.TokenSource{core.FromBearer(), core.FromCookie(o.cookie, o.origins...)}
	}
	return guard, guard.Validate()
}
