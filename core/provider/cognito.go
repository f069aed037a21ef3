package provider

import (
	"strings"

	"github.com/jwtmw/jwtmw/core"
)

// Cognito trusts a user pool of Amazon Cognito, by its ID. Its access tokens
// have no audience: the clients are the IDs of the app clients that may call
// this API.
//
//	jwtmw.Gin(provider.Cognito("eu-central-1_AbCdEf123", "7h3k..."))
//
// A client that asks for a resource (RFC 8707) gets a token with an audience: it
// is refused unless Config.Audiences names the audience. ID tokens are refused,
// by their audience and by "token_use". Role reads "cognito:groups". Scopes are
// those of a resource server, such as "orders/read"; a token from the API rather
// than the login page has only "aws.cognito.signin.user.admin".
func Cognito(userPool string, clients ...string) core.Config {
	a := arguments{function: "Cognito"}
	region, _, ok := strings.Cut(userPool, "_")
	if !ok || !label.MatchString(userPool) || region == "" {
		a.wrong("userPool", userPool, `the ID of a user pool, such as "eu-central-1_AbCdEf123"`)
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		domain = "amazonaws.com.cn"
	}
	return core.Config{
		Issuer:        "https://cognito-idp." + region + "." + domain + "/" + userPool,
		Algorithms:    []core.Algorithm{core.RS256},
		Clients:       clients,
		RequireClaims: []core.Requirement{core.ClaimIn([]string{"token_use"}, "access")},
		RolesAt:       []string{"cognito:groups"},
		Err:           a.err(),
	}
}
