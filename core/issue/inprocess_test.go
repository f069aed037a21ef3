package issue_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
)

func verifier(t *testing.T, config core.Config) *core.Verifier {
	t.Helper()
	v, err := core.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func reasonOf(v *core.Verifier, t *testing.T, token string) core.Reason {
	t.Helper()
	_, err := v.Verify(t.Context(), token)
	if err == nil {
		return ""
	}
	return core.RefusalOf(err).Reason
}

func TestOwnTokens(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "1999-12-01.pem"), pemOf(t, ecKey(t)))
	for name, keys := range map[string]issue.Keys{
		"KeyDir": issue.KeyDir(dir),
		"Ring":   ring(&memory{}), "Signers": issue.Signers{{Key: kms{Signer: ecKey(t)}}}, "Secrets": issue.Secrets{hmacKey},
	} {
		for _, typ := range []string{"at+jwt", "JWT"} {
			t.Run(name+" "+typ, func(t *testing.T) {
				i := newIssuer(t, keys, func(c *issue.Config) { c.Type = typ })
				v := verifier(t, i.Config(api, "other"))
				token := sign(t, i)
				if got := reasonOf(v, t, token); got != "" {
					t.Errorf("got %s, want claims", got)
				}
				if got := reasonOf(verifier(t, i.Config("another")), t, token); got != core.ReasonWrongAudience {
					t.Errorf("another audience: got %q, want wrong_audience", got)
				}
				stranger := newIssuer(t, issue.Secrets{[]byte(strings.Repeat("x", 32))}, func(c *issue.Config) { c.Type = typ })
				if got := reasonOf(v, t, sign(t, stranger)); got != core.ReasonBadSignature && got != core.ReasonWrongAlgorithm {
					t.Errorf("a stranger's: got %q, want it refused", got)
				}
			})
		}
	}
	old := newIssuer(t, issue.Secrets{hmacKey})
	both := verifier(t, newIssuer(t, issue.Secrets{[]byte(strings.Repeat("n", 32)), hmacKey}).Config(api))
	if got := reasonOf(both, t, sign(t, old)); got != "" {
		t.Errorf("a token of the secret before: got %s, want claims", got)
	}
	if _, err := core.New(newIssuer(t, ring(&memory{})).Config()); err == nil {
		t.Error("no audience: got no error, want core's")
	}
}

// A token of another type, which the same keys signed, is none for this Config.
func TestOwnType(t *testing.T) {
	for _, tt := range []struct {
		typ     string
		profile core.Profile
		types   []string
	}{
		{"at+jwt", core.ProfileRFC9068, nil},
		{"application/at+jwt", core.ProfileRFC9068, nil},
		{"JWT", "", []string{"JWT"}},
		{"x+jwt", "", []string{"x+jwt"}},
	} {
		t.Run(tt.typ, func(t *testing.T) {
			of := func(typ string) *issue.Issuer {
				return newIssuer(t, issue.Secrets{hmacKey}, func(c *issue.Config) { c.Type = typ })
			}
			config := of(tt.typ).Config(api)
			if config.Profile != tt.profile || !slices.Equal(config.Types, tt.types) {
				t.Errorf("got Profile %q and Types %q, want %q and %q", config.Profile, config.Types, tt.profile, tt.types)
			}
			v := verifier(t, config)
			if got := reasonOf(v, t, sign(t, of(tt.typ))); got != "" {
				t.Errorf("its own: got %q, want claims", got)
			}
			if got := reasonOf(v, t, sign(t, of("y+jwt"))); got != core.ReasonWrongType {
				t.Errorf("another type: got %q, want wrong_type", got)
			}
		})
	}
}

// A new key verifies at once and a dropped one does not.
func TestOwnKeysChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		i := newIssuer(t, ring(store))
		config := i.Config(api)
		config.TokenCache = 100
		v := verifier(t, config)
		config.Revoked = nil
		bare := verifier(t, config)
		old := sign(t, i)
		for _, v := range []*core.Verifier{v, bare} {
			if got := reasonOf(v, t, old); got != "" {
				t.Fatalf("got %s, want claims", got)
			}
		}
		if err := i.Replace(t.Context()); err != nil {
			t.Fatal(err)
		}
		fresh := sign(t, i)
		for _, v := range []*core.Verifier{v, bare} {
			if got := reasonOf(v, t, fresh); got != "" {
				t.Errorf("the new key: got %s, want claims", got)
			}
			if got := reasonOf(v, t, old); got != core.ReasonUnknownKey && got != core.ReasonRevoked {
				t.Errorf("the dropped key: got %q, want it refused", got)
			}
		}
	})
}

// Nobody has sent a token of the new key, and the dropped one is refused all the same.
func TestDroppedKeyAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(t, ring(&memory{}))
		v := verifier(t, i.Config(api))
		without := i.Config(api)
		without.Revoked = nil
		bare := verifier(t, without)
		old := sign(t, i)
		if a, b := reasonOf(v, t, old), reasonOf(bare, t, old); a != "" || b != "" {
			t.Fatal(a, b)
		}
		if err := i.Replace(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := reasonOf(v, t, old); got != core.ReasonRevoked {
			t.Errorf("at once: got %q, want revoked", got)
		}
		time.Sleep(time.Minute)
		if got := reasonOf(bare, t, old); got != core.ReasonUnknownKey {
			t.Errorf("another Revoked, after a minute: got %q, want unknown_key", got)
		}
	})
}

// One process verifies only, and another one replaces the keys.
func TestOwnKeysElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		i, other := newIssuer(t, ring(store)), newIssuer(t, ring(store))
		v := verifier(t, other.Config(api))
		old := sign(t, i)
		if got := reasonOf(v, t, old); got != "" {
			t.Fatal(got)
		}
		if err := i.Replace(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got := reasonOf(v, t, old); got != core.ReasonRevoked && got != core.ReasonUnknownKey {
			t.Errorf("after a minute: got %q, want it refused", got)
		}
		if got := reasonOf(v, t, sign(t, i)); got != "" {
			t.Errorf("the new key: got %s, want claims", got)
		}
	})
}

func TestOwnKeysUnavailable(t *testing.T) {
	i := newIssuer(t, ring(&memory{fail: errDown}))
	token := sign(t, newIssuer(t, ring(&memory{})))
	_, err := verifier(t, i.Config(api)).Verify(t.Context(), token)
	refusal := core.RefusalOf(err)
	if refusal == nil || refusal.Reason != core.ReasonKeysUnavailable || !errors.Is(refusal.Unwrap(), errDown) {
		t.Errorf("got %v, want keys_unavailable for the store's error", refusal)
	}
}

// Nothing runs between calls: the bubble fails where one of its goroutines is left.
func TestNoGoroutineStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(t, ring(&memory{}))
		v := verifier(t, i.Config(api))
		for range 100 {
			if got := reasonOf(v, t, sign(t, i)); got != "" {
				t.Fatal(got)
			}
			keySet(t, i)
			time.Sleep(time.Hour)
		}
		if err := i.Replace(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
