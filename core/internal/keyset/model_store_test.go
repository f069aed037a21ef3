package keyset_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"time"
)

const (
	issuerURL    = "https://issuer.test"
	goodMetadata = `{"issuer":"` + issuerURL + `","jwks_uri":"` + issuerURL + `/jwks"}`
	maxOctets    = 8 << 10
	maxElements  = 16
)

// How a Store, a Hook or a Logger behaves.
const (
	gracious = "returns"
	failing  = "fails"
	slow     = "is slow"
	hanging  = "hangs until its context ends"
	stuck    = "hangs"
	panics   = "panics"
	exits    = "calls Goexit"
)

func misbehaviours(d dice) string { return pick(d, failing, slow, hanging, stuck, panics, exits) }

// What becomes of an entry of the Store.
const (
	replica     = "another replica has fetched"
	garbage     = "no JSON"
	otherSource = "of another source"
	otherURL    = "of another URL"
	yearLong    = "fresh for a year"
	future      = "of the future"
	noKeys      = "without keys"
)

// behave does what behaviour says, in the place of code of a user. A nil ctx is that of a Hook, which has none.
func (w *world) behave(behaviour string, ctx context.Context, pause time.Duration) error {
	switch behaviour {
	case failing:
		return errors.New("no space left on device")
	case slow:
		time.Sleep(pause)
	case hanging:
		if ctx != nil {
			<-ctx.Done()
			return ctx.Err()
		}
		<-w.release
	case stuck:
		<-w.release
	case panics:
		panic("user's code")
	case exits:
		runtime.Goexit()
	}
	return nil
}

// entry is what the Store holds, and what that means.
type entry struct {
	data []byte
	kept *kept
}

// page is an entry as it lies in a Store.
type page struct {
	Source    string    `json:"source"`
	URL       string    `json:"url"`
	FetchedAt time.Time `json:"fetched_at"`
	MaxAge    string    `json:"max_age"`
	Document  []byte    `json:"document"`
}

// store is the world's Store as one Source sees it.
type store struct{ *life }

type fleetStore struct{ store }

func (fleetStore) Shared() bool { return true }

func (s store) Get(ctx context.Context, _ string) (data []byte, err error) {
	defer s.enter("Store.Get", ctx, storeLimit)()
	s.mu.Lock()
	s.gets++
	f := fact{what: getEnded, get: s.gets}
	s.mu.Unlock()
	s.add(fact{what: getBegan, get: f.get})
	defer func() { s.add(f) }()
	s.world.mu.Lock()
	behaviour, e := s.world.get, s.world.entry
	s.world.mu.Unlock()
	// Slow is in time now and then, and else too late.
	if err := s.world.behave(behaviour, ctx, time.Duration(100+f.get%3*300)*time.Millisecond+time.Nanosecond); err != nil {
		return nil, err
	}
	f.entry = e.kept
	return e.data, nil
}

func (s store) Put(ctx context.Context, _ string, data []byte) error {
	defer s.enter("Store.Put", ctx, errandLimit)()
	k, err := s.world.read(data)
	if err != nil {
		s.complain("Store.Put: %v", err)
	}
	s.mu.Lock()
	s.kept = append(s.kept, k)
	s.mu.Unlock()
	s.world.mu.Lock()
	behaviour := s.world.put
	s.world.mu.Unlock()
	if err := s.world.behave(behaviour, ctx, time.Second); err != nil {
		return err
	}
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	s.world.entry = entry{data, &k}
	return nil
}

// read says what an entry means that Put was given.
func (w *world) read(data []byte) (kept, error) {
	var p page
	if err := json.Unmarshal(data, &p); err != nil {
		return kept{}, err
	}
	keys, published := documents()[string(p.Document)]
	maxAge, err := time.ParseDuration(p.MaxAge)
	if !published || err != nil {
		return kept{}, fmt.Errorf("got an entry of document %.40q, max_age %q, want one that was published", p.Document, p.MaxAge)
	}
	return kept{usable: true, keys: keys, fetched: p.FetchedAt.Sub(w.zero), maxAge: maxAge}, nil
}

// tamper puts another entry into the Store, which is made of the one that is there.
func (w *world) tamper(e event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var p page
	if json.Unmarshal(w.entry.data, &p) != nil {
		return // nothing is there, or no longer an entry
	}
	k := *w.entry.kept
	switch e.entry {
	case replica:
		p.Document, p.MaxAge = []byte(w.published(false).document()), "10m0s"
		p.Source, p.URL = w.identity(), issuerURL+"/jwks"
		p.FetchedAt = time.Now().Add(-e.entrysAge)
		k = kept{usable: true, keys: w.published(false), fetched: p.FetchedAt.Sub(w.zero), maxAge: 10 * time.Minute}
	case garbage:
		w.entry = entry{[]byte("<html>"), nil}
		return
	case otherSource:
		p.Source, k.usable = "jwks https://evil.test/jwks", false
	case otherURL:
		p.URL, k.usable = "https://evil.test/jwks#", false
	case yearLong:
		p.MaxAge, k.usable = "8760h0m0s", false
	case future:
		p.FetchedAt = time.Now().Add(time.Hour)
		k.fetched = p.FetchedAt.Sub(w.zero)
	case noKeys:
		p.Document, k.usable = []byte(`{"keys":[]}`), false
	}
	data, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	w.entry = entry{data, &k}
}

// identity is how the Source names itself in a Store.
func (w *world) identity() string {
	if w.discovery {
		return "discovery " + issuerURL + " " + issuerURL + "/metadata"
	}
	return "jwks " + issuerURL + "/jwks"
}
