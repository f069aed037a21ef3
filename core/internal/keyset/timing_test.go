package keyset

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestBackoff(t *testing.T) {
	for failures, least := range map[int]time.Duration{
		0: time.Second, 1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 6: 32 * time.Second,
		7: 45 * time.Second, 8: 45 * time.Second, 64: 45 * time.Second, 1 << 40: 45 * time.Second,
	} {
		seen := make(map[time.Duration]bool)
		for range 200 {
			d := backoff(failures)
			if most := min(least+least/2, time.Minute); d < least || d > most {
				t.Fatalf("%d failures: got %s, want %s..%s", failures, d, least, most)
			}
			seen[d] = true
		}
		if len(seen) < 2 {
			t.Errorf("%d failures: got no jitter", failures)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tests := []struct {
			name, value string
			want        time.Duration
		}{
			{"none", "", 0},
			{"seconds", "17", 17 * time.Second},
			{"zero", "0", time.Second},
			{"an hour", "3600", time.Minute},
			{"overflow", "99999999999999999999", 0},
			{"negative", "-5", 0},
			{"a date", time.Now().UTC().Add(30 * time.Second).Format(http.TimeFormat), 30 * time.Second},
			{"a past date", time.Now().UTC().Add(-time.Hour).Format(http.TimeFormat), time.Second},
			{"a date years ahead", time.Now().UTC().AddDate(9, 0, 0).Format(http.TimeFormat), time.Minute},
			{"words", "soon", 0},
		}
		for _, tt := range tests {
			if got := retryAfter(http.Header{"Retry-After": {tt.value}}); got != tt.want {
				t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
			}
		}
	})
}

func TestFreshness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now().UTC()
		at := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
		const silence = -1
		tests := []struct {
			name   string
			header []string
			want   time.Duration
		}{
			{"silence", nil, silence},
			{"max-age", []string{"Cache-Control", "public, max-age=1200, must-revalidate"}, 20 * time.Minute},
			{"two fields", []string{"Cache-Control", "public", "Cache-Control", "max-age=1200"}, 20 * time.Minute},
			{"B15 max-age=0", []string{"Cache-Control", "max-age=0"}, time.Minute},
			{"B15 ten years", []string{"Cache-Control", "max-age=315360000"}, 24 * time.Hour},
			{"B15 overflow", []string{"Cache-Control", "max-age=99999999999999999999"}, 24 * time.Hour},
			{"negative", []string{"Cache-Control", "max-age=-1"}, silence},
			{"unreadable", []string{"Cache-Control", "max-age=soon"}, silence},
			{"open quote", []string{"Cache-Control", `max-age="600`}, silence},
			{"no-store", []string{"Cache-Control", "no-store, max-age=1200"}, time.Minute},
			{"no-cache", []string{"Cache-Control", "max-age=1200, no-cache"}, time.Minute},
			{"s-maxage is for shared caches", []string{"Cache-Control", "s-maxage=1200"}, silence},
			{"B15 Age", []string{"Cache-Control", "max-age=1200", "Age", "300"}, 15 * time.Minute},
			{"B15 Age beyond max-age", []string{"Cache-Control", "max-age=1200", "Age", "5000"}, time.Minute},
			{"bad Age", []string{"Cache-Control", "max-age=1200", "Age", "-3"}, 20 * time.Minute},
			{"Expires and Date", []string{"Date", at(-time.Hour), "Expires", at(-time.Hour + 30*time.Minute)}, 30 * time.Minute},
			{"Expires alone", []string{"Expires", at(30 * time.Minute)}, 30 * time.Minute},
			{"Expires past", []string{"Expires", at(-time.Hour)}, time.Minute},
			{"Expires 0", []string{"Expires", "0"}, time.Minute},
			{"K15 Expires centuries ago, and an Age", []string{"Date", "Fri, 31 Dec 9999 00:00:00 GMT", "Expires", "Mon, 01 Jan 0001 00:00:00 GMT", "Age", "99999999"}, time.Minute},
			{"max-age before Expires", []string{"Cache-Control", "max-age=1200", "Expires", at(time.Hour)}, 20 * time.Minute},
		}
		for _, tt := range tests {
			h := make(http.Header)
			for i := 0; i < len(tt.header); i += 2 {
				h.Add(tt.header[i], tt.header[i+1])
			}
			got, said := freshness(h)
			if said != (tt.want != silence) || said && got != tt.want {
				t.Errorf("%s: got %s, said %t, want %s", tt.name, got, said, tt.want)
			}
		}
	})
}

func TestMissing(t *testing.T) {
	m := newMissing(time.Minute)
	start := time.Now()
	id := func(n int) missingID { return missingID{uint64(n), true} }
	if m.has(id(0), start) {
		t.Error("got a kid that was never added")
	}
	for n := range missingKids {
		m.add(id(n), start)
	}
	if !m.has(id(0), start.Add(time.Minute-1)) || m.has(id(0), start.Add(time.Minute)) {
		t.Error("want a kid remembered for a minute and no longer")
	}
	m.add(id(missingKids), start)
	if m.has(id(0), start) || !m.has(id(1), start) || !m.has(id(missingKids), start) {
		t.Error("want the oldest kid gone, and no other")
	}
	m.add(id(500), start.Add(time.Minute)) // now in the second slot as well as in its old one
	for n := range 600 {
		m.add(id(5000+n), start.Add(time.Minute))
	}
	if !m.has(id(500), start.Add(time.Minute)) {
		t.Error("got a kid forgotten with its old slot, want the new one to count")
	}
	for n := range 10 * missingKids {
		m.add(id(9000+n), start)
	}
	if len(m.where) > missingKids {
		t.Errorf("got %d kids, want at most %d", len(m.where), missingKids)
	}
	if m.idOf("ES256", true, "ES256") == m.idOf("", false, "ES256") {
		t.Error("got one id for a kid and for a token without, want two")
	}
}
