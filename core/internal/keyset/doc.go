// Package keyset turns JWK and JWKS documents into usable keys and keeps those of an issuer ready, and asks an issuer
// about a token. It is the only package that opens a socket.
//
// [Parse] makes a [Set] of a document. A [Source] answers for the keys of one issuer: [JWKS] and [Discovery] fetch them,
// [File] reads them from disk, [FixedSet] and [Static] hold them. cause.go lists why a key of a document is not used.
//
// # What a fetched set goes through
//
// An atomic pointer leads to one immutable state: the set, four instants, and what is known of the last fetch. Its phase
// follows from the clock alone:
//
//	fresh    below 80 % of MaxAge      a known key from memory; an unknown kid may pay for a fetch
//	ahead    below MaxAge              the same, and one fetch in the background, which costs an unknown kid nothing
//	silent   past MaxAge, none failed  the next caller waits for one fetch
//	stale    past MaxAge, one failed   a known key from memory, fetches in the background as the backoff allows;
//	                                   an unknown kid is unavailable while the backoff runs, and then waits for the fetch
//	expired  past MaxStale as well     callers wait for one fetch; unavailable while the backoff runs
//	empty    never loaded              the same
//
// Only a flight publishes another state: the function inside singleflight, one at a time, after success and after failure.
// It runs on its own context, so that it does not end with a caller. A caller that sees another state than the one it decided
// upon knows that a flight has landed. A flight that finds another state than its caller's returns at once: that is what
// makes one fetch of a thousand first requests.
//
// A flight that no unknown kid pays for looks into the Store first. Fresh keys there that are younger than its own end the
// flight: another replica has fetched them. At a start kept keys that serve are published at once, and the same flight goes
// on to the issuer, unless they are fresh and the Store is one of a fleet. An unknown kid always asks the issuer.
//
// The log, the [Hooks] and Store.Put follow on a flight as errands: in order, one at a time, on a goroutine that ends with
// the last of them. A call that takes too long is abandoned, and its kind is skipped until it returns.
//
// All instants keep their monotonic reading. Only Expires, Retry-After dates and a Store's entry use the wall clock, which is
// all that they have. A monotonic clock stands still while a virtual machine sleeps: keys outlive MaxAge by that sleep.
//
// TestModel holds the cache against a reference in random schedules of all this (model_test.go is the reference,
// model_schedule_test.go says what a schedule is). A rule that changes here changes there. faults.go shows what it sees.
//
// # Introspection
//
// An [Endpoint] asks an issuer about a token through the same getter: one POST, at most 64 at a time, each over within Timeout
// whatever it waits for. It finds its address in the metadata as Discovery does. No connection, no answer in time, and one of
// the statuses 401, 429, 502, 503 and 504 open a breaker: calls fail at once for 1 s and up to 12 s, then one of them tries for
// all. No other answer opens it, since a token may have caused that.
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
//	an endless header                        keeps being answered     unavailable              TestK17HeaderIsLimited, TestK1PeersLeaveNothingBehind
//	a peer that connects and says nothing    keeps being answered     unavailable in 5 s       TestK1PeersLeaveNothingBehind, TestK1DialEndsWithTheRefresh
//	a panic or Goexit in the Client          keeps being answered     unavailable              TestFaultNeverReplacesAGoodSet, TestK11GoexitIsAFailure
//	a panic or Goexit in the Store, a Hook   no difference            no difference            TestStoreTroubleIsNeverFatal, TestHookPanicIsLogged, TestK11GoexitInStoreAndHooks
//	Store.Get hangs                          500 ms later if it waits 500 ms later if it waits  TestK2StoreThatHangsDelaysTheFirstFetchAlone
//	Store.Put, a Hook or the Logger hangs    no difference            no difference            TestK3PutThatHangsHoldsNothing, TestK3HooksAndLoggerThatHangHoldNothing
//	429 or 503 with Retry-After              keeps being answered     unavailable until then   TestRetryAfterIsRespected, TestRetryAfterLengthensTheBackoff
//	304 unasked, odd validators              keeps being answered     unavailable              TestConditionalRequests, TestOddValidatorIsNotSentBack
//	304 without Cache-Control                fresh as long as before  the same                 TestK12FreshnessOutlivesASilent304
//	Cache-Control of 0 s or of 10 years      clamped to 1 min..24 h   the same                 TestFreshness
//	a clock that jumps                       no difference            no difference            TestD03InstantsAreMonotonic, TestWarmStartIgnoresDamage
//	rotation without overlap                 refused from then on     one round trip           TestB11B12RotationIsAcceptedWithTheFirstToken
//	rotation while a fetch is under way      no difference            two round trips          TestFetchUnderWayIsNoProofOfAbsence
//	rotation after a bogus kid               no difference            one round trip           TestRotationAfterOneBogusKid
//	a token before its key is published      no difference            within one Cooldown      TestK6KidAskedForJustBeforeItIsPublished
//	rotation after a failure and silence     no difference            one round trip           TestK13NewKeyAfterABlipAndSilence
//	a flood of random kids                   no difference            unknown, three fetches   TestB01FloodOfKidsCostsThreeFetches, TestB01CallersOneByOneDoNotWait
//	rotation under that flood                no difference            within one Cooldown      TestB02RotationUnderAFloodTakesOneCooldown
//	a flood while the issuer is down         no difference            unavailable              TestB03EmptySetDoesNotBypassTheCooldown, TestFloodWhileTheIssuerHangs, TestK7UnknownKidWhileTheLastFetchFailed
//	a flood of bad signatures                no fetch                 the same                 TestKnownKidNeverFetches
//	a thousand first requests                one fetch                one fetch                TestB10ThousandFirstRequestsAreOneFetch
//	a caller cancels, or has a deadline      unavailable for it       nobody else notices      TestB09CancelledCallerHurtsNobody, TestCallerReturnsAtItsDeadline
//	a caller that is gone before it asks     from memory              no fetch, unavailable    TestK16CallerThatIsGoneStartsNothing
//	metadata of another issuer               keeps being answered     unavailable              TestDiscovery
//	a bad JWK among good ones                left out and counted     its neighbours serve     TestJWKOddities
//	two different keys of one kid            both left out            unknown                  TestSetDuplicateKid
//	a restart while the issuer is down       from the Store           unavailable              TestWarmStartWhileTheIssuerIsDown, TestK5RestoreGoesOnIntoItsFetch
//	a damaged Store, a full disk             from the issuer          from the issuer          TestWarmStartIgnoresDamage, TestStoreTroubleIsNeverFatal
//	a broken edit of a key file              keeps being answered     unavailable              TestFile
//	a FIFO in the place of a key file        keeps being answered     unavailable              TestK14FIFOIsRefused
//	an endpoint that hangs, or is down       TestEndpointRests, TestEndpointRestsByStatus
//	its metadata cannot be had, or it moved  TestEndpointDiscovery, TestEndpointMoves
//	a panic, Goexit or hang in its Client    TestEndpointSurvivesItsClient
//	an endpoint that says nothing            TestEndpointLeavesNothingBehind
package keyset
