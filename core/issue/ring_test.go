package issue_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
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

func TestStoreDownFor200Hours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logger, text := logged()
		store := &memory{}
		i := newIssuer(t, ring(store), func(c *issue.Config) { c.Logger = logger })
		sign(t, i)
		store.set(func(m *memory) { m.fail = errDown })
		for range 200 * 60 {
			time.Sleep(time.Minute)
			sign(t, i)
		}
		if err := i.Ready(t.Context()); err != nil {
			t.Errorf("Ready: got %v, want nil while a key signs", err)
		}
		if got := strings.Count(text(), "keys cannot be read"); got != 1 {
			t.Errorf("got %d lines, want 1 for one outage:\n%s", got, text())
		}
		// It ends with the key, and not before.
		time.Sleep(time.Until(i.Stats()[0].Until.Add(-time.Second)))
		sign(t, i)
		time.Sleep(time.Second)
		if _, err := i.Sign(t.Context(), alice()); !errors.Is(err, errDown) {
			t.Errorf("got %v, want the store's error", err)
		}
		if err := i.Ready(t.Context()); !errors.Is(err, errDown) {
			t.Errorf("Ready: got %v, want the store's error", err)
		}
		store.set(func(m *memory) { m.fail = nil })
		time.Sleep(time.Second)
		sign(t, i)
		if !strings.Contains(text(), "keys can be read again") {
			t.Errorf("got no line about the recovery:\n%s", text())
		}
	})
}

// The next key is in the store when that goes down: both are used up.
func TestStoreDownWithNextKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		r := ring(store)
		r.Every = 7 * day
		i := newIssuer(t, r)
		sign(t, i)
		time.Sleep(6 * day)
		sign(t, i)
		if states(i) != "signing next" {
			t.Fatalf("got %q, want a next key", states(i))
		}
		store.set(func(m *memory) { m.fail = errDown })
		down := time.Now()
		for {
			time.Sleep(time.Minute)
			if _, err := i.Sign(t.Context(), alice()); err != nil {
				break
			}
		}
		if got := time.Since(down); got < 191*time.Hour || got > 193*time.Hour {
			t.Errorf("got signatures for %v, want them for 192 h", got)
		}
	})
}

func TestHangingStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		i := newIssuer(t, ring(store))
		sign(t, i)
		store.set(func(m *memory) { m.load = func(ctx context.Context) { <-ctx.Done() } })
		time.Sleep(time.Minute)
		start := time.Now()
		sign(t, i)
		if got := time.Since(start); got != time.Second {
			t.Errorf("the first caller: got a wait of %v, want 1s", got)
		}
		sign(t, i)
		if got := time.Since(start); got != time.Second {
			t.Errorf("the others: got a wait of %v, want none", got-time.Second)
		}
		fresh := newIssuer(t, ring(store))
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if _, err := fresh.Sign(ctx, alice()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("without a key: got %v, want the caller's deadline", err)
		}
		start = time.Now()
		if err := fresh.Ready(t.Context()); err == nil || time.Since(start) > 6*time.Second {
			t.Errorf("without a key: got %v after %v, want an error after 5 s at most", err, time.Since(start))
		}
	})
}

func TestPanicInStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{load: func(context.Context) { panic("boom") }}
		i := newIssuer(t, ring(store))
		if err := i.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "boom") {
			t.Errorf("Ready: got %v, want the panic as an error", err)
		}
		if err := i.Replace(t.Context()); err == nil || !strings.Contains(err.Error(), "boom") {
			t.Errorf("Replace: got %v, want the panic as an error", err)
		}
	})
}

func TestDamagedDocument(t *testing.T) {
	good := func() []byte {
		store := &memory{}
		sign(t, newIssuer(t, ring(store)))
		plain, err := sealer().Open(t.Context(), store.document)
		if err != nil {
			t.Fatal(err)
		}
		return plain
	}()
	seal := func(text string) []byte {
		sealed, err := sealer().Seal(t.Context(), []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	change := func(old, new string) []byte { return seal(strings.Replace(string(good), old, new, 1)) }
	sealed := seal(string(good))
	for name, document := range map[string][]byte{
		"empty":             {},
		"not sealed":        good,
		"another seal":      func() []byte { s, _ := issue.SealWith(make([]byte, 32)).Seal(t.Context(), good); return s }(),
		"cut":               sealed[:len(sealed)-5],
		"one bit":           func() []byte { s := bytes.Clone(sealed); s[40] ^= 1; return s }(),
		"no JSON":           seal("hello"),
		"empty object":      seal("{}"),
		"no keys":           seal(`{"version":1,"keys":[]}`),
		"another version":   change(`"version":1`, `"version":2`),
		"an unknown member": change(`"version":1`, `"version":1,"x":1`),
		"another kid":       change(`"kid":"`, `"kid":"x`),
		"another algorithm": change(`"ES256"`, `"ES384"`),
		"trailing text":     seal(string(good) + "{}"),
		"ends at its start": func() []byte {
			var d map[string]any
			_ = json.Unmarshal(good, &d)
			k := d["keys"].([]any)[0].(map[string]any)
			k["until"] = k["from"]
			text, _ := json.Marshal(d)
			return seal(string(text))
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			store := &memory{document: document}
			i := newIssuer(t, ring(store))
			_, err := i.Sign(t.Context(), alice())
			if err == nil {
				t.Fatal("got a token, want an error")
			}
			for _, f := range []func(context.Context) error{i.Rotate, i.Replace} {
				if err := f(t.Context()); err == nil {
					t.Error("got no error, want one")
				}
			}
			if !bytes.Equal(store.document, document) {
				t.Error("the document was replaced, want it as it was")
			}
			if strings.Contains(err.Error(), "pkcs8") {
				t.Errorf("got %v, want no text of the document", err)
			}
			if got := get(t, i, jwksPath).Code; got != 503 {
				t.Errorf("key set: got %d, want 503", got)
			}
		})
	}
}

// Damage while keys are in hand stops nobody.
func TestDamageLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		i := newIssuer(t, ring(store))
		before := kidOf(t, sign(t, i))
		store.set(func(m *memory) { m.document = []byte("x") })
		time.Sleep(time.Hour)
		if got := kidOf(t, sign(t, i)); got != before {
			t.Errorf("got kid %s, want %s", got, before)
		}
	})
}

func TestSealedDocumentHidesKeys(t *testing.T) {
	store := &memory{}
	i := newIssuer(t, ring(store))
	sign(t, i)
	plain, err := sealer().Open(t.Context(), store.document)
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Keys []struct{ PKCS8 []byte }
	}
	if err := json.Unmarshal(plain, &document); err != nil || len(document.Keys) != 1 {
		t.Fatalf("got %v and %d keys, want one", err, len(document.Keys))
	}
	der := document.Keys[0].PKCS8
	if _, err := x509.ParsePKCS8PrivateKey(der); err != nil {
		t.Fatal(err)
	}
	for _, window := range [][]byte{der[40:56], []byte(base64.StdEncoding.EncodeToString(der)[40:60]), []byte("pkcs8"), []byte(i.Stats()[0].ID), fmt.Appendf(nil, "%x", der[40:50])} {
		if bytes.Contains(store.document, window) {
			t.Errorf("got %q in the sealed document, want nothing of the plain one", window)
		}
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
