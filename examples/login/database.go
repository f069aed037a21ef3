package main

import (
	"context"
	"database/sql"
	"errors"

	_ "modernc.org/sqlite" // the driver "sqlite", without cgo
)

// schema is the login's own. Of a refresh token the table has the hash alone: who
// reads it can use none of them.
const schema = `
CREATE TABLE IF NOT EXISTS users (
	name     TEXT PRIMARY KEY,
	password BLOB NOT NULL, -- bcrypt
	roles    TEXT NOT NULL  -- separated by spaces
) STRICT;
CREATE TABLE IF NOT EXISTS refresh_tokens (
	hash    BLOB PRIMARY KEY, -- SHA-256 of the token, which is random enough to need no salt
	session TEXT NOT NULL,    -- the family: all successors of one login
	user    TEXT NOT NULL,
	begun   INTEGER NOT NULL, -- when the session began; Unix seconds, as expires
	expires INTEGER NOT NULL,
	used    INTEGER,          -- when its successor was made, in milliseconds
	answer  BLOB              -- what that answer was, sealed with a key that only the token yields
) STRICT;
CREATE INDEX IF NOT EXISTS refresh_tokens_session ON refresh_tokens (session);
CREATE INDEX IF NOT EXISTS refresh_tokens_expires ON refresh_tokens (expires);
`

// openDatabase opens one connection: SQLite has one writer at a time anyway, and
// what waits for it waits within its context.
func openDatabase(ctx context.Context, path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}
