package revoke

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

const (
	maxForm    = 64 << 10         // octets of a request body; a token has 16 KiB at most
	logoutLife = 24 * time.Hour   // of an entry; longer than any access token should live
	onceFor    = 10 * time.Minute // longer than a logout token is taken: 5 minutes and twice the Leeway
)

// BackChannelLogout returns the receiver of logout tokens: the route that an
// issuer knows as backchannel_logout_uri (OpenID Connect Back-Channel Logout 1.0
// sections 2.5 to 2.8). A token with "sid" revokes that session, one with "sub"
// alone what was issued to that user until now, for 24 hours. Nothing but the
// token proves who sends the request.
//
// Each Config is one issuer; its Audiences are client ids, the "aud" of ID tokens,
// and not those of an API. Of the rest Keys, Algorithms, Leeway, Logger, Trace and
// Err count; the other fields are about access tokens and do not. The error names
// every mistake, as core.New does, and refuses Clients, which no logout token names.
//
// It answers 200, or 400 with an error in JSON where the token is not good, came
// before, or the Log or the issuer's keys are not available: section 2.8 knows
// no other status. A jti counts as seen on this replica, for 10 minutes, once its
// session has ended. Other methods than POST get 405.
func (l *List) BackChannelLogout(configs ...core.Config) (http.Handler, error) {
	if l == nil || l.state.Load() == nil {
		return nil, errors.New("jwtmw: want a List that revoke.New made")
	}
	var found []error
	receiving := make([]core.Config, len(configs))
	for i, c := range configs {
		if len(c.Clients) > 0 {
			// A logout token has no client_id: with Clients none would ever pass.
			found = append(found, fmt.Errorf("jwtmw: Config of issuer %s: Clients is %q, want the client ids as Audiences", quote(c.Issuer), c.Clients))
		}
		receiving[i] = core.Config{
			Issuer: c.Issuer, Keys: c.Keys, Algorithms: c.Algorithms, Audiences: c.Audiences, Leeway: c.Leeway,
			Logger: c.Logger, Trace: c.Trace, Err: c.Err, Profile: core.ProfileLogoutToken,
		}
	}
	verifier, err := core.New(receiving...)
	if err := errors.Join(append(found, err)...); err != nil {
		return nil, err
	}
	return &receiver{list: l, verifier: verifier, seen: newOnce(onceFor)}, nil
}

// receiver ends the sessions that logout tokens name.
type receiver struct {
	list     *List
	verifier *core.Verifier
	seen     *once
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	w.Header().Set("Cache-Control", "no-store") // section 2.8
	if request.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST a logout token", http.StatusMethodNotAllowed)
		return
	}
	token, err := logoutToken(w, request)
	if err != nil {
		refuse(w, "invalid_request", err.Error())
		return
	}
	claims, err := r.verifier.Verify(request.Context(), token)
	if err != nil {
		code := "invalid_request"
		if refusal, ok := errors.AsType[*core.Refusal](err); ok && refusal.Status >= 500 {
			code = "temporarily_unavailable"
		}
		refuse(w, code, err.Error()) // a Refusal's text is made for clients
		return
	}
	if !r.seen.claim(claims.Issuer, claims.ID) {
		refuse(w, "invalid_request", "a logout token with this jti was received before")
		return
	}
	if err := r.end(request.Context(), claims); err != nil {
		// The issuer may send it again, which must not fail as a repetition.
		r.seen.release(claims.Issuer, claims.ID)
		refuse(w, "temporarily_unavailable", "the session could not be ended")
	}
}

// end revokes what the token names.
func (r *receiver) end(ctx context.Context, c *core.Claims) error {
	now := time.Now()
	entry := Entry{Issuer: c.Issuer, Session: nameOf(bySession, c), Until: now.Add(logoutLife)}
	if entry.Session == "" {
		entry.Subject, entry.Before = c.Subject, now
		// The issuer's clock may be ahead of ours, and that of its access tokens is the issuer's.
		if c.IssuedAt.After(now) {
			entry.Before = c.IssuedAt
		}
	}
	err := r.list.Add(ctx, entry)
	if err != nil {
		r.list.reporter.write(slog.LevelError, "session could not be ended", slog.String("issuer", c.Issuer), slog.String("error", err.Error()))
		return err
	}
	r.list.reporter.write(slog.LevelInfo, "session ended by its issuer", slog.String("issuer", c.Issuer))
	return nil
}

// logoutToken reads the one parameter of the request (section 2.5).
func logoutToken(w http.ResponseWriter, r *http.Request) (string, error) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/x-www-form-urlencoded" {
		return "", errors.New("want a body of type application/x-www-form-urlencoded")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return "", errors.New("the body is no form, or too long")
	}
	tokens := r.PostForm["logout_token"] // never the query's, which servers write to their logs
	if len(tokens) != 1 || tokens[0] == "" {
		return "", errors.New("want one logout_token")
	}
	return tokens[0], nil
}

func refuse(w http.ResponseWriter, code, description string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}{code, description})
}
