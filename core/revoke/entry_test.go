package revoke_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/revoke"
)

func TestEntries(t *testing.T) {
	const hour = time.Hour
	for _, test := range []struct {
		name   string
		entry  func(now time.Time) revoke.Entry
		claims map[string]any
		want   string
	}{
		{"R1 the token", func(now time.Time) revoke.Entry { return revoke.Entry{ID: "t1"} }, nil, revoked},
		{"R1 another token", func(now time.Time) revoke.Entry { return revoke.Entry{ID: "t2"} }, nil, passes},
		{"R1 an ID is no subject", func(now time.Time) revoke.Entry { return revoke.Entry{ID: "alice"} }, nil, passes},
		{"R1 another issuer", func(now time.Time) revoke.Entry { return revoke.Entry{Issuer: issuer + "/", ID: "t1"} }, nil, passes},
		{"R1 a token without jti", func(now time.Time) revoke.Entry { return revoke.Entry{ID: "t1"} }, map[string]any{"jti": nil}, passes},
		{"R2 the session", func(now time.Time) revoke.Entry { return revoke.Entry{Session: "s1"} }, nil, revoked},
		{"R2 another session", func(now time.Time) revoke.Entry { return revoke.Entry{Session: "s2"} }, nil, passes},
		{"R2 a token without sid", func(now time.Time) revoke.Entry { return revoke.Entry{Session: "s1"} }, map[string]any{"sid": nil}, passes},
		{"R2 sid a number", func(now time.Time) revoke.Entry { return revoke.Entry{Session: "1"} }, map[string]any{"sid": 1}, passes},
		{"R3 the user, whenever issued", func(now time.Time) revoke.Entry { return revoke.Entry{Subject: "alice"} }, nil, revoked},
		{"R3 issued before", func(now time.Time) revoke.Entry { return revoke.Entry{Subject: "alice", Before: now} }, map[string]any{"iat": -1}, revoked},
		{"R3 issued in that second", func(now time.Time) revoke.Entry { return revoke.Entry{Subject: "alice", Before: now} }, nil, revoked},
		{"R3 issued after", func(now time.Time) revoke.Entry { return revoke.Entry{Subject: "alice", Before: now} }, map[string]any{"iat": 1}, passes},
		{"R3 without iat", func(now time.Time) revoke.Entry { return revoke.Entry{Subject: "alice", Before: now} }, map[string]any{"iat": nil}, revoked},
		{"R4 all issued before", func(now time.Time) revoke.Entry { return revoke.Entry{Before: now} }, nil, revoked},
		{"R4 all, issued after", func(now time.Time) revoke.Entry { return revoke.Entry{Before: now} }, map[string]any{"iat": 1}, passes},
		{"R4 all of another issuer", func(now time.Time) revoke.Entry { return revoke.Entry{Issuer: "x", Before: now} }, nil, passes},
		{"R5 until the year 9999", func(now time.Time) revoke.Entry {
			return revoke.Entry{ID: "t1", Until: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
		}, nil, revoked},
		{"R5 the longest name", func(now time.Time) revoke.Entry { return revoke.Entry{Subject: strings.Repeat("a", 16384)} }, map[string]any{"sub": strings.Repeat("a", 16384)}, revoked},
		{"R5 ended", func(now time.Time) revoke.Entry { return revoke.Entry{ID: "t1", Until: now} }, nil, passes},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				now, l := time.Now(), mustList(t, revoke.Config{Log: revoke.Memory()})
				e := test.entry(now)
				if e.Issuer == "" {
					e.Issuer = issuer
				}
				if e.Until.IsZero() {
					e.Until = now.Add(hour)
				}
				if shift, ok := test.claims["iat"].(int); ok {
					test.claims["iat"] = now.Unix() + int64(shift)
				}
				if err := l.Add(t.Context(), e); err != nil {
					t.Fatal(err)
				}
				c := token(t, test.claims)
				wantVerdict(t, l, c, test.want, 0)
				if time.Sleep(hour); e.Until.Year() < 9000 {
					wantVerdict(t, l, c, passes, 0)
				}
			})
		})
	}
}

// Of two entries for one name each ends at its own Until.
func TestEntriesOfOneNameEndByThemselves(t *testing.T) {
	for _, maxAge := range []time.Duration{0, 24 * time.Hour} { // with reads meanwhile, and without
		synctest.Test(t, func(t *testing.T) {
			entriesOfOneName(t, mustList(t, revoke.Config{Log: revoke.Memory(), MaxAge: maxAge}))
		})
	}
}

