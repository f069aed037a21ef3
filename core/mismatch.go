package core

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// mismatch says what a member of a token was and what it should have been. Like
// its kin below it is put into words only when somebody reads it: whoever floods
// a service with bad tokens must not be able to make it write.
type mismatch struct {
	member string
	got    string
	want   []string
}

func (m *mismatch) Error() string {
	const most = 8 // of 500 audiences nobody reads the rest
	want := slices.Clone(m.want)
	if more := len(want) - most; more > 0 {
		want = append(want[:most], fmt.Sprintf("%d more", more))
	}
	if len(want) == 0 {
		want = []string{"one of a list that was left empty"}
	}
	for i, w := range want {
		want[i] = cmp.Or(w, "none") // as Types accepts the absence of typ
	}
	return fmt.Sprintf("%s: got %s, want %s", quote(m.member), quote(m.got), strings.Join(want, " or "))
}

// wrongAlgorithm is the mismatch of a token whose alg is not pinned.
type wrongAlgorithm struct {
	got    jws.Algorithm
	pinned []jws.Algorithm
}

func (w *wrongAlgorithm) Error() string {
	want := make([]string, len(w.pinned))
	for i, a := range w.pinned {
		want[i] = string(a)
	}
	if len(want) == 0 {
		want = []string{"an opaque token, since Introspection has no Keys"}
	}
	return (&mismatch{"alg", string(w.got), want}).Error()
}

// wrongClaim is the mismatch of a token whose claim is none of those that
// ClaimIn lists.
type wrongClaim struct {
	path []string
	got  string // JSON; "" if absent
	want []any
}

func (w *wrongClaim) Error() string {
	want := make([]string, len(w.want))
	for i, value := range w.want {
		want[i] = cut(fmt.Sprint(value))
	}
	return (&mismatch{strings.Join(w.path, "/"), cmp.Or(strings.Trim(w.got, `"`), "none"), want}).Error()
}

// wrongAudience is the mismatch of a token that is meant for others.
type wrongAudience struct{ got, want []string }

func (w *wrongAudience) Error() string {
	return (&mismatch{"aud", fmt.Sprint(w.got), w.want}).Error()
}

// wrongDate is the mismatch of a token whose time has passed, or not come.
type wrongDate struct {
	claim  string
	got    time.Time
	want   string // how it should stand to limit
	limit  time.Time
	leeway time.Duration
}

func (w *wrongDate) Error() string {
	want := fmt.Sprintf("a date %s %s, give or take %v", w.want, w.limit.UTC().Format(time.RFC3339Nano), w.leeway)
	return (&mismatch{w.claim, w.got.UTC().Format(time.RFC3339Nano), []string{want}}).Error()
}

// quote makes foreign text fit for a log line.
func quote(text string) string { return strconv.Quote(cut(text)) }

// plain is quote for an attribute of its own: nothing is quoted that a handler
// can print as it stands.
func plain(text string) string {
	text = cut(text)
	if quoted := strconv.Quote(text); len(quoted) != len(text)+2 {
		return quoted
	}
	return text
}

// cut bounds what foreign text may take of a log line.
func cut(text string) string {
	const limit = 64
	if len(text) > limit {
		text = text[:limit] + "..."
	}
	return text
}
