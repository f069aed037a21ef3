package issue

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// ringDocument is what a Ring keeps in its Store.
type ringDocument struct {
	Version int       `json:"version"`
	Keys    []ringKey `json:"keys"`
}

// ringKey is one key of it. Its times are written down, so that a replica with
// another Every means the same by it.
type ringKey struct {
	ID        string         `json:"kid"` // the thumbprint, for whoever reads the file
	Algorithm core.Algorithm `json:"alg"`
	From      time.Time      `json:"from"`
	Until     time.Time      `json:"until"`
	PKCS8     []byte         `json:"pkcs8"`

	key *key
}

const documentVersion = 1

func newRingKey(algorithm core.Algorithm, typ string) (ringKey, error) {
	private, err := generate(algorithm)
	if err != nil {
		return ringKey{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return ringKey{}, err
	}
	k, err := newKey("", algorithm, private, typ)
	if err != nil {
		return ringKey{}, err
	}
	return ringKey{ID: k.id, Algorithm: algorithm, PKCS8: der, key: k}, nil
}

func formatDocument(keys []ringKey) ([]byte, error) {
	return json.Marshal(ringDocument{documentVersion, keys}, json.Deterministic(true))
}

// parseDocument reads strictly: what it does not understand in full must not be
// replaced by what it does. Its errors quote nothing of the text.
func parseDocument(text []byte, typ string) ([]ringKey, error) {
	var document ringDocument
	if err := json.Unmarshal(text, &document, json.RejectUnknownMembers(true)); err != nil {
		return nil, errors.New("it is no JSON of the expected members")
	}
	if document.Version != documentVersion {
		return nil, fmt.Errorf("got version %d, want %d: a later release wrote it", document.Version, documentVersion)
	}
	if len(document.Keys) == 0 {
		return nil, errors.New("it holds no key")
	}
	for i := range document.Keys {
		k := &document.Keys[i]
		if err := k.parse(typ); err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
	}
	return document.Keys, nil
}

func (k *ringKey) parse(typ string) error {
	if alg := jws.Algorithm(k.Algorithm); alg.MLDSA() && !alg.Known() {
		return fmt.Errorf("got a key of %s, which needs a program built with Go 1.27 or later", alg)
	}
	private, err := parsePKCS8(k.PKCS8) // an RSA key is checked here too, which takes a while
	if err != nil {
		return err
	}
	if k.key, err = newKey("", k.Algorithm, private, typ); err != nil {
		return err
	}
	switch {
	case k.key.id != k.ID:
		return fmt.Errorf("got kid %s, want the key's thumbprint, %q", quote(k.ID), k.key.id)
	case k.From.IsZero() || !k.From.Before(k.Until):
		return fmt.Errorf("got from %v and until %v, want one before the other", k.From, k.Until)
	}
	return nil
}
