package provider

import "github.com/jwtmw/jwtmw/core"

// opaque trusts the opaque tokens of an issuer, each of which is asked about. What an
// issuer leaves out of its answer core does not judge, so where there are audiences
// the answer has to name one of them.
func opaque(config core.Config, asked core.Introspection) core.Config {
	config.Keys, config.Algorithms = asked, nil
	if len(config.Audiences) > 0 {
		config.RequireClaims = append(config.RequireClaims, core.Audience(config.Audiences...))
	}
	return config
}
