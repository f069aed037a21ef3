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
	stats     core.IssuerStats
	document  []byte   // the key set; nil if there is none
	kids      []string // of all its keys, usable or not
	exchanges []exchange
}

// loadKeys has a Verifier fetch or read the keys and keeps the document.
func loadKeys(ctx context.Context, config core.Config) (keys, error) {
	var k keys
	recorder := &recorder{next: http.DefaultTransport}
	if config.Keys == nil {
		config.Keys = core.Discovery{Fetch: core.Fetch{Client: &http.Client{Transport: recorder}}}
	}
	verifier, err := core.New(config)
	if err != nil {
		return k, err
	}
	err = verifier.Ready(ctx)
	k.stats, k.exchanges = verifier.Stats()[0], recorder.all()
	if err != nil {
		return k, errors.New(k.stats.LastError)
	}
	if path, ok := config.Keys.(core.JWKSFile); ok {
		k.document, err = os.ReadFile(string(path))
	} else {
		k.document = k.exchanges[len(k.exchanges)-1].body.Bytes()
	}
	k.kids = kidsOf(k.document)
	return k, err
}

// pinned is config with the keys in hand, so that no question that follows can
// make it fetch anything: above all no address that the token names.
func (k keys) pinned(config core.Config) core.Config {
	config.Keys = core.JWKSet(k.document)
	return config
}

func kidsOf(document []byte) []string {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	var kids []string
	_ = json.Unmarshal(document, &set) // the verifier has read it more strictly already
	for _, key := range set.Keys {
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
	for _, e := range k.exchanges {
		if e.dated {
			r.line("  clock    %s", clockText(e.ahead))
			return
		}
	}
	r.line("  clock    unknown: no answer of the issuer was dated")
}
