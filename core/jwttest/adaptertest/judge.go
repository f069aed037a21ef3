package adaptertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// tableRow is one request and what must become of it. Names begin with the attack they are about, where it has an
// identifier: C01, C02 and so on.
type tableRow struct {
	name string
	wireRequest
	want wanted
}

// wanted is an answer. The zero value of a field that has no comment is compared like any other.
type wanted struct {
	status     int // 0: any but 2xx
	challenge  string
	reason     core.Reason // "": the body is not looked at
	retryAfter bool        // the header is there and names at least a second
	nonce      bool        // DPoP-Nonce is there, in an answer that no cache keeps
	early      bool        // the server itself may have answered, before any guard: headers and body are not looked at
	ran        bool        // the handler ran
	subject    string      // that it saw, "" for nobody
	body       string      // "": by the rules for refusals and for handlers
}

// passes is for a request that reaches the handler.
func passes(subject string) wanted {
	return wanted{status: http.StatusOK, ran: true, subject: subject}
}

// refused is for a request that a guard or a Require answers.
func refused(status int, reason core.Reason, challenge string) wanted {
	return wanted{status: status, reason: reason, challenge: challenge}
}

// judge sends the row's request and says what is wrong with the answer.
func (a *app) judge(row tableRow) []string {
	before, _ := a.calls.total()
	got, err := a.exchange(row.wireRequest)
	if err != nil {
		return []string{err.Error()}
	}
	var p problems
	if row.want.status == 0 {
		p.addIf(got.StatusCode/100 == 2, "status: got %d, want a refusal or a redirect", got.StatusCode)
	} else {
		p.addIf(got.StatusCode != row.want.status, "status: got %d, want %d", got.StatusCode, row.want.status)
	}
	after, _ := a.calls.total()
	ran := after - before
	p.addIf(ran != 0 && !row.want.ran, "the handler ran %d times, want none", ran)
	p.addIf(ran != 1 && row.want.ran, "the handler ran %d times, want once", ran)
	if row.want.early {
		return p
	}
	p.headers(got, row.want)
	p.body(got, row)
	for _, word := range append(row.credentials(), secretHost, hostileWord, a.issuer.KeyID("RS256"), a.issuer.KeyID("ES256")) {
		p.addIf(strings.Contains(got.text(), word), "the answer repeats %.40q", word)
	}
	return p
}

// problems are the ways in which an answer is not the wanted one.
type problems []string

func (p *problems) addIf(wrong bool, format string, args ...any) {
	if wrong {
		*p = append(*p, fmt.Sprintf(format, args...))
	}
}

func (p *problems) headers(got wireAnswer, want wanted) {
	challenges := got.Header.Values("WWW-Authenticate")
	switch {
	case want.challenge == "":
		p.addIf(len(challenges) > 0, "WWW-Authenticate: got %q, want none", challenges)
	default:
		p.addIf(!slices.Equal(challenges, []string{want.challenge}), "WWW-Authenticate: got %q, want %q once", challenges, want.challenge)
	}
	nonces, caching := got.Header.Values("DPoP-Nonce"), got.Header.Get("Cache-Control")
	p.addIf(want.nonce && (len(nonces) != 1 || nonces[0] == "" || caching != "no-store"), "DPoP-Nonce: got %q with Cache-Control %q, want one with no-store", nonces, caching)
	p.addIf(!want.nonce && len(nonces) > 0, "DPoP-Nonce: got %q, want none", nonces)
	p.addIf(got.Header.Get("X-Injected") != "", "a header that nobody set: got X-Injected")
	retry := got.Header.Values("Retry-After")
	if !want.retryAfter {
		p.addIf(len(retry) > 0, "Retry-After: got %q, want none", retry)
		return
	}
	seconds, _ := strconv.Atoi(strings.Join(retry, " and "))
	p.addIf(seconds < 1, "Retry-After: got %q, want a number of seconds", retry)
}

func (p *problems) body(got wireAnswer, row tableRow) {
	switch {
	case row.method == "HEAD":
		p.addIf(len(got.body) > 0, "body: got %q, want none for HEAD", got.body)
	case row.want.body != "":
		p.addIf(string(got.body) != row.want.body, "body: got %s, want %s", got.body, row.want.body)
		p.contentType(got, "application/json")
	case row.want.ran:
		p.seen(got, row.want)
	case row.want.reason != "":
		p.problem(got, row.want)
	}
}

func (p *problems) contentType(got wireAnswer, want string) {
	p.addIf(got.Header.Get("Content-Type") != want, "Content-Type: got %q, want %q", got.Header.Get("Content-Type"), want)
}

