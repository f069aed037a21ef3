package proof

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"sync/atomic"
	"time"
)

// nonceStep is how long one nonce is the newest. It serves for the step before and
// the step after as well: replicas' clocks differ, and a client needs time to come
// back.
const nonceStep = 60 * time.Second

// Nonces are the nonces of this service (RFC 9449 section 9): an HMAC over the
// number of the minute, so that replicas with the same secrets know each other's
// without asking. All clients share one, which section 11.1 allows.
type Nonces struct {
	secrets [][]byte // newest first: the first makes nonces, each is good
	table   atomic.Pointer[nonceTable]
}

// NewNonces takes secrets of at least 32 octets, newest first.
func NewNonces(secrets [][]byte) *Nonces { return &Nonces{secrets: secrets} }

// nonceTable holds the nonces that pass in one step. It does not change.
type nonceTable struct {
	step  int64
	texts []string // of each secret: this step's, the step's before, the next
}

// At returns the nonce that is the newest at an instant.
func (n *Nonces) At(now time.Time) string { return n.at(now).texts[0] }

func (n *Nonces) at(now time.Time) *nonceTable {
	step := now.Unix() / int64(nonceStep/time.Second)
	if t := n.table.Load(); t != nil && t.step == step {
		return t
	}
	t := &nonceTable{step: step}
	for _, secret := range n.secrets {
		for _, s := range []int64{step, step - 1, step + 1} {
			t.texts = append(t.texts, nonceOf(secret, s))
		}
	}
	n.table.Store(t) // whoever comes at the same time stores the same
	return t
}

func nonceOf(secret []byte, step int64) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write(binary.BigEndian.AppendUint64([]byte("jwtmw dpop nonce"), uint64(step)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// judgedNonce is what is known of a nonce.
type judgedNonce struct {
	known bool
	until time.Time // it serves no longer
	next  string    // what the client should use from now on; "" where it does
}

func (n *Nonces) judge(nonce string, now time.Time) (judged judgedNonce) {
	t := n.at(now)
	for i, text := range t.texts {
		if subtle.ConstantTimeCompare([]byte(text), []byte(nonce)) == 0 {
			continue
		}
		step := t.step + []int64{0, -1, 1}[i%3]
		judged.known = true
		judged.until = time.Unix((step+2)*int64(nonceStep/time.Second), 0)
		// A replica whose clock is ahead gave the next one, which is no reason to send
		// the client back.
		if i != 0 && i != 2 {
			judged.next = t.texts[0]
		}
	}
	return judged
}
