package core

import (
	"maps"
	"slices"
	"time"
)

// IssuerStats is the state of one issuer's keys, as a readiness probe or a
// dashboard needs it.
type IssuerStats struct {
	Issuer string // Config.Issuer

	// State is one of:
	//
	//	fresh          younger than 80 % of MaxAge
	//	refresh_ahead  younger than MaxAge, a refresh is due; keys out of a Store begin here
	//	stale          as old as MaxAge or older: fetching fails, or nobody asked
	//	expired        as old as MaxAge and MaxStale together or older, for either reason
	//	empty          never loaded
	//	static         keys in hand
	//
	// Keys are fetched when somebody asks for them, so that silence alone leaves
	// them empty, or makes them stale and then expired. That is no failure:
	// LastError is empty and Failures does not grow, and the next caller waits
	// for one fetch.
	//
	// A JWKSFile has no MaxAge: it is fresh if the last reading was good, stale
	// if that failed, and empty before the first good one.
	State string

	Keys    int            // usable keys held
	Skipped map[string]int // keys of the last good answer that cannot be used, by cause

	Age      time.Duration // since the keys were fetched or found unchanged
	MaxAge   time.Duration // the age up to which they are fresh
	MaxStale time.Duration // how long past MaxAge they still serve

	LastSuccess time.Time // of a fetch; zero if none
	LastFailure time.Time // of a fetch; zero if none
	LastError   string    // of the last failure; empty after a success

	Fetches  int // refreshes that asked the issuer
	Failures int // those of them that failed
}

// Stats returns the state of every issuer's keys, in the order of New, and then
// of the tenants that are kept, by name.
func (v *Verifier) Stats() []IssuerStats {
	if v == nil {
		return nil
	}
	issuers := slices.Concat(v.order, v.tenants.all())
	stats := make([]IssuerStats, len(issuers))
	for i, iss := range issuers {
		s := iss.keys.Stats()
		stats[i] = IssuerStats{
			Issuer: iss.Issuer, State: s.State, Keys: s.Keys, Skipped: maps.Clone(s.Skipped),
			Age: s.Age, MaxAge: s.MaxAge, MaxStale: s.MaxStale,
			LastSuccess: s.LastSuccess, LastFailure: s.LastFailure, LastError: s.LastError,
			Fetches: s.Fetches, Failures: s.Failures,
		}
	}
	return stats
}
