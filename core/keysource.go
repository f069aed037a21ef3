package core

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
	"github.com/jwtmw/jwtmw/core/internal/keyset"
)

// KeySource says where an issuer's keys come from. It is one of Discovery,
// JWKS, JWKSDocument, JWKSFile, PEM, Secret and Secrets; or it is Introspection,
// for tokens that are no JWTs.
type KeySource interface {
	// validate finds every mistake in the source as part of c.
	validate(c Config) error
	// open makes the live source of a Config that is valid. It does no I/O.
	open(c Config) (keyset.Source, error)
}

// Discovery finds the key set through the issuer's metadata document: OpenID
// Connect Discovery 1.0 first, then RFC 8414. The document's "issuer" must
// equal Config.Issuer byte for byte, and its "jwks_uri" must be https, or
// loopback.
type Discovery struct {
	// URL is the metadata document's whole URL. Default: derived from
	// Config.Issuer, which must then be a URL itself.
	URL string
	Fetch
}

// JWKS fetches the key set (RFC 7517 section 5) from a URL. Use it where the
// issuer has no metadata document, or where that names an address this service
// cannot reach.
type JWKS struct {
	// URL is https, or http to a loopback address. Required.
	URL string
	Fetch
}

// JWKSDocument is a key set document in hand (RFC 7517 section 5). It is read like a
// fetched one: a key that cannot be used is skipped, and New refuses a set
// with none left.
type JWKSDocument []byte

// JWKSFile is the path of a key set document, a regular file. It is read when
// first needed and again when it changes; a broken edit keeps the last good set.
type JWKSFile string

// PEM holds public keys or certificates in PEM blocks. A certificate lends its
// key; its validity and chain are not judged. The keys have no kid: whatever
// kid a token names, the one key that fits its algorithm serves.
type PEM []byte

// Fetch tunes how keys are fetched over HTTP. The zero value is good. New
// refuses a duration below a second, which has lost its unit, and one above 24
// hours; only Timeout may be as short as 10 milliseconds.
type Fetch struct {
	// Client sends the requests: give it a transport with a private CA or
	// credentials where the issuer needs them. That transport must heed the
	// request's context, and its time-outs and header limits are yours. The
	// Client's redirect policy is not used; redirects are refused. Default: a
	// transport with the proxies and the TLS configuration of
	// http.DefaultTransport, whose connections end with the refresh.
	Client *http.Client

	// MaxAge is how long an answer stays fresh that says nothing about its
	// age. What an answer says is clamped to 1 minute..24 hours. Default: 10
	// minutes.
	MaxAge time.Duration

	// MaxStale is how long past its age a key set still serves while the
	// issuer cannot be reached, at most 24 hours. Default: 1 hour.
	MaxStale time.Duration

	// Cooldown is the time after which one more unknown kid may cause a fetch,
	// after a burst of two. Default: 10 seconds.
	Cooldown time.Duration

	// Timeout bounds one refresh from first byte sent to last byte read,
	// metadata and keys together. Default: 5 seconds.
	Timeout time.Duration

	// MaxBytes bounds a document after decompression. Default: 1 MiB.
	MaxBytes int64

	// MaxKeys bounds the keys in a set; a larger set is a bad answer. Default:
	// 1000.
	MaxKeys int

	// InsecureHTTP allows plain http to addresses that are not loopback.
	// Whoever can reach the wire can then forge tokens. Default: false.
	InsecureHTTP bool

	// Store keeps the last good answer across restarts, so that a service may
	// start while its issuer is down. DirStore is one. A Get that takes longer
	// than 500 ms, and a Put that takes longer than 5 s, is abandoned; while it
	// still hangs, it is not called again. Default: none.
	Store Store
}

// Store keeps small documents by name, across restarts. Its methods must heed
// ctx and be safe for concurrent use: nobody waits for Get longer than 500 ms.
//
// A Store of a fleet may have a method Shared() bool that returns true. Then keys
// that are fresh there are not fetched anew by a replica that starts.
type Store interface {
	// Get returns what Put kept under name. A miss is nil and no error.
	Get(ctx context.Context, name string) ([]byte, error)
	// Put keeps data under name, in place of what was there. Names are safe as
	// file names.
	Put(ctx context.Context, name string, data []byte) error
}

// DirStore keeps each document as a file in a directory, which is made with
// mode 0700 when first needed. Files have mode 0600 and are replaced
// atomically. Kept keys serve until MaxAge and MaxStale are over, as the clock
// counts while the machine runs: on a virtual machine that was suspended they
// outlive that by its sleep.
func DirStore(path string) Store { return keyset.DirStore(path) }

