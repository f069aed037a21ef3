package issue_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
)

const day = 24 * time.Hour

func ring(store issue.Store) issue.Ring { return issue.Ring{Store: store, Sealer: sealer()} }

// One key after the other, at the times that the contract names.
func TestSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		i := newIssuer(t, ring(store))
		start := time.Now()
		sign(t, i)
		first := i.Stats()
		if len(first) != 1 || first[0].State != "signing" || first[0].Algorithm != core.ES256 || !first[0].From.Equal(start.Add(-5*time.Minute)) {
			t.Fatalf("got %+v, want one key that signs from 5 min ago", first)
		}
		until := first[0].Until
		if got := until.Sub(first[0].From); got != 30*day {
			t.Errorf("got a key that signs for %v, want 30 days", got)
		}
		if got := first[0].Gone.Sub(until); got != 20*time.Minute {
			t.Errorf("got a key that is gone %v after it signs, want 20m", got)
		}
		for _, step := range []struct {
			at     time.Time
			states string
		}{
			{until.Add(-day - 2*time.Minute), "signing"},
			{until.Add(-day), "signing next"},
			{until.Add(-time.Second), "signing next"},
			{until, "retired signing"},
			{until.Add(20*time.Minute - time.Second), "retired signing"},
			{until.Add(20 * time.Minute), "signing"},
			{until.Add(29*day + time.Minute), "signing next"},
		} {
			time.Sleep(time.Until(step.at))
			token := sign(t, i)
			if got := states(i); got != step.states {
				t.Fatalf("%v from the first key's end: got %q, want %q", step.at.Sub(until), got, step.states)
			}
			if _, err := verify(t, i, token); err != nil {
				t.Fatalf("%v: got %v, want a token that verifies", step.at.Sub(until), err)
			}
		}
		if store.swaps != 3 {
			t.Errorf("got %d swaps, want 3: one a key", store.swaps)
		}
		last := i.Stats()
		if !last[1].From.Equal(last[0].Until) {
			t.Errorf("got %v and then %v, want one to follow the other", last[0].Until, last[1].From)
		}
	})
}

func TestRotate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		i, other := newIssuer(t, ring(store)), newIssuer(t, ring(store))
		old := kidOf(t, sign(t, i))
		sign(t, other)
		for range 2 { // the second does nothing
			if err := i.Rotate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := states(i); got != "signing next" {
				t.Fatalf("got %q, want a key that signs and a next one", got)
			}
		}
		if store.swaps != 2 {
			t.Errorf("got %d swaps, want 2", store.swaps)
		}
		if got := i.Stats()[1].From; !got.Equal(time.Now().Add(day)) {
			t.Errorf("got a key from %v, want it in 24 h", got)
		}
		time.Sleep(time.Minute)
		if got := kidOf(t, sign(t, other)); got != old || len(kids(t, other)) != 2 {
			t.Errorf("another replica after a minute: got %d keys, want 2, and the old one signing", len(kids(t, other)))
		}
		time.Sleep(day)
		if a, b := kidOf(t, sign(t, i)), kidOf(t, sign(t, other)); a == old || a != b {
			t.Errorf("after a day: got kids %s and %s, want the new one", a, b)
		}
	})
}

func TestReplace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		i, other := newIssuer(t, ring(store)), newIssuer(t, ring(store))
		leaked := sign(t, i)
		sign(t, other)
		if err := i.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := i.Replace(t.Context()); err != nil {
			t.Fatal(err)
		}
		fresh := sign(t, i)
		if got := kids(t, i); states(i) != "signing" || len(got) != 1 || got[0] != kidOf(t, fresh) || got[0] == kidOf(t, leaked) {
			t.Errorf("got states %q and keys %v, want the new key alone", states(i), got)
		}
		if _, err := verify(t, i, leaked); err == nil || core.RefusalOf(err).Reason != core.ReasonUnknownKey {
			t.Errorf("got %v, want the leaked key's token refused", err)
		}
		time.Sleep(time.Minute)
		if got := kidOf(t, sign(t, other)); got != kidOf(t, fresh) || len(kids(t, other)) != 1 {
			t.Errorf("another replica after a minute: got kid %s, want %s alone", got, kidOf(t, fresh))
		}
	})
}

func TestOnlyARingCanBeChanged(t *testing.T) {
	for name, keys := range map[string]issue.Keys{
		"KeyDir": issue.KeyDir(t.TempDir()), "Secrets": issue.Secrets{hmacKey}, "Signers": issue.Signers{{Key: ecKey(t)}},
	} {
		i := newIssuer(t, keys)
		if err := i.Rotate(t.Context()); err == nil || !strings.Contains(err.Error(), "Ring") {
			t.Errorf("%s: Rotate: got %v, want an error", name, err)
		}
		if err := i.Replace(t.Context()); err == nil || !strings.Contains(err.Error(), "Ring") {
			t.Errorf("%s: Replace: got %v, want an error", name, err)
		}
	}
}

