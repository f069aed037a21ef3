package core_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/internal/jws"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// policy is what a verifier of a vector's source was told.
type policy struct {
	Now           int64
	Iss, Aud, Sub *string
	Leeway        int64
	MaxAge        *int64 `json:"max_age"`
	Required      []string
}

// Every vector as it is. A token that its source takes as valid may lack what
// this library requires of all tokens; then it is refused for that, and for
// nothing else.
func TestVectorsOfTokens(t *testing.T) {
	for _, v := range loadVectors(t) {
		t.Run(v.ID, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(v.now()))
				got := v.verify(v.Token, v.config())
				switch {
				case v.ExpectJWT == nil:
				case *v.ExpectJWT == "invalid" || v.signature() == "invalid":
					if got == "" {
						t.Error("got valid, want a refusal")
					}
				case got != v.lacks():
					t.Errorf("got %q, want %q", got, v.lacks())
				}
			})
		})
	}
}

// Every claims set under a policy, with what it lacks of iss, aud and exp put
// in where the policy does not ask for them, and signed again: so that what is
// judged is what the vector is about.
func TestVectorsOfClaims(t *testing.T) {
	issuer := jwttest.NewIssuer("https://vectors.test")
	judged := 0
	for _, v := range loadVectors(t) {
		payload, ok := v.claimsSet()
		if v.Policy == nil || v.ExpectJWT == nil || v.signature() != "valid" || !ok {
			continue
		}
		judged++
		t.Run(v.ID, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(v.now()))
				config := v.config()
				config.Algorithms, config.Keys = []core.Algorithm{core.ES256}, core.JWKSDocument(issuer.JWKS())
				token := issuer.Sign("ES256", []byte(`{"alg":"ES256","typ":"at+jwt"}`), []byte(v.completed(payload)))
				got := v.verify(token, config)
				valid := *v.ExpectJWT == "valid" && v.tokenClaims()["aud"] != "[]" // which names nobody
				if (got == "") != valid {
					t.Errorf("got %q for %.200s, want %s", got, v.completed(payload), *v.ExpectJWT)
				}
			})
		})
	}
	if judged < 150 {
		t.Errorf("got %d claims sets judged, want at least 150", judged)
	}
}

// refusedByConfig stands for a Config that New does not take.
const refusedByConfig core.Reason = "config"

// verify is the verdict on one token, "" for valid.
func (v vector) verify(token string, config core.Config) core.Reason {
	verifier, err := core.New(config)
	if err != nil {
		return refusedByConfig
	}
	c, err := verifier.Verify(context.Background(), token)
	if err != nil {
		return reasonOf(err)
	}
	if v.Policy == nil {
		return ""
	}
	// No Config says these two; a Requirement does.
	if v.Policy.Sub != nil && c.Subject != *v.Policy.Sub {
		return core.ReasonForbidden
	}
	for _, name := range v.Policy.Required {
		if _, ok := c.Lookup(name); !ok {
			return core.ReasonForbidden
		}
	}
	return ""
}

// config is the vector's policy, with the token's own word where that says nothing.
func (v vector) config() core.Config {
	claims := v.tokenClaims()
	c := core.Config{Issuer: "https://vectors.test", Audiences: []string{"https://vectors.test"}, Leeway: core.NoLeeway}
	if iss, ok := claims["iss"].Text(); ok && iss != "" {
		c.Issuer = iss
	}
	if aud, ok := claims["aud"].Text(); ok {
		c.Audiences = []string{aud}
	} else if list, ok := claims["aud"].Texts(); ok && len(list) > 0 {
		c.Audiences = list
	}
	c.Algorithms, c.Keys = v.keySource()
	if p := v.Policy; p != nil {
		if p.Iss != nil {
			c.Issuer = *p.Iss
		}
		if p.Aud != nil {
			c.Audiences = []string{*p.Aud}
		}
		if p.Leeway > 0 {
			c.Leeway = time.Duration(p.Leeway) * time.Second
		}
		if p.MaxAge != nil {
			c.MaxAge = max(time.Duration(*p.MaxAge)*time.Second, time.Second) // none at all is as short as it gets
		}
	}
	return c
}

// keySource pins what the vector pins, except where its secret is too short
// for that.
func (v vector) keySource() ([]core.Algorithm, core.KeySource) {
	var pinned []core.Algorithm
	secret, symmetric := v.secret(v.header())
	for _, alg := range v.Algs {
		if !symmetric || len(secret) >= jws.Algorithm(alg).HashSize() {
			pinned = append(pinned, core.Algorithm(alg))
		}
	}
	if symmetric {
		return pinned, core.Secret(secret)
	}
	return pinned, core.JWKSDocument(v.document())
}

func (v vector) now() time.Time {
	if v.Policy == nil || v.Policy.Now == 0 {
		return time.Unix(1_700_000_000, 0)
	}
	return time.Unix(v.Policy.Now, 0)
}

// lacks is why this library refuses a token that its source takes: a Config
// names an issuer and an audience, and exp is required.
func (v vector) lacks() core.Reason {
	claims := v.tokenClaims()
	iss, _ := claims["iss"].Text()
	aud, _ := claims["aud"].Text()
	list, _ := claims["aud"].Texts()
	switch {
	case iss == "":
		return core.ReasonWrongIssuer
	case claims["exp"] == "":
		return core.ReasonMissingClaim
	case aud == "" && len(list) == 0:
		return core.ReasonWrongAudience
	}
	return ""
}

// signature is the verdict on the signature.
func (v vector) signature() string {
	if ours, ok := decisions[v.ID]; ok {
		return ours.verdict
	}
	return v.Expect
}

func (v vector) header() jws.Header {
	segment, _, _ := strings.Cut(v.Token, ".")
	text, _ := base64.RawURLEncoding.DecodeString(segment)
	header, _ := jws.ParseHeader(string(text))
	return header
}

// claimsSet is the payload, and whether it is a JSON object.
func (v vector) claimsSet() (string, bool) {
	parts := strings.Split(v.Token, ".")
	if len(parts) != 3 {
		return "", false
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	return string(text), err == nil
}

func (v vector) tokenClaims() map[string]jws.Value {
	claims := map[string]jws.Value{}
	payload, _ := v.claimsSet()
	_ = jws.ReadObject(payload, func(name string, value jws.Value) error {
		claims[name] = value
		return nil
	})
	return claims
}

// completed puts into a claims set what every token needs and the vector has
// no opinion on.
func (v vector) completed(payload string) string {
	claims := v.tokenClaims()
	if len(claims) == 0 && strings.TrimSpace(payload) != "{}" {
		return payload
	}
	var missing []string
	for _, member := range []struct {
		name, value string
		policy      bool
	}{
		{"iss", `"https://vectors.test"`, v.Policy.Iss != nil},
		{"aud", `"https://vectors.test"`, v.Policy.Aud != nil},
		{"exp", fmt.Sprint(v.now().Unix() + 60), slices.Contains(v.Policy.Required, "exp")},
	} {
		if _, ok := claims[member.name]; !ok && !member.policy {
			missing = append(missing, fmt.Sprintf("%q:%s", member.name, member.value))
		}
	}
	text := strings.TrimSpace(payload)
	if len(missing) == 0 {
		return text
	}
	if len(claims) == 0 {
		return "{" + strings.Join(missing, ",") + "}"
	}
	return "{" + strings.Join(missing, ",") + "," + text[1:]
}
