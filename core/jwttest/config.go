package jwttest

import "github.com/jwtmw/jwtmw/core"

// Config trusts the issuer's tokens for [Audience], with every other default. Keys are found by discovery, through
// [Issuer.Client].
func (i *Issuer) Config() core.Config {
	return core.Config{
		Issuer:    i.URL(),
		Audiences: []string{Audience},
		Keys:      core.Discovery{URL: i.MetadataURL(), Fetch: core.Fetch{Client: i.Client()}},
	}
}
