package playground

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// attack is a request that must not pass.
type attack struct {
	attackText
	tokens func(*jwttest.Issuer) []string // one for each Authorization header
}

// theft is an attack with a token that is bound to the key of the page's client.
type theft struct {
	attackText
	scheme, proof string
}

type attackText struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Says  string `json:"says"`
}

type attackOrder struct {
	Name string `json:"name"`
}

type mounted struct {
	Authorization []string `json:"authorization"`
	Proof         string   `json:"proof"`
}

// attack returns a new instance of the attack, ready to be sent.
func (p *playground) attack(_ context.Context, o attackOrder) (mounted, error) {
	for _, a := range attacks {
		if a.Name == o.Name {
			var m mounted
			for _, token := range a.tokens(p.issuer) {
				m.Authorization = append(m.Authorization, "Bearer "+token)
			}
			return m, nil
		}
	}
	for _, t := range thefts {
		if t.Name == o.Name {
			token := p.issuer.Token(map[string]any{"cnf": p.prover.Confirmation()})
			return mounted{[]string{t.scheme + " " + token}, t.proof}, nil
		}
	}
	return mounted{}, fmt.Errorf("got attack %.64q, want one that setup lists", o.Name)
}

var attacks = []attack{
	{attackText{"none", "alg none", "The header says that nobody signed it. Only the algorithms that were pinned count."}, unsigned},
	{attackText{"confusion", "Public key as secret", "HS256, with the public key as the secret. Everybody knows that key, so no public key ever becomes a secret."}, confused},
	{attackText{"embedded", "Embedded key", "Signed by a stranger, who put the matching key into the header. Keys in a token are never used."}, embedded},
	{attackText{"stranger", "Stranger's key", "Signed by a stranger, under a key id that the issuer does not know. It may cost one fetch, and soon none at all."}, strange},
	{attackText{"tampered", "Changed payload", "Another user's payload under a good signature. Not a letter of a token can change."}, tampered},
	{attackText{"expired", "Expired", "A good token of an hour ago. At most 30 seconds of clock difference are forgiven."}, expired},
	{attackText{"audience", "Other audience", "A good token that was made for another service. Who receives one cannot use it here."}, elsewhere},
	{attackText{"duplicate", "Duplicate claim", "Signed by the issuer itself, with two subjects. Two readers could see two users, so nobody is seen."}, duplicate},
	{attackText{"oversize", "1 MB token", "Signed by the issuer itself, and a megabyte long. It is refused by its length, before anything is read."}, oversize},
	{attackText{"headers", "Two headers", "Two good tokens in two Authorization headers. Which one counts is not for us to guess."}, twoHeaders},
}

var thefts = []theft{
	{attackText{"stolen", "Stolen token", "Bound to a key, and sent as a bearer token by who has no key. It is worth nothing alone."}, "Bearer", noProof},
	{attackText{"thief", "Thief's key", "The same stolen token, with a proof that the thief's own key signed. The token names another key."}, "DPoP", thiefs},
	{attackText{"replay", "Replayed proof", "A good token and a good proof, sent once, and then once more by who saw them pass. A proof counts once."}, "DPoP", replayed},
}

func unsigned(issuer *jwttest.Issuer) []string {
	return []string{issuer.Token(nil, jwttest.Unsigned())}
}

func confused(issuer *jwttest.Issuer) []string {
	return []string{issuer.Token(nil,
		jwttest.HMAC("HS256", issuer.PublicKeyPEM("RS256")), jwttest.KeyID(issuer.KeyID("RS256")))}
}

func embedded(issuer *jwttest.Issuer) []string {
	stranger := jwttest.NewIssuer(issuer.URL())
	return []string{stranger.Token(nil, jwttest.Header(map[string]any{
		"kid": issuer.KeyID("RS256"), "jwk": stranger.PublicJWK("RS256"),
	}))}
}

func strange(issuer *jwttest.Issuer) []string {
	return []string{jwttest.NewIssuer(issuer.URL()).Token(nil)}
}

func tampered(issuer *jwttest.Issuer) []string {
	good := strings.Split(issuer.Token(nil), ".")
	other := strings.Split(issuer.Token(map[string]any{"sub": "mallory"}), ".")
	return []string{good[0] + "." + other[1] + "." + good[2]}
}

func expired(issuer *jwttest.Issuer) []string {
	return []string{issuer.Token(map[string]any{"exp": time.Now().Add(-time.Hour)})}
}

func elsewhere(issuer *jwttest.Issuer) []string {
	return []string{issuer.Token(map[string]any{"aud": "https://elsewhere.test"})}
}

func duplicate(issuer *jwttest.Issuer) []string {
	header, _ := json.Marshal(map[string]string{"alg": "RS256", "kid": issuer.KeyID("RS256"), "typ": "JWT"})
	payload := fmt.Appendf(nil, `{"iss":%q,"aud":%q,"exp":%d,"sub":"alice","sub":"mallory"}`,
		issuer.URL(), jwttest.Audience, time.Now().Add(jwttest.Lifetime).Unix())
	return []string{issuer.Sign("RS256", header, payload)}
}

// oversize stays below the 1 MiB that net/http takes as a request head.
func oversize(issuer *jwttest.Issuer) []string {
	return []string{issuer.Token(map[string]any{"padding": strings.Repeat("x", 749_500)})}
}

func twoHeaders(issuer *jwttest.Issuer) []string {
	return []string{issuer.Token(nil), issuer.Token(nil, jwttest.Algorithm("ES256"))}
}