func (d Discovery) validate(c Config) error {
	errs := []error{d.Fetch.validate()}
	if d.URL != "" {
		errs = append(errs, invalid("Discovery.URL", d.checkURL(c, d.URL)))
	} else if c.Issuer != "" {
		errs = append(errs, invalid("Issuer, from which Discovery derives its URL,", d.checkURL(c, c.Issuer)))
	}
	return errors.Join(errs...)
}

func (d Discovery) open(c Config) (keyset.Source, error) {
	return keyset.Discovery(c.Issuer, d.URL, d.Fetch.options(c)), nil
}

func (j JWKS) validate(c Config) error {
	return errors.Join(j.Fetch.validate(), invalid("JWKS.URL", j.checkURL(c, j.URL)))
}

func (j JWKS) open(c Config) (keyset.Source, error) {
	return keyset.JWKS(j.URL, j.Fetch.options(c)), nil
}

func (j JWKSDocument) validate(c Config) error {
	source, err := j.open(c)
	if err != nil {
		return err
	}
	return invalid("JWKSDocument", canServe(source, c.Algorithms))
}

func (j JWKSDocument) open(Config) (keyset.Source, error) {
	source, err := keyset.FixedSet(j, keyset.Limits{})
	return source, invalid("JWKSDocument", err)
}

func (f JWKSFile) validate(Config) error {
	if f == "" {
		return errors.New("JWKSFile is empty, want a path")
	}
	return nil
}

func (f JWKSFile) open(c Config) (keyset.Source, error) {
	return keyset.File(string(f), keyset.Options{Logger: c.Logger, Hooks: c.Trace.hooks(c.Issuer)}), nil
}

func (p PEM) validate(c Config) error {
	source, err := p.open(c)
	if err != nil {
		return err
	}
	// Bare keys have no kid to choose by: a second key for an algorithm would make
	// every token of it a guess.
	for _, a := range c.Algorithms {
		if _, _, err := source.Key(context.Background(), "", false, jws.Algorithm(a)); err == keyset.ErrAmbiguousKey {
			return fmt.Errorf("PEM is not usable: several keys fit %s, and nothing tells which signed a token; use a JWKSDocument with kids", a)
		}
	}
	return invalid("PEM", canServe(source, c.Algorithms))
}

func (p PEM) open(Config) (keyset.Source, error) {
	keys, err := keyset.ParsePEM(p)
	if err != nil {
		return nil, invalid("PEM", err)
	}
	return keyset.Static(keys...), nil
}

func (f Fetch) validate() error {
	var found mistakes
	// No key set is good for longer than a day without the issuer's word, and
	// longer times would overflow when they are added up.
	const most = 24 * time.Hour
	found.checkDuration("Fetch.MaxAge", f.MaxAge, time.Second, most, "0 for the default")
	found.checkDuration("Fetch.MaxStale", f.MaxStale, time.Second, most, "0 for the default")
	found.checkDuration("Fetch.Cooldown", f.Cooldown, time.Second, most, "0 for the default")
	found.checkDuration("Fetch.Timeout", f.Timeout, 10*time.Millisecond, most, "0 for the default")
	if f.MaxBytes < 0 || f.MaxKeys < 0 {
		found.add("Fetch.MaxBytes is %d and MaxKeys %d, want positive limits, or 0 for the default", f.MaxBytes, f.MaxKeys)
	}
	return found.join()
}

// checkURL is stricter where a tenant, rather than this service, may have
// chosen the address.
func (f Fetch) checkURL(c Config, raw string) error {
	if c.confined && f.Client == nil {
		return keyset.CheckPublicURL(raw, f.InsecureHTTP)
	}
	return keyset.CheckURL(raw, f.InsecureHTTP)
}

func (f Fetch) options(c Config) keyset.Options {
	return keyset.Options{
		Client: f.Client, MaxAge: f.MaxAge, MaxStale: f.MaxStale, Cooldown: f.Cooldown, Timeout: f.Timeout,
		MaxBytes: f.MaxBytes, MaxKeys: f.MaxKeys, InsecureHTTP: f.InsecureHTTP, Store: f.Store, Logger: c.Logger,
		Hooks: c.Trace.hooks(c.Issuer), Confined: c.confined, Hosts: c.hosts,
	}
}

// canServe refuses keys in hand that could verify no token.
func canServe(source keyset.Source, algorithms []Algorithm) error {
	for _, a := range algorithms {
		_, _, err := source.Key(context.Background(), "", false, jws.Algorithm(a))
		if err == nil || err == keyset.ErrAmbiguousKey {
			return nil
		}
	}
	return fmt.Errorf("no key fits one of Algorithms %q", algorithms)
}
