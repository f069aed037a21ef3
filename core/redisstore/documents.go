package redisstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

const (
	fetchWait    = 400 * time.Millisecond // for what another replica puts
	fetchPoll    = 25 * time.Millisecond
	fetchTurn    = time.Second    // how long one replica fetches before another may try
	documentLife = 49 * time.Hour // MaxAge and MaxStale are 24 hours each, and an age may be a tenth longer
)

type documents struct {
	server *server
	prefix string
}

// Shared says that what is found here need not be fetched anew at a start.
func (d *documents) Shared() bool { return true }

// Get returns the document. Where that is missing or due to be fetched, the
// first caller gets it at once, to fetch, and the others wait for what comes.
func (d *documents) Get(ctx context.Context, name string) ([]byte, error) {
	document, err := d.load(ctx, name)
	if err != nil || isFresh(document) {
		return document, err
	}
	reply, err := d.server.do(ctx, "SET", d.prefix+name+".turn", "1", "NX", "PX", milliseconds(fetchTurn))
	if err != nil {
		return document, nil // whatever the server does now, this replica can fetch
	}
	if reply != nil {
		// Another may have put it, and given up its turn, since the look above.
		if next, err := d.load(ctx, name); err == nil && isFresh(next) {
			return next, nil
		}
		return document, nil
	}
	ctx, cancel := context.WithTimeout(ctx, fetchWait)
	defer cancel()
	poll := time.NewTicker(fetchPoll)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return document, nil
		case <-poll.C:
		}
		if next, err := d.load(ctx, name); err == nil && isFresh(next) {
			return next, nil
		}
	}
}

func (d *documents) load(ctx context.Context, name string) ([]byte, error) {
	reply, err := d.server.do(ctx, "GET", d.prefix+name)
	if err != nil {
		return nil, err
	}
	document, ok, err := text(reply)
	if err != nil {
		return nil, fmt.Errorf("redis: GET: %w", err)
	}
	if !ok {
		return nil, nil
	}
	return []byte(document), nil
}

func (d *documents) Put(ctx context.Context, name string, data []byte) error {
	if _, err := d.server.do(ctx, "SET", d.prefix+name, string(data), "PX", milliseconds(documentLife)); err != nil {
		return err
	}
	_, err := d.server.do(ctx, "DEL", d.prefix+name+".turn")
	return err
}

// isFresh says that nobody is going to fetch the document anew: it is younger than
// 80 % of its age, as a verifier counts. Of what core puts these two members tell.
func isFresh(document []byte) bool {
	var kept struct {
		FetchedAt time.Time `json:"fetched_at"`
		MaxAge    string    `json:"max_age"`
	}
	if document == nil || json.Unmarshal(document, &kept) != nil {
		return false
	}
	maxAge, err := time.ParseDuration(kept.MaxAge)
	age := time.Since(kept.FetchedAt)
	return err == nil && age > -time.Minute && age < maxAge/5*4
}
