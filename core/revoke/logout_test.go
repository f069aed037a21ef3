package revoke_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/revoke"
)

const client = "web"

// logoutToken is one as dex sends it, unless claims spoil it.
func logoutToken(i *jwttest.Issuer, claims map[string]any, options ...jwttest.TokenOption) string {
	all := map[string]any{
		"aud": client, "jti": "l1", "sid": "s1", "iat": time.Now().Unix(), "exp": time.Now().Add(2 * time.Minute).Unix(),
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	}
	maps.Copy(all, claims)
	return i.Token(all, append([]jwttest.TokenOption{jwttest.Type("logout+jwt")}, options...)...)
}

func receiver(t *testing.T, i *jwttest.Issuer, log revoke.Log) (*revoke.List, http.Handler) {
	t.Helper()
	l := mustList(t, revoke.Config{Log: log})
	handler, err := l.BackChannelLogout(core.Config{
		Issuer: i.URL(), Audiences: []string{client}, Keys: core.JWKSDocument(i.JWKS()), TokenCache: 10, MaxAge: time.Second,
		Types: []string{"at+jwt"}, RequireClaims: []core.Requirement{core.ClaimIn([]string{"token_use"}, "access")}, Revoked: l.Revoked,
		DPoP: core.DPoP{URLs: []string{jwttest.Audience}, Required: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return l, handler
}

func post(handler http.Handler, form string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/logout", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func form(token string) string { return url.Values{"logout_token": {token}}.Encode() }

func TestB1LogoutTokens(t *testing.T) {
	i := jwttest.NewIssuer("")
	for _, test := range []struct {
		name    string
		claims  map[string]any
		options []jwttest.TokenOption
		status  int
		ends    string // of the token's session; of another session of its user
	}{
		{"dex's", nil, nil, 200, "revoked, passes"},
		{"hydra's", map[string]any{"exp": nil, "sub": nil}, []jwttest.TokenOption{jwttest.Header(map[string]any{"typ": nil})}, 200, "revoked, passes"},
		{"sub alone", map[string]any{"sid": nil}, nil, 200, "revoked, revoked"},
		{"sub alone, a minute old", map[string]any{"sid": nil, "iat": time.Now().Add(-time.Minute).Unix()}, nil, 200, "revoked, revoked"},
		{"another user's", map[string]any{"sid": nil, "sub": "bob"}, nil, 200, "passes, passes"},
		{"another session", map[string]any{"sid": "s9"}, nil, 200, "passes, passes"},
		{"nonce", map[string]any{"nonce": "n"}, nil, 400, "passes, passes"},
		{"no events", map[string]any{"events": nil}, nil, 400, "passes, passes"},
		{"no jti", map[string]any{"jti": nil}, nil, 400, "passes, passes"},
		{"an API's audience", map[string]any{"aud": jwttest.Audience}, nil, 400, "passes, passes"},
		{"old", map[string]any{"iat": time.Now().Add(-6 * time.Minute).Unix()}, nil, 400, "passes, passes"},
		{"another issuer", map[string]any{"iss": "https://evil.test"}, nil, 400, "passes, passes"},
		{"unsigned", nil, []jwttest.TokenOption{jwttest.Unsigned()}, 400, "passes, passes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, handler := receiver(t, i, revoke.Memory())
			w := post(handler, form(logoutToken(i, test.claims, test.options...)))
			if w.Code != test.status || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("got %d %v %s, want %d, not to be stored", w.Code, w.Header(), w.Body, test.status)
			}
			var problem struct{ Error string }
			if w.Code == 400 && (json.Unmarshal(w.Body.Bytes(), &problem) != nil || problem.Error != "invalid_request" || w.Header().Get("Content-Type") != "application/json") {
				t.Errorf("got body %s, want an error in JSON", w.Body)
			}
			here, elsewhere := token(t, map[string]any{"iss": i.URL()}), token(t, map[string]any{"iss": i.URL(), "sid": "s2"})
			if got := verdict(l, here) + ", " + verdict(l, elsewhere); got != test.ends {
				t.Errorf("got %s, want %s", got, test.ends)
			}
		})
	}
}

func TestB2Requests(t *testing.T) {
	i := jwttest.NewIssuer("")
	good := form(logoutToken(i, nil))
	const urlencoded = "application/x-www-form-urlencoded"
	for _, test := range []struct {
		name, method, target, media, body string
		status                            int
		says                              string
	}{
		{"good", "POST", "/", urlencoded, good, 200, ""},
		{"GET", "GET", "/?" + good, "", "", 405, "POST a logout token"},
		{"PUT", "PUT", "/", urlencoded, good, 405, "POST a logout token"},
		{"in the query", "POST", "/?" + good, urlencoded, "", 400, "want one logout_token"},
		{"twice", "POST", "/", urlencoded, good + "&" + good, 400, "want one logout_token"},
		{"JSON", "POST", "/", "application/json", `{"logout_token":"x"}`, 400, "want a body of type"},
		{"no type", "POST", "/", "", good, 400, "want a body of type"},
		{"a type and no more", "POST", "/", urlencoded + "; charset", good, 400, "want a body of type"},
		{"empty", "POST", "/", urlencoded, "logout_token=", 400, "want one logout_token"},
		{"no form", "POST", "/", urlencoded, "%zz", 400, "no form, or too long"},
		{"too long", "POST", "/", urlencoded, good + "&" + strings.Repeat("a", 64<<10), 400, "no form, or too long"},
		{"no token", "POST", "/", urlencoded, "logout_token=a.b", 400, "invalid_request"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, handler := receiver(t, i, revoke.Memory())
			r := httptest.NewRequest(test.method, test.target, strings.NewReader(test.body))
			r.Header.Set("Content-Type", test.media)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != test.status || w.Header().Get("Cache-Control") != "no-store" || !strings.Contains(w.Body.String(), test.says) {
				t.Errorf("got %d %v %s, want %d, not to be stored, and %q", w.Code, w.Header(), w.Body, test.status, test.says)
			}
			if w.Code == 405 && w.Header().Get("Allow") != "POST" {
				t.Errorf("got Allow %q, want POST", w.Header().Get("Allow"))
			}
		})
	}
}

// A jti passes once in ten minutes, and again where its session was not ended.
func TestB3Once(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, log := jwttest.NewIssuer(""), newFaulty()
		l, handler := receiver(t, i, log)
		log.add = broken
		if w := post(handler, form(logoutToken(i, nil))); w.Code != 400 || !strings.Contains(w.Body.String(), "temporarily_unavailable") {
			t.Errorf("got %d %s, want 400 temporarily_unavailable while the log is down", w.Code, w.Body)
		}
		log.add = nil
		for n, want := range []int{200, 400, 400} {
			if w := post(handler, form(logoutToken(i, map[string]any{"sid": "s1", "iat": time.Now().Unix()}))); w.Code != want {
				t.Errorf("time %d: got %d, want %d", n+1, w.Code, want)
			}
			time.Sleep(time.Minute)
		}
		if w := post(handler, form(logoutToken(i, map[string]any{"jti": "l2"}))); w.Code != 200 {
			t.Errorf("another jti: got %d, want 200", w.Code)
		}
		time.Sleep(10 * time.Minute)
		if w := post(handler, form(logoutToken(i, nil))); w.Code != 200 {
			t.Errorf("after ten minutes: got %d, want 200", w.Code)
		}
		c := token(t, map[string]any{"iss": i.URL()})
		wantVerdict(t, l, c, revoked, 0)
		time.Sleep(24 * time.Hour)
		wantVerdict(t, l, c, passes, 0)
	})
}

