package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// All signers say the same, in tokens that jwtmw takes; each has a jti of its own.
func TestSignersSayTheSame(t *testing.T) {
	for _, alg := range algorithms() {
		s, err := newSigners(alg)
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		f := &fixture{alg: alg, kid: s.kid, key: s.public()}
		f.document = documentOf(f.jwk())
		verify, err := newJwtmw(f)
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		var header, claims map[string]any
		for _, m := range signMakers() {
			sign, err := m.make(s)
			if err != nil {
				t.Fatalf("%s: %s: %v", alg, m.name, err)
			}
			if sign == nil {
				continue
			}
			one, err := sign()
			if err != nil {
				t.Fatalf("%s: %s: %v", alg, m.name, err)
			}
			two, _ := sign()
			if err := verify(context.Background(), one); err != nil {
				t.Errorf("%s: %s: got %v, want a good token", alg, m.name, err)
			}
			gotHeader, gotClaims := said(t, one, 0), said(t, one, 1)
			if gotClaims["jti"] == said(t, two, 1)["jti"] {
				t.Errorf("%s: %s: got jti %v twice", alg, m.name, gotClaims["jti"])
			}
			for _, name := range []string{"jti", "iat", "exp"} {
				if gotClaims[name] == nil {
					t.Errorf("%s: %s: got no %s", alg, m.name, name)
				}
				delete(gotClaims, name)
			}
			if audiences, is := gotClaims["aud"].([]any); is && len(audiences) == 1 {
				gotClaims["aud"] = audiences[0] // a list of one says what a string says
			}
			if header == nil {
				header, claims = gotHeader, gotClaims
			}
			if !reflect.DeepEqual(gotHeader, header) || !reflect.DeepEqual(gotClaims, claims) {
				t.Errorf("%s: %s: got %v and %v, want %v and %v", alg, m.name, gotHeader, gotClaims, header, claims)
			}
		}
		if got, want := slices.Sorted(maps.Keys(claims)), []string{"aud", "client_id", "iss", "scope", "sub"}; !slices.Equal(got, want) {
			t.Errorf("%s: got claims %q beside iat, exp and jti, want %q", alg, got, want)
		}
	}
}

func said(t *testing.T, token string, part int) (members map[string]any) {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[part])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &members); err != nil {
		t.Fatal(err)
	}
	return members
}
