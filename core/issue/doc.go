// Package issue is the half of a token's life that comes before verification: it
// signs access tokens (RFC 9068), publishes the keys that verify them, and changes
// those keys so that nobody is refused. It is for a service with a login of its
// own; with an identity provider in front, package core suffices.
//
// # Begin
//
//	issuer, err := issue.New(issue.Config{
//		Issuer: "https://login.example.com",
//		Keys:   issue.Ring{Store: issue.FileStore("/var/lib/login/ring")},
//	})
//	http.Handle("/.well-known/", issuer) // key set and metadata
//
//	token, err := issuer.Sign(ctx, issue.Claims{
//		Subject:  "alice",
//		ClientID: "web",
//		Audience: []string{"https://api.example.com"},
//	})
//
// Other services verify with core.Config{Issuer: "https://login.example.com",
// Audiences: ...} and nothing else. The same process verifies with
// [Issuer.Config], without a socket. Call [Issuer.Ready] in the readiness probe.
// A login around it, with refresh tokens, is examples/login.
//
// # Where the keys are
//
//   - [Ring] makes and changes them itself, over one document. For a single machine
//     that document is a file; for a fleet it is in Redis or a database, sealed.
//   - [KeyDir] is a directory of PEM files, each named for the day from which it
//     signs. Every replica changes at the same instant and nothing is shared but
//     files, such as a Kubernetes secret. Somebody must make the next file in time.
//   - [Signers] are keys in a KMS or an HSM.
//   - [Secrets] are HS256 secrets, for which see below.
//
// Keep private keys out of environment variables, which are inherited, listed and
// logged.
//
// # The schedule
//
//	published at From - Ahead      signs From .. Until = From + Every      gone at Until + Lifetime + 5 min
//
// Two numbers of it are often taken for one:
//
//   - MaxAge, 10 minutes, is the Cache-Control of the key set. It is short, because
//     it bounds how long a leaked key lives: a verifier asks again that soon.
//   - Ahead, 24 hours, is how long a key is published before it signs. It is long,
//     because many verifiers keep a key set for as long as they like and do not ask
//     again when they meet an unknown kid.
//
// Most issuers sign with a new key at once. Simulated, three replicas over one
// store, another key every three days for thirty days, a token a minute that is
// judged when it is made and 14 minutes later: of 86 400 judgements these refuse a
// good token, by verifiers that never ask again for an unknown kid
// (simulation_test.go):
//
//	Ahead      5 min cache   1 h cache   12 h cache
//	0                   30         509        6449     New refuses it
//	10 min               0         509        6449     New refuses it
//	24 h                 0           0           0     the default
//
// Everything rides on requests: nothing runs between them. Where nobody asks for a
// token, a document or [Issuer.Ready] while the next key is due, it is published
// late; where nobody asks until the last key has ended, the next one signs at once,
// and a line in the log says so. A readiness probe prevents both.
//
// To change Every or the Algorithm, deploy: both hold for keys made from then on.
// To change keys early, without an incident: [Issuer.Rotate]. To make Lifetime
// longer, deploy it everywhere a Lifetime before the present key ends.
//
// # A key leaked
//
//  1. Close the leak. A ring whose document can be read leaks the next key as well.
//  2. If the sealing key is known too, change it first (below).
//  3. Call [Issuer.Replace] on one replica, from a command or a route for operators.
//     Every token signed so far is refused: users refresh or log in again.
//  4. Wait a minute for the other replicas and MaxAge for the verifiers. Restart
//     verifiers that keep key sets for longer, and those that could not reach the
//     key set meanwhile: package core keeps one for MaxStale more, 1 hour, then.
//  5. Look in the logs for tokens that nobody signed, by "jti".
//
// With a KeyDir: remove the leaked file, and add one for a day that has begun.
// With Signers or Secrets: deploy others.
//
// # Changing the sealing key
//
//  1. Deploy SealWith(old, new) everywhere: each opens both.
//  2. Deploy SealWith(new, old): what is written from now on is sealed with new.
//  3. Call [Issuer.Rotate], which writes unless a next key waits already; then wait
//     until that one signs, and call it then. Without the call it happens by itself
//     within Every.
//  4. Deploy SealWith(new).
//
// A ring that was begun without a Sealer gains none: plain text would be taken from
// whoever can write to the store. Begin another document, as in an incident.
//
// # From HS256 to ES256
//
// Give the new half another name, so that "iss" tells the two apart: a Config, and
// so a verifier, has either a secret or public keys, never both (RFC 8725 section
// 2.1).
//
//  1. Every verifier trusts both, and nothing signs with the new one yet:
//     core.New(old, core.Config{Issuer: "https://login.example.com/2", Audiences: ...}).
//  2. The login makes its tokens with an Issuer of that name over a Ring.
//  3. After the longest lifetime of the old tokens the verifiers drop the old Config,
//     and the secret is gone from them.
//
// # A key in a KMS
//
// Ten lines make one of Signers out of any client. The public key is asked for once,
// when the program starts:
//
//	type kmsKey struct {
//		client *kms.Client
//		id     string
//		public crypto.PublicKey
//	}
//
//	func (k kmsKey) Public() crypto.PublicKey { return k.public }
//
//	func (k kmsKey) Sign(_ io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
//		out, err := k.client.Sign(context.Background(), &kms.SignInput{KeyId: &k.id, Message: digest,
//			MessageType: types.MessageTypeDigest, SigningAlgorithm: types.SigningAlgorithmSpecEcdsaSha256})
//		if err != nil {
//			return nil, err
//		}
//		return out.Signature, nil
//	}
//
// A call that hangs is left after 10 seconds, and at most 64 hang at a time. To
// rotate, add the next key with a From two days ahead, and deploy.
//
// # When HS256 is right
//
// [Secrets] are right where one team runs the login and everything that verifies,
// as one service or a few, and can deploy a secret to all of them at once. Whoever
// verifies can then also sign. Put a new secret first to sign with it, after every
// verifier has it, and drop the old one a Lifetime later. It is fifty times faster to
// sign than ES256, which matters to nobody who logs people in.
//
// # Observe
//
// [Issuer.Stats] lists the keys and their times. Config.Logger gets these lines, each
// with the issuer:
//
//	message                              level  attributes
//	first key made                       INFO   kid, from, until
//	next key made                        INFO   kid, from, until
//	key made that signs at once: ...     WARN   kid, from, until: nobody asked in time
//	keys replaced                        WARN   kid, from, until: Replace was called
//	keys cannot be read                  WARN   error: the first of a kind
//	keys can be read again               INFO
//	key file may be read by others       WARN   file, mode, want
package issue
