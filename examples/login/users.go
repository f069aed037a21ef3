package main

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"runtime"
	"strconv"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/time/rate"
)

var (
	errWrongCredentials = errors.New("wrong user name or password")
	errNoUser           = errors.New("no such user")
)

type user struct {
	name  string
	roles []string
}

// users checks passwords. How long that takes tells nobody whether a name exists.
type users struct {
	db      *sql.DB
	cost    int                               // of bcrypt
	nobody  []byte                            // the hash that a name without one is held against
	hashing chan struct{}                     // one element for each hash being computed
	guesses *lru.Cache[string, *rate.Limiter] // by name, whether that exists or not
}

const (
	maxName = 100 // octets; names that are tried are kept in memory

	// maxPassword is what bcrypt can tell apart; it ignores, or refuses, the rest.
	maxPassword = 72

	// A name may be tried five times at once and then every ten seconds. Somebody
	// can lock a name out that way, for as long as he keeps trying: a bound by
	// address, in the proxy in front, is what makes that expensive for him.
	guessBurst = 5
	guessEvery = 10 * time.Second
	guessNames = 10_000
)

// newUsers makes the users of the demonstration where there are none.
func newUsers(ctx context.Context, db *sql.DB, cost int) (*users, error) {
	nobody, err := bcrypt.GenerateFromPassword([]byte("nobody"), cost)
	if err != nil {
		return nil, err
	}
	guesses, err := lru.New[string, *rate.Limiter](guessNames)
	if err != nil {
		return nil, err
	}
	// bcrypt is meant to be slow: more at a time than there are processors would
	// only make each of them wait, and this program with them.
	u := &users{db: db, cost: cost, nobody: nobody, guesses: guesses, hashing: make(chan struct{}, runtime.GOMAXPROCS(0))}
	var count int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM users`).Scan(&count); err != nil || count > 0 {
		return u, err
	}
	return u, errors.Join(u.add(ctx, "alice", "wonderland", "admin", "reader"), u.add(ctx, "bob", "builder", "reader"))
}

func (u *users) add(ctx context.Context, name, password string, roles ...string) error {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), u.cost)
	if err != nil {
		return err
	}
	_, err = u.db.ExecContext(ctx, `INSERT INTO users (name, password, roles) VALUES (?, ?, ?)`, name, hash, strings.Join(roles, " "))
	return err
}

// check returns the user whose password it is, errWrongCredentials, or a
// *tooManyError. It computes one hash in every case but the last.
func (u *users) check(ctx context.Context, name, password string) (user, error) {
	if len(name) > maxName {
		name = "" // nobody's, and judged like any other
	}
	if err := u.allow(name); err != nil {
		return user{}, err
	}
	hash, found := u.nobody, user{}
	var roles string
	err := u.db.QueryRowContext(ctx, `SELECT password, roles FROM users WHERE name = ?`, name).Scan(&hash, &roles)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		hash = u.nobody
	case err != nil:
		return user{}, err
	default:
		found = user{name, strings.Fields(roles)}
	}
	known := found.name != "" && len(password) <= maxPassword
	select {
	case u.hashing <- struct{}{}:
		defer func() { <-u.hashing }()
	case <-ctx.Done():
		return user{}, context.Cause(ctx)
	}
	err = bcrypt.CompareHashAndPassword(hash, []byte(password[:min(len(password), maxPassword)]))
	if err != nil || !known {
		return user{}, errWrongCredentials
	}
	return found, nil
}

// findUser returns the user as he is now, within the transaction that asks: there
// is no second connection to ask over.
func findUser(ctx context.Context, tx *sql.Tx, name string) (user, error) {
	var roles string
	err := tx.QueryRowContext(ctx, `SELECT roles FROM users WHERE name = ?`, name).Scan(&roles)
	if errors.Is(err, sql.ErrNoRows) {
		return user{}, errNoUser
	}
	return user{name, strings.Fields(roles)}, err
}

// tooManyError says when a name may be tried again.
type tooManyError struct{ wait time.Duration }

func (e *tooManyError) Error() string { return "too many tries, wait " + e.wait.String() }

func (e *tooManyError) retryAfter() string { return strconv.Itoa(int(math.Ceil(e.wait.Seconds()))) }

// allow counts every try, also the good ones: to count the bad ones alone would
// let a hundred parallel tries pass before the first is known to be bad.
func (u *users) allow(name string) error {
	limiter := rate.NewLimiter(rate.Every(guessEvery), guessBurst)
	if known, ok, _ := u.guesses.PeekOrAdd(name, limiter); ok {
		limiter = known
	}
	u.guesses.Get(name) // counts as use, so that names being tried are kept
	try := limiter.Reserve()
	if wait := try.Delay(); wait > 0 {
		try.Cancel()
		return &tooManyError{wait}
	}
	return nil
}