// Nobody asked for longer than Every.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logger, text := logged()
		store := &memory{}
		i := newIssuer(t, ring(store), func(c *issue.Config) { c.Logger = logger })
		other := newIssuer(t, ring(store))
		sign(t, i)
		time.Sleep(60 * day)
		token := sign(t, i)
		if _, err := verify(t, i, token); err != nil {
			t.Errorf("got %v, want a token that verifies", err)
		}
		if got := i.Stats()[0]; !got.From.Equal(time.Now().Add(-5*time.Minute)) || got.State != "signing" {
			t.Errorf("got %+v, want a key from 5 min ago", got)
		}
		if !strings.Contains(text(), "level=WARN msg=\"key made that signs at once") {
			t.Errorf("got log %s, want a warning", text())
		}
		if got := kidOf(t, sign(t, other)); got != kidOf(t, token) {
			t.Errorf("another replica: got %s, want the same key", got)
		}
		// Three minutes after the end a key of 5 min ago would overlap the old one.
		time.Sleep(time.Until(i.Stats()[0].Until.Add(3 * time.Minute)))
		sign(t, i)
		if got := i.Stats(); states(i) != "retired signing" || !got[1].From.Equal(got[0].Until) {
			t.Errorf("got %+v, want the second key to begin where the first ended", got)
		}
	})
}

// A replica whose clock is far ahead adds a key that begins far in the future. The
// others do not stop signing for it.
func TestGapInTheDocument(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		i := newIssuer(t, ring(store))
		sign(t, i)
		store.set(func(m *memory) { m.document = shift(t, m.document, 40*day) })
		time.Sleep(2 * time.Minute)
		token := sign(t, i)
		if _, err := verify(t, i, token); err != nil {
			t.Error(err)
		}
		if got := states(i); got != "signing next" {
			t.Errorf("got %q, want one that signs before the one of the far clock", got)
		}
	})
}

// shift moves all times of a sealed document.
func shift(t *testing.T, sealed []byte, by time.Duration) []byte {
	t.Helper()
	plain, err := sealer().Open(t.Context(), sealed)
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Version int              `json:"version"`
		Keys    []map[string]any `json:"keys"`
	}
	if err := json.Unmarshal(plain, &document); err != nil {
		t.Fatal(err)
	}
	for _, k := range document.Keys {
		for _, member := range []string{"from", "until"} {
			at, err := time.Parse(time.RFC3339Nano, k[member].(string))
			if err != nil {
				t.Fatal(err)
			}
			k[member] = at.Add(by)
		}
	}
	plain, err = json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err = sealer().Seal(t.Context(), plain)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestLooksAreRare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		i := newIssuer(t, ring(store))
		for range 600 {
			sign(t, i)
			keySet(t, i)
			time.Sleep(time.Second)
		}
		if store.loads > 11 {
			t.Errorf("got %d looks in 10 minutes, want one a minute", store.loads)
		}
	})
}

func TestReplicasAgree(t *testing.T) {
	store := &memory{}
	var issuers []*issue.Issuer
	for range 16 {
		issuers = append(issuers, newIssuer(t, ring(store)))
	}
	signed := make([]string, len(issuers))
	var group sync.WaitGroup
	for n, i := range issuers {
		group.Go(func() { signed[n], _ = i.Sign(t.Context(), alice()) })
	}
	group.Wait()
	for _, token := range signed {
		if token == "" || kidOf(t, token) != kidOf(t, signed[0]) {
			t.Fatalf("got kid %q, want the one of the others, %q", kidOf(t, token), kidOf(t, signed[0]))
		}
	}
	if store.swaps != 1 {
		t.Errorf("got %d keys, want 1", store.swaps)
	}
}

func TestAlgorithms(t *testing.T) {
	for _, algorithm := range []core.Algorithm{
		core.ES256, core.ES384, core.ES512, core.EdDSA, core.Ed25519, core.RS256, core.RS384, core.RS512, core.PS256, core.PS384, core.PS512,
	} {
		t.Run(string(algorithm), func(t *testing.T) {
			r := ring(&memory{})
			r.Algorithm = algorithm
			i := newIssuer(t, r)
			token := sign(t, i)
			if got := segment(t, token, 0)["alg"]; got != string(algorithm) {
				t.Errorf("got alg %v, want %s", got, algorithm)
			}
			if _, err := verify(t, i, token, algorithm); err != nil {
				t.Errorf("got %v, want claims", core.RefusalOf(err).Unwrap())
			}
			if v, err := core.New(i.Config(api)); err != nil {
				t.Error(err)
			} else if _, err := v.Verify(t.Context(), token); err != nil {
				t.Errorf("in process: got %v, want claims", core.RefusalOf(err).Unwrap())
			}
		})
	}
}

// An algorithm that is changed holds for the next key, and the old keys verify.
func TestChangedAlgorithm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		old := newIssuer(t, ring(store))
		token := sign(t, old)
		r := ring(store)
		r.Algorithm = core.EdDSA
		i := newIssuer(t, r)
		if err := i.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got []core.Algorithm
		for _, s := range i.Stats() {
			got = append(got, s.Algorithm)
		}
		if want := []core.Algorithm{core.ES256, core.EdDSA}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		v, err := core.New(i.Config(api))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Error(err)
		}
	})
}
