package jwttest_test

import (
	"crypto/rsa"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

func TestKeysOverTime(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	rs1, es1 := issuer.KeyID("RS256"), issuer.KeyID("ES256")
	steps := []struct {
		name   string
		change func()
		want   func() []string
	}{
		{"start", func() {}, func() []string { return []string{rs1, es1} }},
		{"rotate one", func() { issuer.Rotate("ES256") }, func() []string { return []string{rs1, es1, issuer.KeyID("ES256")} }},
		{"retire", func() { issuer.Retire() }, func() []string { return []string{rs1, issuer.KeyID("ES256")} }},
		{"replace one", func() { issuer.Replace("RS256") }, func() []string {
			return []string{issuer.KeyID("ES256"), issuer.KeyID("RS256")}
		}},
		{"first use", func() { issuer.Token(nil, jwttest.Algorithm("EdDSA")) }, func() []string {
			return []string{issuer.KeyID("ES256"), issuer.KeyID("RS256"), issuer.KeyID("EdDSA")}
		}},
		{"a secret is not published", func() { issuer.Token(nil, jwttest.Algorithm("HS256")) }, func() []string {
			return []string{issuer.KeyID("ES256"), issuer.KeyID("RS256"), issuer.KeyID("EdDSA")}
		}},
		{"replace all", func() { issuer.Replace() }, func() []string {
			return []string{issuer.KeyID("ES256"), issuer.KeyID("RS256"), issuer.KeyID("EdDSA")}
		}},
	}
	for _, step := range steps {
		step.change()
		want := step.want()
		if got := published(t, issuer); !slices.Equal(got, want) {
			t.Errorf("%s: got keys %q, want %q", step.name, got, want)
		}
		signed, err := jose.ParseSignedCompact(issuer.Token(nil), []jose.SignatureAlgorithm{jose.RS256})
		if err != nil {
			t.Fatal(err)
		}
		if got := signed.Signatures[0].Header.KeyID; got != issuer.KeyID("RS256") {
			t.Errorf("%s: got a token of key %q, want %q", step.name, got, issuer.KeyID("RS256"))
		}
	}
	if issuer.KeyID("RS256") == rs1 || issuer.KeyID("ES256") == es1 {
		t.Error("got the first keys after all changes, want new ones")
	}
}

func TestRotateKeepsOldTokensValid(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	old := issuer.Token(nil)
	issuer.Rotate()
	for _, token := range []string{old, issuer.Token(nil)} {
		var set jose.JSONWebKeySet
		if err := json.Unmarshal(issuer.JWKS(), &set); err != nil {
			t.Fatal(err)
		}
		signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := signed.Verify(&set); err != nil {
			t.Errorf("got %v, want a valid signature", err)
		}
	}
}

func TestPublish(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	own := string(issuer.JWKS())
	issuer.Publish(json.RawMessage("17"), issuer.PrivateJWK("RS256"), issuer.PrivateJWK("HS256"))
	got := string(issuer.JWKS())
	if !strings.HasPrefix(got, `{"keys":[17,{`) || !strings.Contains(got, `"d":"`) || !strings.Contains(got, `"kty":"oct"`) {
		t.Errorf("got %s, want it to begin with 17, a private key and a secret", got)
	}
	if !strings.HasSuffix(got, strings.TrimPrefix(own, `{"keys":[`)) {
		t.Errorf("got %s, want it to end with the issuer's own keys", got)
	}
	issuer.Publish()
	if got := string(issuer.JWKS()); got != own {
		t.Errorf("got %s, want %s", got, own)
	}
	for _, odd := range []string{"", `{"keys":`, "null"} {
		issuer.SetJWKS([]byte(odd))
		if got := string(issuer.JWKS()); got != odd {
			t.Errorf("got %q, want %q", got, odd)
		}
	}
	issuer.SetJWKS(nil)
	if got := string(issuer.JWKS()); got != own {
		t.Errorf("got %s, want %s", got, own)
	}
}

func TestIssuersShareNoKey(t *testing.T) {
	seen := map[string]bool{}
	for range 20 {
		issuer := jwttest.NewIssuer("")
		for _, alg := range []string{"RS256", "PS256"} {
			key := issuer.PublicKey(alg).(*rsa.PublicKey)
			if got := key.N.BitLen(); got != 2048 {
				t.Fatalf("got a modulus of %d bits, want 2048", got)
			}
			if seen[key.N.String()] {
				t.Fatal("got a modulus twice, want each once")
			}
			seen[key.N.String()] = true
		}
	}
}

func TestSecret(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	for alg, want := range map[string]int{"HS256": 32, "HS384": 48, "HS512": 64} {
		secret := issuer.Secret(alg)
		if len(secret) != want {
			t.Errorf("%s: got a secret of %d bytes, want %d", alg, len(secret), want)
		}
		clear(secret)
		if slices.Equal(secret, issuer.Secret(alg)) {
			t.Errorf("%s: got the issuer's own bytes, want a copy", alg)
		}
	}
}

func published(t *testing.T, issuer *jwttest.Issuer) []string {
	t.Helper()
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(issuer.JWKS(), &set); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, key := range set.Keys {
		if !key.Valid() || !key.IsPublic() || key.Use != "sig" || key.Algorithm == "" {
			t.Errorf("got key %q with use %q and alg %q, want a valid public one with use sig", key.KeyID, key.Use, key.Algorithm)
		}
		ids = append(ids, key.KeyID)
	}
	return ids
}
