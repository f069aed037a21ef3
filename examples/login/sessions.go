package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/jwtmw/jwtmw/core/issue"
)

const (
	// grace is how long after its first use a refresh token gets the same answer
	// again: the tabs of one browser refresh at the same time, and an answer may be
	// lost on its way.
	grace = 10 * time.Second

	idle    = 14 * 24 * time.Hour // a refresh token lives
	longest = 90 * 24 * time.Hour // a session does
)

var errNoSession = errors.New("no such refresh token, or its session has ended")

// reusedError is a refresh token that was used again after the grace: somebody has
// a copy, and nobody can tell who (RFC 9700 section 4.14.2).
type reusedError struct{ user, session string }

func (e *reusedError) Error() string { return "refresh token reused in session " + e.session }

// sessions is the table of refresh tokens. Each has at most one successor, and a
// reuse ends the whole family.
type sessions struct {
	db  *sql.DB
	now func() time.Time
}

// start returns the first refresh token of a new session.
func (s *sessions) start(ctx context.Context, user string) (token, session string, err error) {
	token, session = rand.Text(), rand.Text()
	now := s.now()
	err = s.transact(ctx, func(tx *sql.Tx) error {
		// Whoever logs in clears away what has expired.
		if _, err := tx.ExecContext(ctx, `DELETE FROM refresh_tokens WHERE expires <= ?`, now.Unix()); err != nil {
			return err
		}
		return insert(ctx, tx, token, session, user, now, now)
	})
	return token, session, err
}

// reply makes the answer of a user's session whose next refresh token is successor.
type reply func(ctx context.Context, tx *sql.Tx, user, session, successor string) (answer, error)

// use gives a refresh token its successor, and returns what reply makes of that:
// the same answer again within the grace. The error is errNoSession, a
// *reusedError, or reply's; after one of reply's the token is as it was.
func (s *sessions) use(ctx context.Context, token string, respond reply) (answer, error) {
	var given answer
	var reused error
	err := s.transact(ctx, func(tx *sql.Tx) error {
		row, err := find(ctx, tx, token, s.now())
		if err != nil {
			return err
		}
		if !row.used.Valid {
			given, err = s.succeed(ctx, tx, token, row, respond)
			return err
		}
		if s.now().Sub(time.UnixMilli(row.used.Int64)) <= grace {
			given, err = unseal(ctx, token, row.answer)
			return err
		}
		// No error of the transaction: the end of the session must be committed.
		reused = &reusedError{row.user, row.session}
		return endSession(ctx, tx, row.session)
	})
	return given, errors.Join(err, reused)
}

// succeed uses the token up.
func (s *sessions) succeed(ctx context.Context, tx *sql.Tx, token string, row row, respond reply) (answer, error) {
	successor, now := rand.Text(), s.now()
	given, err := respond(ctx, tx, row.user, row.session, successor)
	if err != nil {
		return answer{}, err
	}
	sealed, err := seal(ctx, token, given)
	if err != nil {
		return answer{}, err
	}
	// Answers whose grace is over are of no use to anybody any more.
	_, err = tx.ExecContext(ctx, `UPDATE refresh_tokens SET answer = NULL WHERE session = ? AND used < ?`, row.session, now.Add(-grace).UnixMilli())
	if err != nil {
		return answer{}, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE refresh_tokens SET used = ?, answer = ? WHERE hash = ?`, now.UnixMilli(), sealed, hashOf(token))
	if err != nil {
		return answer{}, err
	}
	return given, insert(ctx, tx, successor, row.session, row.user, time.Unix(row.begun, 0), now)
}

// end ends the session of a refresh token, used or not. A token that nobody knows
// is no error.
func (s *sessions) end(ctx context.Context, token string) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		row, err := find(ctx, tx, token, s.now())
		if errors.Is(err, errNoSession) {
			return nil
		}
		if err != nil {
			return err
		}
		return endSession(ctx, tx, row.session)
	})
}

// transact commits what f did unless that returns an error. Transactions begin
// with the write lock, so that of two that use one token the second sees what the
// first has made of it.
func (s *sessions) transact(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// row is a refresh token that has not expired.
type row struct {
	session, user string
	begun         int64
	used          sql.NullInt64
	answer        []byte
}

func find(ctx context.Context, tx *sql.Tx, token string, now time.Time) (row, error) {
	var r row
	err := tx.QueryRowContext(ctx, `SELECT session, user, begun, used, answer FROM refresh_tokens WHERE hash = ? AND expires > ?`, hashOf(token), now.Unix()).
		Scan(&r.session, &r.user, &r.begun, &r.used, &r.answer)
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, errNoSession
	}
	return r, err
}

func insert(ctx context.Context, tx *sql.Tx, token, session, user string, begun, now time.Time) error {
	expires := now.Add(idle)
	if last := begun.Add(longest); last.Before(expires) {
		expires = last
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO refresh_tokens (hash, session, user, begun, expires) VALUES (?, ?, ?, ?, ?)`,
		hashOf(token), session, user, begun.Unix(), expires.Unix())
	return err
}

func endSession(ctx context.Context, tx *sql.Tx, session string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM refresh_tokens WHERE session = ?`, session)
	return err
}

func hashOf(token string) []byte {
	hash := sha256.Sum256([]byte(token))
	return hash[:]
}

// sealer keeps an answer so that the holder of the token alone can have it again:
// its key is made from the token, of which the table has but another hash.
func sealer(token string) issue.Sealer {
	key := sha256.Sum256([]byte("login: the answer to " + token))
	return issue.SealWith(key[:])
}

func seal(ctx context.Context, token string, a answer) ([]byte, error) {
	plain, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	return sealer(token).Seal(ctx, plain)
}

func unseal(ctx context.Context, token string, sealed []byte) (answer, error) {
	var a answer
	plain, err := sealer(token).Open(ctx, sealed)
	if err != nil {
		return answer{}, err
	}
	return a, json.Unmarshal(plain, &a)
}
