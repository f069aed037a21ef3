package issue

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// KeyDir is a directory of private keys, each a PKCS#8 PEM file that is named
// for the day from which it signs, in UTC: 2026-12-01.pem. This makes one:
//
//	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out 2026-12-01.pem
//
// Every replica with the same files changes keys at the same instant, without a
// word. A key is published from 24 hours before its day, signs until the next
// file's day begins, and stays published for Config.Lifetime and 5 minutes after
// that; then its file may go. The kid is the key's thumbprint (RFC 7638). The
// algorithm follows from the key: ES256, ES384 or ES512 by its curve, EdDSA, or
// RS256; in a program built with Go 1.27 or later also ML-DSA, whose file holds
// the seed alone (RFC 9881 section 6).
//
// The directory is read again at most once a minute, when somebody asks. Links
// are followed, as Kubernetes makes them for a mounted secret. Names that begin
// with a dot or do not end in .pem are left alone. Another .pem file that is not
// named for a day, or holds anything but one PKCS#8 private key, is an error that
// names it: New does no I/O, so it comes from Ready and Sign; once keys are in
// hand they go on signing, and the error goes to the Logger. A file that others
// may read is a warning there.
type KeyDir string

// dirAhead is how long before its day a key is published.
const dirAhead = 24 * time.Hour

const maxKeyFile = 64 << 10

func (d KeyDir) open(c Config) (source, error) {
	if d == "" {
		return nil, errors.New("KeyDir is empty, want a path")
	}
	k := &keyDir{path: string(d), lifetime: c.Lifetime, typ: c.Type, log: reporter{c.Logger, c.Issuer}, warned: map[string]bool{}}
	k.looks = newLooks(k.log, k.read)
	return k, nil
}

// keyDir is a KeyDir that is open.
type keyDir struct {
	*looks
	path     string
	lifetime time.Duration
	typ      string
	log      reporter
	warned   map[string]bool // files that others may read; only a look touches it
}

func (d *keyDir) describe() ([]core.Algorithm, Secrets) {
	// Which of them there are is known only to those who read the directory.
	return append([]core.Algorithm{core.ES256, core.ES384, core.ES512, core.EdDSA, core.RS256}, mldsaAlgorithms()...), nil
}

func (d *keyDir) read(ctx context.Context, _ *snapshot) (*snapshot, error) {
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return nil, err
	}
	var slots []slot
	var errs []error
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".") || !strings.HasSuffix(name, ".pem") {
			continue // ..data and the versions of a mounted secret, an editor's files, a README
		}
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		s, err := d.slot(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("file %s: %w", strconv.Quote(filepath.Join(d.path, name)), err))
			continue
		}
		if same := slices.IndexFunc(slots, func(other slot) bool { return other.id == s.id }); same >= 0 {
			errs = append(errs, fmt.Errorf("file %s: got the key of %s.pem again, want another one", strconv.Quote(filepath.Join(d.path, name)), slots[same].from.Format(time.DateOnly)))
			continue
		}
		slots = append(slots, s)
	}
	if len(errs) == 0 && len(slots) == 0 {
		errs = append(errs, fmt.Errorf("directory %s: got no file, want %s", strconv.Quote(d.path), remedy("2026-12-01.pem")))
	}
	if len(errs) > 0 { // one bad file is no reason to go by the others: it may be the one that should sign
		return nil, errors.Join(errs...)
	}
	table := newTimetable(slots, d.lifetime)
	table.maxAge = defaultMaxAge
	return &snapshot{timetable: table}, nil
}

func (d *keyDir) slot(name string) (slot, error) {
	from, err := time.Parse(time.DateOnly, strings.TrimSuffix(name, ".pem"))
	if err != nil {
		return slot{}, errors.New("got another name, want the day from which it signs, such as 2026-12-01.pem")
	}
	private, err := d.readKey(name)
	if err != nil {
		return slot{}, err
	}
	algorithm, err := algorithmOf(private)
	if err != nil {
		return slot{}, fmt.Errorf("%w, want %s", err, remedy(name))
	}
	k, err := newKey("", algorithm, private, d.typ)
	if err != nil {
		return slot{}, fmt.Errorf("%w, want %s", err, remedy(name))
	}
	return slot{key: k, published: from.Add(-dirAhead), from: from}, nil
}

func (d *keyDir) readKey(name string) (crypto.Signer, error) {
	file, err := os.Open(filepath.Join(d.path, name))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat() // of the very file that is read, behind every link
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(file, maxKeyFile+1))
	if err != nil {
		return nil, err
	}
	d.warn(name, info)
	if len(text) > maxKeyFile {
		return nil, fmt.Errorf("got more than %d octets, want %s", maxKeyFile, remedy(name))
	}
	block, rest := pem.Decode(text)
	switch {
	case block == nil:
		return nil, fmt.Errorf("got no PEM block, want %s", remedy(name))
	case block.Type == "EC PRIVATE KEY", block.Type == "RSA PRIVATE KEY", block.Type == "EC PARAMETERS":
		return nil, fmt.Errorf("got a PEM block of the older type %q, want PKCS#8, which openssl pkcs8 -topk8 -nocrypt makes of it, or %s", block.Type, remedy(name))
	case block.Type != "PRIVATE KEY":
		return nil, fmt.Errorf("got a PEM block of type %s, want %s", quote(block.Type), remedy(name))
	case len(bytes.TrimSpace(rest)) > 0 || !bytes.HasPrefix(bytes.TrimSpace(text), []byte("-----BEGIN ")):
		return nil, fmt.Errorf("got text beside the one PEM block, want %s", remedy(name))
	}
	private, err := parsePKCS8(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%w, want %s", err, remedy(name))
	}
	return private, nil
}

// warn tells once of a file that any user of the machine may read. A group may: a
// Kubernetes volume with an fsGroup needs it.
func (d *keyDir) warn(name string, info os.FileInfo) {
	const others = 0o007
	if runtime.GOOS == "windows" || info.Mode().Perm()&others == 0 { // Windows has no such modes
		delete(d.warned, name)
		return
	}
	if !d.warned[name] {
		d.warned[name] = true
		d.log.report(slog.LevelWarn, "key file may be read by others",
			slog.String("file", filepath.Join(d.path, name)), slog.String("mode", info.Mode().Perm().String()), slog.String("want", "chmod 600"))
	}
}

// remedy is the command that makes what was wanted.
func remedy(name string) string {
	return "a PKCS#8 private key: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out " + name
}

// algorithmOf is the one algorithm that a key of its kind signs with here.
func algorithmOf(private crypto.Signer) (core.Algorithm, error) {
	switch private := private.(type) {
	case *rsa.PrivateKey:
		return core.RS256, nil
	case ed25519.PrivateKey:
		return core.EdDSA, nil
	case *ecdsa.PrivateKey:
		switch private.Curve.Params().BitSize {
		case 256:
			return core.ES256, nil
		case 384:
			return core.ES384, nil
		case 521:
			return core.ES512, nil
		}
		return "", fmt.Errorf("got a key on the curve %s", private.Curve.Params().Name)
	}
	if algorithm, is := mldsaAlgorithm(private); is {
		return algorithm, nil
	}
	return "", fmt.Errorf("got a %T", private)
}
