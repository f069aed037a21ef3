package issue

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// Config returns a core.Config that verifies this issuer's tokens in this
// process, for one of audiences: jwtmw.Gin(issuer.Config("https://api.example.com")).
// The keys come from the Issuer itself and not over a socket. Its other fields may
// be set as always, TokenCache for instance. Without audiences core.New refuses it.
//
// A new key verifies at once. A key that Replace has dropped, or whose time is
// over, is refused at once by the Revoked of this Config, as ReasonRevoked; where
// another Revoked takes its place it is refused within a minute.
func (i *Issuer) Config(audiences ...string) core.Config {
	config := core.Config{Issuer: i.config.Issuer, Audiences: slices.Clone(audiences), Logger: i.config.Logger}
	if i.config.accessToken() {
		config.Profile = core.ProfileRFC9068
	} else {
		config.Types = []string{i.config.Type}
	}
	if i.keys == nil {
		config.Err = errZero
		return config
	}
	algorithms, secrets := i.keys.describe()
	config.Algorithms = algorithms
	if secrets != nil {
		config.Keys = secrets.verifying()
		return config
	}
	config.Keys = core.JWKS{URL: i.places.jwksURI, Fetch: core.Fetch{
		Client: &http.Client{Transport: inProcess{i}},
		// A fetch costs no more than a copy here, so unknown kids may ask often.
		Cooldown: time.Second,
	}}
	config.Revoked = i.dropped
	return config
}

// dropped says that the key of a verified token is no longer published. Package
// core remembers a key set for a minute at least, which a leaked key should not
// have.
func (i *Issuer) dropped(ctx context.Context, c *core.Claims) (bool, error) {
	// An error is why the keys in hand could not be refreshed; they count still.
	table, now, _ := i.keys.current(ctx)
	return !table.has(c.Header.KeyID, now), nil
}

// inProcess answers every request with the key set of its Issuer.
type inProcess struct{ issuer *Issuer }

func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_ = r.Body.Close() // a RoundTripper must; there is none in a GET
	}
	table, now, err := t.issuer.published(r.Context())
	if err != nil {
		return nil, fmt.Errorf("the keys of the issuer in this process: %w", err)
	}
	set := table.jwks(now)
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		// As short as core takes it.
		Header:        http.Header{"Content-Type": {"application/jwk-set+json"}, "Cache-Control": {"max-age=0"}},
		Body:          io.NopCloser(bytes.NewReader(set)),
		ContentLength: int64(len(set)),
		Request:       r,
	}, nil
}