func entriesOfOneName(t *testing.T, l *revoke.List) {
	now := time.Now()
	lock := revoke.Entry{Issuer: issuer, Subject: "alice", Until: now.Add(time.Minute)}
	logout := revoke.Entry{Issuer: issuer, Subject: "alice", Before: now, Until: now.Add(time.Hour)}
	for _, order := range [][]revoke.Entry{{lock, logout}, {logout, lock}, {lock, logout, lock, logout}} {
		if err := l.Add(t.Context(), order...); err != nil {
			t.Fatal(err)
		}
	}
	old, young := token(t, nil), token(t, map[string]any{"iat": now.Unix() + 1})
	wantVerdict(t, l, old, revoked, 0)
	wantVerdict(t, l, young, revoked, 0)
	time.Sleep(time.Minute)
	wantVerdict(t, l, old, revoked, 0)
	wantVerdict(t, l, young, passes, 0)
	time.Sleep(time.Hour)
	wantVerdict(t, l, old, passes, 0)
}

func TestAddRefuses(t *testing.T) {
	until := time.Now().Add(time.Hour)
	for _, test := range []struct {
		name  string
		entry revoke.Entry
		want  string
	}{
		{"no issuer", revoke.Entry{ID: "a", Until: until}, "got no Issuer"},
		{"ID and Session", revoke.Entry{Issuer: issuer, ID: "a", Session: "b", Until: until}, "want one of them"},
		{"64 octets and Session", revoke.Entry{Issuer: issuer, ID: strings.Repeat("a", 64), Session: "b", Until: until}, `ID "` + strings.Repeat("a", 64) + `",`},
		{"65 octets and Session", revoke.Entry{Issuer: issuer, ID: strings.Repeat("a", 65), Session: "b", Until: until}, `ID "` + strings.Repeat("a", 64) + `...",`},
		{"Session and Subject", revoke.Entry{Issuer: issuer, Session: "a", Subject: "b", Until: until}, "want one of them"},
		{"nothing named", revoke.Entry{Issuer: issuer, Until: until}, "want one"},
		{"no Until", revoke.Entry{Issuer: issuer, ID: "a"}, "zero time as Until"},
		{"no UTF-8", revoke.Entry{Issuer: issuer, ID: "\xff", Until: until}, "UTF-8"},
		{"too long", revoke.Entry{Issuer: issuer, ID: strings.Repeat("a", 16385), Until: until}, "16384 octets"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := mustList(t, revoke.Config{Log: revoke.Memory()})
			good := revoke.Entry{Issuer: issuer, ID: "t1", Until: until}
			err := l.Add(t.Context(), good, test.entry)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "Entry 2 of 2") || len(err.Error()) > 400 {
				t.Errorf("got %v, want %q", err, test.want)
			}
			wantPasses := verdict(l, token(t, nil))
			if wantPasses != passes {
				t.Errorf("got %s for the entry beside it, want none added", wantPasses)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		config revoke.Config
		want   []string
	}{
		{"nothing", revoke.Config{}, []string{"Log is nil"}},
		{"units", revoke.Config{Log: revoke.Memory(), MaxAge: 5, MaxStale: 60}, []string{"MaxAge is 5ns", "MaxStale is 60ns"}},
		{"too long", revoke.Config{Log: revoke.Memory(), MaxAge: 25 * time.Hour, MaxStale: 25 * time.Hour}, []string{"MaxAge is 25h", "MaxStale is 25h"}},
		{"negative", revoke.Config{Log: revoke.Memory(), MaxStale: -1, Max: -1}, []string{"MaxStale is -1ns", "Max is -1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := revoke.New(test.config)
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			}
		})
	}
	if _, err := revoke.New(revoke.Config{Log: revoke.Memory(), MaxAge: 24 * time.Hour, MaxStale: 24 * time.Hour}); err != nil {
		t.Errorf("a day: got %v, want no error", err)
	}
	if got := verdict(mustList(t, revoke.Config{Log: revoke.Memory()}), nil); got != unknown {
		t.Errorf("no claims: got %s, want %s", got, unknown)
	}
	var none *revoke.List
	if got := verdict(none, token(t, nil)); got != unknown || none.Add(t.Context()) == nil {
		t.Errorf("a nil List: got %s, want %s", got, unknown)
	}
	if got := verdict(new(revoke.List), token(t, nil)); got != unknown || new(revoke.List).Add(t.Context()) == nil {
		t.Errorf("the zero List: got %s, want %s", got, unknown)
	}
}
