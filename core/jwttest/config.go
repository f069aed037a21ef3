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

// OpaqueConfig trusts the issuer's opaque tokens ([Issuer.Opaque]) for [Audience], and no JWT, with every other default. Each
// is asked about, as the client [ClientID], through [Issuer.Client].
func (i *Issuer) OpaqueConfig() core.Config {
	config := i.Config()
	config.Keys = core.Introspection{
		URL: i.IntrospectionURL(), ClientID: ClientID, Secret: core.Secret(ClientSecret), Fetch: core.Fetch{Client: i.Client()},
	}
	return config
}
