// Package revoke knows which tokens are valid no longer, before they expire: one
// token, a session, a user, or all that an issuer has signed. Every replica of a
// service sees a revocation within seconds, and no request waits for a server
// while all is well.
//
// # Begin
//
//	list, err := revoke.New(revoke.Config{Log: revoke.File("/var/lib/api/revoked")})
//	config := core.Config{Issuer: "https://login.example.com", Audiences: ..., Revoked: list.Revoked}
//
//	// log a user out, everywhere
//	err = list.Add(ctx, revoke.Entry{
//		Issuer:  claims.Issuer,
//		Subject: claims.Subject,
//		Before:  time.Now(),
//		Until:   time.Now().Add(24 * time.Hour), // when the last of those tokens has expired
//	})
//
// An identity provider does it itself with [List.BackChannelLogout]:
//
//	logout, err := list.BackChannelLogout(core.Config{Issuer: "https://login.example.com", Audiences: []string{"web"}})
//	http.Handle("/backchannel-logout", logout)
//
// # Which Log
//
//   - [Memory] is for tests and for one replica: a restart forgets it.
//   - [File] is for the processes of one machine, and survives a restart.
//   - Redis.Revocations of package redisstore is for a fleet.
//
// # When the Log cannot be read
//
// The age of a list counts from the last read that came to the Log's end:
//
//	younger than 80 % of MaxAge       answered from memory
//	younger than MaxAge               the same, and one request starts a read that nobody waits for
//	older                             all wait, within their ctx and 2 seconds, for one read
//	  that read failed                the list serves until MaxAge + MaxStale; one read a second is tried
//	older than MaxAge + MaxStale      503 revocation_unavailable
//	more entries than Max             503 revocation_unavailable, until enough of them have ended
//
// That nobody asked for hours is no failure: the next request waits for one read.
// A token that the list knows is refused with 401 whatever its age. A Log that
// hangs or panics is like one that fails.
//
// # Cost
//
// An entry takes 43 to 86 octets of memory, whatever its names are: the List keeps
// 128 bits of a keyed hash of them. With a million entries a lookup takes 0.1 to
// 0.2 us for one kind of entry and 0.1 us more for each other kind, and 0.8 us
// more while sessions are revoked, since "sid" is no registered claim and is looked
// for in the payload. core/benchmarks has the cost beside a verification.
//
// # Observe
//
//	message                             level  attributes
//	revocation list cannot be read      WARN   error: the first of an outage
//	revocation list is full             ERROR  error
//	revocation list can be read again   INFO   failures
//	session ended by its issuer         INFO   issuer
//	session could not be ended          ERROR  issuer, error
package revoke
