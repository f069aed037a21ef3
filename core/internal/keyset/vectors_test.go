package keyset

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"testing"
)

// decided lists the vectors about which we think otherwise than their source, and why.
var decided = map[string]struct {
	usable int
	why    string
}{
	"GoodEC":                       {3, "es512 has a y of 65 octets where RFC 7518 section 6.2.1.2 wants 66"},
	"JwksECMatchAlgES256CrvP256":   {1, "the source names no number"},
	"JwksECMatchAlgES384CrvP384":   {1, "the source names no number"},
	"JwksECMatchAlgES512CrvP521":   {0, "y has 65 octets, as in GoodEC"},
	"JwksECMissingBothAlgCrvES256": {0, "crv is required by RFC 7518 section 6.2.1, and not guessed from alg or size"},
	"JwkECMissingAlg":              {1, "the source names no number"},
	"JwkECMissingCrv":              {0, "crv is required by RFC 7518 section 6.2.1"},
	"JwksECUnspecifiedCrv":         {0, "crv is required by RFC 7518 section 6.2.1"},
}

func TestVectors(t *testing.T) {
	data, err := os.ReadFile(filepath.FromSlash("../../../../shared/vectors/jwks_cases.json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the folder of public vectors is not present")
	}
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		ID     string `json:"id"`
		JWKS   string `json:"jwks_raw"`
		Usable *int   `json:"usable_keys"`
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, tt := range cases {
		t.Run(path.Base(tt.ID), func(t *testing.T) {
			want := 0
			if ours, ok := decided[path.Base(tt.ID)]; ok {
				want = ours.usable
			} else if tt.Usable == nil {
				t.Fatal("the source names no number and no decision is listed")
			} else {
				want = *tt.Usable
			}
			set, err := Parse([]byte(tt.JWKS), Limits{})
			got := 0
			if err == nil {
				got = set.Len()
			}
			if got != want {
				t.Errorf("got %d usable keys (%v), want %d", got, err, want)
			}
		})
	}
	if len(cases) < 51 {
		t.Errorf("got %d cases, want at least 51", len(cases))
	}
}