func TestB4Configs(t *testing.T) {
	l := mustList(t, revoke.Config{Log: revoke.Memory()})
	keys := core.JWKSDocument(jwttest.NewIssuer("").JWKS())
	good := core.Config{Issuer: issuer, Keys: keys, Audiences: []string{client}}
	for _, test := range []struct {
		name    string
		list    *revoke.List
		configs []core.Config
		want    string
	}{
		{"none", l, nil, "Config"},
		{"no audience", l, []core.Config{{Issuer: issuer, Keys: keys}}, "Audiences"},
		{"clients", l, []core.Config{{Issuer: issuer, Keys: keys, Audiences: []string{client}, Clients: []string{client}}}, "want the client ids as Audiences"},
		{"two of one", l, []core.Config{good, good}, issuer},
		{"a nil List", nil, []core.Config{good}, "want a List that revoke.New made"},
		{"the zero List", new(revoke.List), []core.Config{good}, "want a List that revoke.New made"},
	} {
		if handler, err := test.list.BackChannelLogout(test.configs...); err == nil || handler != nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, %v, want an error with %q", test.name, handler, err, test.want)
		}
	}
}

// The issuer's clock counts for its access tokens: what it issued until then is
// revoked, and nothing later.
func TestB5ClockAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := jwttest.NewIssuer("")
		l, handler := receiver(t, i, revoke.Memory())
		ahead := time.Now().Unix() + 20
		if w := post(handler, form(logoutToken(i, map[string]any{"sid": nil, "iat": ahead}))); w.Code != 200 {
			t.Fatalf("got %d %s, want 200", w.Code, w.Body)
		}
		for iat, want := range map[int64]string{ahead: revoked, ahead + 1: passes} {
			if got := verdict(l, token(t, map[string]any{"iss": i.URL(), "iat": iat})); got != want {
				t.Errorf("a token of %d s ahead: got %s, want %s", iat-time.Now().Unix(), got, want)
			}
		}
	})
}

// An issuer whose keys cannot be had is no fault of the token's.
func TestB6NoKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := jwttest.NewIssuer("")
		i.Misbehave(jwttest.Fail(http.StatusInternalServerError))
		handler, err := mustList(t, revoke.Config{Log: revoke.Memory()}).BackChannelLogout(core.Config{
			Issuer: i.URL(), Audiences: []string{client}, Keys: core.JWKS{URL: i.JWKSURL(), Fetch: core.Fetch{Client: i.Client()}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if w := post(handler, form(logoutToken(i, nil))); w.Code != 400 || !strings.Contains(w.Body.String(), "temporarily_unavailable") {
			t.Errorf("got %d %s, want 400 temporarily_unavailable", w.Code, w.Body)
		}
	})
}

func TestB7Log(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, log, text := jwttest.NewIssuer(""), newFaulty(), new(bytes.Buffer)
		l := mustList(t, revoke.Config{Log: log, Logger: slog.New(slog.NewTextHandler(text, nil))})
		handler, err := l.BackChannelLogout(core.Config{Issuer: i.URL(), Audiences: []string{client}, Keys: core.JWKSDocument(i.JWKS())})
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			add  func(context.Context) error
			want string
		}{
			{broken, `level=ERROR msg="session could not be ended" issuer=` + i.URL() + ` error="jwtmw: revocation log: connection refused"`},
			{nil, `level=INFO msg="session ended by its issuer" issuer=` + i.URL()},
		} {
			text.Reset()
			log.add = test.add
			post(handler, form(logoutToken(i, nil)))
			synctest.Wait()
			if !strings.Contains(text.String(), test.want) {
				t.Errorf("got %q, want %q", text, test.want)
			}
		}
	})
}
