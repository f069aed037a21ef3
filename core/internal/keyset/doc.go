// Package keyset turns JWK and JWKS documents into usable keys and keeps those of an issuer at hand. It is the only
// package that opens a socket.
//
// [Parse] makes a [Set] of a document. A [Source] answers for the keys of one issuer, from wherever they come: [JWKS] and
// [Discovery] fetch them, [File] reads them from disk, [FixedSet] and [Static] hold them.
//
// # What a fetched set goes through
//
// One immutable state lies behind an atomic pointer: the set, four instants, and what is known of the last fetch. Its
// phase follows from the clock alone:
//
//	fresh    below 80 % of MaxAge      a known key from memory; an unknown kid may pay for a fetch
//	ahead    below MaxAge              the same, and one fetch in the background
//	silent   past MaxAge, none failed  the next caller waits for one fetch
//	stale    past MaxAge, one failed   a known key from memory, fetches in the background as the backoff allows;
//	                                   an unknown kid is unavailable
//	expired  past MaxStale as well     callers wait for one fetch; unavailable where the backoff forbids it
//	empty    never loaded              the same
//
// Only a flight publishes another state: the function inside singleflight, one at a time, after success and after
// failure. It runs on its own context, so that no caller's end is its own, and it is the only goroutine. A caller that
// sees another state than the one it decided upon knows that a flight has landed. A flight that finds another state
// than the one its caller decided upon returns at once: that is what makes one fetch of a thousand first requests.
//
// [Hooks] hear of a flight from the flight itself, after its callers were let go.
//
// All instants keep their monotonic reading. The wall clock counts in Expires, Retry-After dates and a Store's entry,
// which have no other.
//
// # What can go wrong
//
// Unavailable is [*UnavailableError], for which a client gets 503; unknown is [ErrUnknownKey], for which it gets 401.
//
//	fault                                    a known key              an unknown kid           test
//	500, HTML, truncation, wrong types       keeps being answered     unavailable              TestFaultNeverReplacesAGoodSet
//	{"keys":[]}, no usable key               keeps being answered     unavailable              TestFaultNeverReplacesAGoodSet
//	DNS, TLS, refused or lost connection     keeps being answered     unavailable              TestFaultNeverReplacesAGoodSet, TestLoopbackTLS
//	the issuer hangs, or drips its body      keeps being answered     unavailable in 5 s       TestLoopbackFaults, TestStaleServesKnownKeysAndRefusesOthers
//	the issuer is down past MaxStale         unavailable              unavailable              TestExpiredIsUnavailable
//	the issuer was never up                  unavailable              unavailable              TestFaultFromTheStartIsUnavailable, TestNeverLoadedIsUnavailable
//	nobody asked for hours                   waits for one fetch      waits for one fetch      TestSilenceIsNoFailure
//	a redirect, to wherever                  keeps being answered     unavailable              TestB08LoopbackRedirectIsNotFollowed
//	an endless body, a gzip bomb             keeps being answered     unavailable              TestLoopbackFaults
//	a panic in the Client or Store           keeps being answered     unavailable              TestFaultNeverReplacesAGoodSet, TestStoreTroubleIsNeverFatal
//	a panic in a Hook                        no difference            no difference            TestHookPanicIsLogged
//	429 or 503 with Retry-After              keeps being answered     unavailable until then   TestRetryAfterIsRespected, TestRetryAfterLengthensTheBackoff
//	304 unasked, odd validators              keeps being answered     unavailable              TestConditionalRequests, TestOddValidatorIsNotSentBack
//	Cache-Control of 0 s or of 10 years      clamped to 1 min..24 h   the same                 TestFreshness
//	a clock that jumps                       no difference            no difference            TestD03InstantsAreMonotonic, TestWarmStartIgnoresDamage
//	rotation without overlap                 refused from then on     one round trip           TestB11B12RotationIsAcceptedWithTheFirstToken
//	rotation while a fetch is under way      no difference            two round trips          TestFetchUnderWayIsNoProofOfAbsence
//	rotation after a bogus kid               no difference            one round trip           TestRotationAfterOneBogusKid
//	a flood of random kids                   no difference            unknown, three fetches   TestB01FloodOfKidsCostsThreeFetches, TestB01CallersOneByOneDoNotWait
//	rotation under that flood                no difference            within one Cooldown      TestB02RotationUnderAFloodTakesOneCooldown
//	a flood while the issuer is down         no difference            unavailable              TestB03EmptySetDoesNotBypassTheCooldown, TestFloodWhileTheIssuerHangs
//	a flood of bad signatures                no fetch                 the same                 TestKnownKidNeverFetches
//	a thousand first requests                one fetch                one fetch                TestB10ThousandFirstRequestsAreOneFetch
//	a caller cancels, or has a deadline      unavailable for it       nobody else notices      TestB09CancelledCallerHurtsNobody, TestCallerReturnsAtItsDeadline
//	metadata of another issuer               keeps being answered     unavailable              TestDiscovery
//	a bad JWK among good ones                left out and counted     its neighbours serve     TestJWKOddities
//	two different keys of one kid            both left out            unknown                  TestSetDuplicateKid
//	a restart while the issuer is down       from the Store           unavailable              TestWarmStartWhileTheIssuerIsDown
//	a damaged Store, a full disk             from the issuer          from the issuer          TestWarmStartIgnoresDamage, TestStoreTroubleIsNeverFatal
//	a broken edit of a key file              keeps being answered     unavailable              TestFile
package keyset
