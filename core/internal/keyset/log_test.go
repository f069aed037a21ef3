package keyset

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestLogTellsChangesOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		i := newIssuer(ok(kids("a")))
		o := i.options()
		o.Logger = j.logger()
		s := JWKS(keysURL, o)
		want := func(changed, failed, recovered int) {
			t.Helper()
			synctest.Wait()
			got := [3]int{j.count("keys changed"), j.count("key fetch failed"), j.count("key fetch recovered")}
			if got != [3]int{changed, failed, recovered} {
				t.Errorf("got %v lines of change, failure and recovery, want %v", got, [3]int{changed, failed, recovered})
			}
		}
		use := func(d time.Duration) {
			for range d / time.Minute {
				_, _ = ask(s, "a")
				time.Sleep(time.Minute)
			}
		}
		use(time.Hour) // six refreshes of the same document
		want(1, 0, 0)
		i.now(broken)
		use(30 * time.Minute)
		want(1, 1, 0)
		i.now(status(500, ""))
		use(30 * time.Minute)
		want(1, 2, 0)
		i.now(ok(kids("a")))
		use(20 * time.Minute)
		want(1, 2, 1)
		i.now(ok(setText(jwkText(ecMembers("a")), jwkText(rsaMembers("r"), "use", "enc"))))
		use(20 * time.Minute)
		want(2, 2, 1)
		if j.count(`skipped="use 1"`) != 1 {
			t.Error("want the skipped keys told by cause")
		}
		i.now(func(*http.Request) (*http.Response, error) { panic("x") })
		use(20 * time.Minute)
		want(2, 3, 1)
		if j.count("goroutine") == 0 {
			t.Error("want the stack of a panic in the log")
		}
	})
}