func (p *problems) seen(got wireAnswer, want wanted) {
	var seen Seen
	if err := json.Unmarshal(got.body, &seen); err != nil {
		p.addIf(true, "body: got %q, want the JSON of a Seen", got.body)
		return
	}
	p.addIf(seen.Handler != want.subject, "FromContext: got subject %q, want %q", seen.Handler, want.subject)
	p.addIf(seen.Store != want.subject, "the framework's store: got subject %q, want %q", seen.Store, want.subject)
	p.addIf(len(seen.Services) == 0, "core.FromContext: got no context to try, want at least the request's")
	for i, subject := range seen.Services {
		p.addIf(subject != want.subject, "core.FromContext with context %d: got subject %q, want %q", i, subject, want.subject)
	}
}

// problem reads the document of RFC 9457, section 3.
func (p *problems) problem(got wireAnswer, want wanted) {
	p.contentType(got, "application/problem+json")
	var document struct {
		Type, Title, Detail string
		Status              int
		Reason              core.Reason
	}
	if err := json.Unmarshal(got.body, &document); err != nil {
		p.addIf(true, "body: got %q, want a problem document", got.body)
		return
	}
	p.addIf(document.Type != "about:blank", "type: got %q, want %q", document.Type, "about:blank")
	p.addIf(document.Title != http.StatusText(want.status), "title: got %q, want %q", document.Title, http.StatusText(want.status))
	p.addIf(document.Status != want.status, "status member: got %d, want %d", document.Status, want.status)
	p.addIf(document.Reason != want.reason, "reason: got %q, want %q", document.Reason, want.reason)
	described := `error_description="` + document.Detail + `"`
	p.addIf(document.Detail == "", "detail: got none, want the same words as in the challenge")
	p.addIf(strings.Contains(want.challenge, "error_description") && !strings.Contains(want.challenge, described),
		"detail: got %q, want the words of the challenge %s", document.Detail, want.challenge)
}

// shared are slices that the one who mounted them still holds.
type shared struct {
	tokens       []core.TokenSource
	requirements []core.Requirement
}

// judgeCopies overwrites what a route was mounted with, as append does to two slices over one array.
func (a *app) judgeCopies() []string {
	row := a.requireRow("", "/shared", map[string]any{"roles": []string{"admin"}}, passes(jwttest.Subject))
	if found := a.judge(row); len(found) > 0 {
		return found
	}
	a.shared.tokens[0] = core.FromHeader("X-Nobody")
	a.shared.requirements[0] = core.Role("nobody")
	return a.judge(row)
}

// judgePanic looks at what stands outside of the guard while the handler panics.
func (a *app) judgePanic() []string {
	_, before := a.calls.total()
	_, err := a.exchange(wireRequest{target: "/panics", lines: []string{"Authorization: Bearer " + a.issuer.Token(nil)}})
	if err != nil {
		return []string{err.Error()}
	}
	var p problems
	_, after := a.calls.total()
	p.addIf(after-before != 1, "Recover saw the handler's panic %d times, want once", after-before)
	return p
}

// judgeConcurrent sends many requests at once, each with a subject of its own.
func (a *app) judgeConcurrent() []string {
	const callers = 32
	found := make([]problems, callers)
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			subject := fmt.Sprintf("caller-%02d", i)
			token := a.issuer.Token(map[string]any{"sub": subject}, jwttest.Algorithm("ES256"))
			got, err := a.exchange(wireRequest{lines: []string{"Authorization: Bearer " + token}})
			if err != nil {
				found[i].addIf(true, "%v", err)
				return
			}
			found[i].seen(got, passes(subject))
		})
	}
	all.Wait()
	var p problems
	return slices.Concat(append(found, p)...)
}

// judgeKept sends requests on one connection, so that a server that reuses its buffers does so, and then looks again
// at the claims that handlers have kept.
func (a *app) judgeKept() []string {
	w, err := a.dial()
	if err != nil {
		return []string{err.Error()}
	}
	defer w.Close()
	var p problems
	for _, subject := range []string{"first--", "second-", "third--"} {
		token := a.issuer.Token(map[string]any{"sub": subject, "jti": subject, "scope": subject}, jwttest.Algorithm("ES256"))
		got, err := w.exchange(wireRequest{lines: []string{"Authorization: Bearer " + token}}, "keep-alive")
		if err != nil {
			return append(p, err.Error())
		}
		p.seen(got, passes(subject))
	}
	return append(p, a.calls.changed()...)
}
