package endtoend

import (
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

const accepted = "200 shop by ES256"

func TestTokensOfTheProvider(t *testing.T) {
	p := startProvider(t)
	services := serve(t, p.config())
	for _, algorithm := range algorithms {
		t.Run(string(algorithm), func(t *testing.T) {
			expect(t, services, "/", p.token(t, grant{resource: api + "/" + string(algorithm)}), "200 shop by "+string(algorithm))
		})
	}
	for _, tt := range []struct {
		name  string
		grant grant
		path  string
		want  string
	}{
		{"scope granted", grant{scope: "orders:read orders:ship"}, "/ship", accepted},
		{"another scope granted", grant{scope: "orders:read"}, "/ship", "403 insufficient_scope"},
		{"no scope granted", grant{}, "/ship", "403 insufficient_scope"},
		{"for another resource", grant{resource: "https://other.example.com/ES256"}, "/", "401 wrong_audience"},
		{"expired", grant{resource: api + "/ES256?expired"}, "/", "401 expired"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, services, tt.path, p.token(t, tt.grant), tt.want)
		})
	}
}

// A token that DPoP binds to a key is worth nothing to whoever merely bears it (RFC 9449 section 7.2).
func TestBoundTokenIsNoBearerToken(t *testing.T) {
	p := startProvider(t)
	proof, err := node(t, "proof.mjs", "POST", p.tokenEndpoint()).Output()
	if err != nil {
		t.Fatal(err)
	}
	token := p.token(t, grant{client: "bound", proof: strings.TrimSpace(string(proof))})
	services := serve(t, p.config())

	expect(t, services, "/", token, "401 sender_constraint")
	for _, s := range services {
		if got, want := s.answer(t, "/", "DPoP "+token), "401 no_token"; got != want {
			t.Errorf("%s, as DPoP: got %q, want %q", s.framework, got, want)
		}
	}
}

func TestRotation(t *testing.T) {
	p := startProvider(t)
	services := serve(t, p.config())
	old := p.token(t, grant{})
	expect(t, services, "/", old, accepted)

	p.restart(t)
	expect(t, services, "/", p.token(t, grant{}), accepted) // the first one already
	expect(t, services, "/", old, "401 unknown_key")
}

func TestOutage(t *testing.T) {
	p := startProvider(t)
	forgotten := p.token(t, grant{})
	p.restart(t)
	known := p.token(t, grant{})

	services := serve(t, p.config())
	brief := p.config()
	brief.Keys = core.Discovery{Fetch: core.Fetch{MaxAge: time.Second}}
	forgetful := serve(t, brief)
	late := serve(t, p.config()) // asks nobody before its first token
	for _, s := range [][]service{services, forgetful} {
		expect(t, s, "/", known, accepted)
	}

	const unavailable = "503 keys_unavailable, Retry-After"
	p.stop()
	t.Run("fresh keys", func(t *testing.T) {
		expect(t, services, "/", known, accepted)
		expect(t, services, "/", forgotten, unavailable)
	})
	t.Run("stale keys", func(t *testing.T) {
		for _, s := range forgetful {
			s.await(t, known, accepted, func(string) bool { return s.verifier.Stats()[0].State == "stale" })
		}
		expect(t, forgetful, "/", known, accepted)
		expect(t, forgetful, "/", forgotten, unavailable)
	})
	t.Run("no keys yet", func(t *testing.T) {
		expect(t, late, "/", known, unavailable)

		p.restart(t)
		token := p.token(t, grant{})
		for _, s := range late {
			s.await(t, token, unavailable, func(answer string) bool { return answer == accepted })
		}
	})
}
