package issue_test

import (
	"bytes"
	"testing"

	"github.com/jwtmw/jwtmw/core/issue"
)

func TestSealWith(t *testing.T) {
	one, two, three := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32), bytes.Repeat([]byte{3}, 32)
	sealed, err := issue.SealWith(one).Seal(t.Context(), []byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		sealer issue.Sealer
		sealed []byte
		want   string // "" for an error
	}{
		{"the same key", issue.SealWith(one), sealed, "text"},
		{"a later key of several", issue.SealWith(two, one), sealed, "text"},
		{"other keys", issue.SealWith(two, three), sealed, ""},
		{"a bit is another", issue.SealWith(one), append(bytes.Clone(sealed[:len(sealed)-1]), sealed[len(sealed)-1]^1), ""},
		{"another beginning", issue.SealWith(one), bytes.Replace(sealed, []byte(".1."), []byte(".2."), 1), ""},
		{"cut", issue.SealWith(one), sealed[:len(sealed)-4], ""},
		{"nothing", issue.SealWith(one), nil, ""},
		{"the text itself", issue.SealWith(one), []byte("text"), ""},
		{"no usable key", issue.SealWith(one[:31]), sealed, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plain, err := tt.sealer.Open(t.Context(), tt.sealed)
			if string(plain) != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("got %q and %v, want %q", plain, err, tt.want)
			}
		})
	}
	again, err := issue.SealWith(one).Seal(t.Context(), []byte("text"))
	if err != nil || bytes.Equal(again, sealed) {
		t.Error("got the same text twice, want another nonce each time")
	}
	if _, err := issue.SealWith().Seal(t.Context(), nil); err == nil {
		t.Error("without a key: got no error, want one")
	}
}

// How the package comment changes a sealing key.
func TestChangeOfSealingKey(t *testing.T) {
	old, new := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	store := &memory{}
	with := func(keys ...[]byte) *issue.Issuer {
		return newIssuer(t, issue.Ring{Store: store, Sealer: issue.SealWith(keys...)})
	}
	kid := kidOf(t, sign(t, with(old)))
	i := with(new, old)
	if got := kidOf(t, sign(t, i)); got != kid {
		t.Fatalf("got kid %s, want %s", got, kid)
	}
	if err := i.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := kidOf(t, sign(t, with(new))); got != kid {
		t.Errorf("with the new key alone: got kid %s, want %s", got, kid)
	}
	if err := with(old).Ready(t.Context()); err == nil {
		t.Error("with the old key alone: got no error, want one")
	}
}
