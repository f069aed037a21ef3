package core_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
)

func TestResourceMetadataOfBoundTokens(t *testing.T) {
	m := core.ResourceMetadata{Resource: apiURL, DPoPAlgorithms: []core.Algorithm{core.ES256, core.Ed25519}, DPoPBoundRequired: true, ClientCertBound: true}
	document, err := m.Document()
	want := `{"resource":"https://api.example.com","dpop_bound_access_tokens_required":true,"dpop_signing_alg_values_supported":["ES256","Ed25519"],"tls_client_certificate_bound_access_tokens":true}`
	if err != nil || string(document) != want {
		t.Errorf("got  %s (%v)\nwant %s", document, err, want)
	}
	for name, test := range map[string]struct {
		metadata core.ResourceMetadata
		want     string
	}{
		"HMAC":             {core.ResourceMetadata{Resource: apiURL, DPoPAlgorithms: []core.Algorithm{core.HS256}}, `"HS256"`},
		"an unknown alg":   {core.ResourceMetadata{Resource: apiURL, DPoPAlgorithms: []core.Algorithm{"none"}}, `"none"`},
		"bound, in a body": {core.ResourceMetadata{Resource: apiURL, DPoPBoundRequired: true, BearerMethodsSupported: []string{"header", "body"}}, `"body"`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := test.metadata.Document(); !strings.Contains(fmt.Sprint(err), test.want) {
				t.Errorf("got %v, want %s in it", err, test.want)
			}
		})
	}
}
