package main

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"

	"github.com/jwtmw/jwtmw/core"
)

// keys is what is known of the issuer's keys.
type keys struct {
	source    core.KeySource
	stats     core.IssuerStats
	document  []byte   // the key set; nil if there is none
	kids      []string // of all its keys, usable or not
	exchanges []exchange
	err       error // why there are none; nil if there are
}

// loadKeys has a Verifier fetch or read the keys and keeps the document.
func loadKeys(ctx context.Context, config core.Config) keys {
	recorder := &recorder{next: http.DefaultTransport}
	fetch := core.Fetch{Client: &http.Client{Transport: recorder}}
	switch source := config.Keys.(type) {
	case nil:
		config.Keys = core.Discovery{Fetch: fetch}
	case core.JWKS:
		config.Keys = core.JWKS{URL: source.URL, Fetch: fetch}
	}
	k := keys{source: config.Keys}
	verifier, err := core.New(config)
	if err != nil {
		k.err = err
		return k
	}
	err = verifier.Ready(ctx)
	k.stats, k.exchanges = verifier.Stats()[0], recorder.all()
	switch path, isFile := config.Keys.(core.JWKSFile); {
	case err != nil:
		k.err = errors.New(k.stats.LastError)
	case isFile:
		k.document, k.err = os.ReadFile(string(path))
	case len(k.exchanges) > 0:
		k.document = k.exchanges[len(k.exchanges)-1].body.Bytes()
	}
	k.kids = kidsOf(k.document)
	return k
}

// pinned is config with the keys in hand, so that no question that follows can
// make it fetch anything: above all no address that the token names.
func (k keys) pinned(config core.Config) core.Config {
	switch k.source.(type) {
	case core.PEM, core.Secret:
		return config
	}
	// Not a JWKSDocument: New refuses one without a key for the pinned algorithms.
	const nowhere = "https://replay.invalid/"
	config.Keys = core.JWKS{URL: nowhere, Fetch: core.Fetch{Client: &http.Client{Transport: replay{k.document, k.err}}}}
	return config
}

func kidsOf(document []byte) (kids []string) {
	for _, key := range jwksOf(document) {
		var jwk map[string]any
		_ = json.Unmarshal(key, &jwk)
		if kid, ok := jwk["kid"].(string); ok {
			kids = append(kids, kid)
		}
	}
	return kids
}

// maxKids is how many a person looks through.
const maxKids = 20

// keys shows where the keys came from and what is usable of them.
func (r report) keys(k keys) {
	r.line("")
	r.line("Keys of %q", cut(k.stats.Issuer))
	for _, e := range k.exchanges {
		r.line("  fetched  %s, status %d", cut(e.url), e.status)
	}
	for i, kid := range k.kids {
		if i == maxKids {
			r.line("  kid      and %d more", len(k.kids)-maxKids)
			break
		}
		r.line("  kid      %s", cut(strconv.Quote(kid)))
	}
	r.line("  usable   %d", k.stats.Keys)
	for _, cause := range slices.Sorted(maps.Keys(k.stats.Skipped)) {
		r.line("  skipped  %d because of %s", k.stats.Skipped[cause], cause)
	}
	r.line("  clock    %s", k.clock())
}

func (k keys) clock() string {
	switch k.source.(type) {
	case core.JWKSFile, core.PEM, core.Secret:
		return "not asked"
	}
	for _, e := range k.exchanges {
		if e.dated {
			return clockText(e.ahead)
		}
	}
	return "unknown: no answer of the issuer was dated"
}
