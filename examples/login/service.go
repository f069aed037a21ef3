package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/jwtmw/jwtmw/core/issue"
	jwtmw "github.com/jwtmw/jwtmw/gin"
)

// client is the "client_id" of every token: the one application of this login.
const client = "web"

// service is the login. Its log names users and sessions, and never a password or
// a token.
type service struct {
	issuer   *issue.Issuer
	audience string // of the access tokens
	users    *users
	sessions *sessions
	log      *slog.Logger
	close    func()
}

// open makes what is missing in the directory. Passwords are hashed at a cost of
// bcrypt.
func open(ctx context.Context, url, dir string, cost int, log *slog.Logger) (*service, error) {
	issuer, err := issue.New(issue.Config{
		Issuer: url,
		Keys:   issue.Ring{Store: issue.FileStore(filepath.Join(dir, "ring"))},
		Logger: log,
	})
	if err != nil {
		return nil, err
	}
	if err := issuer.Ready(ctx); err != nil { // better now than with the first login
		return nil, err
	}
	db, err := openDatabase(ctx, filepath.Join(dir, "login.db"))
	if err != nil {
		return nil, err
	}
	known, err := newUsers(ctx, db, cost)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s := &service{issuer: issuer, audience: url, users: known, log: log, close: func() { _ = db.Close() }}
	s.sessions = &sessions{db: db, now: time.Now}
	return s, nil
}

func (s *service) router() http.Handler {
	router := gin.New()
	router.Use(gin.RecoveryWithWriter(nil, s.recovered))
	router.Any("/.well-known/*document", gin.WrapH(s.issuer))
	router.GET("/readyz", s.ready)

	router.POST("/login", s.login)
	router.POST("/refresh", s.refresh)
	router.POST("/logout", s.logout)

	guarded := router.Group("/", jwtmw.Gin(s.issuer.Config(s.audience)))
	guarded.GET("/me", s.me)
	return router
}

// answer is RFC 6749 section 5.1.
type answer struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"` // seconds
	RefreshToken string `json:"refresh_token"`
}

// accessToken signs what a user may do now. A role that was taken away is gone
// with the next refresh.
func (s *service) accessToken(ctx context.Context, u user, session string) (string, error) {
	return s.issuer.Sign(ctx, issue.Claims{
		Subject:  u.name,
		ClientID: client,
		Audience: []string{s.audience},
		More:     map[string]any{"roles": u.roles, "sid": session},
	})
}

func (s *service) login(c *gin.Context) {
	var credentials struct {
		Username string `json:"username"`
		Password string `json:"password"`
	}
	if !read(c, &credentials) {
		return
	}
	ctx := c.Request.Context()
	u, err := s.users.check(ctx, credentials.Username, credentials.Password)
	if tooMany, ok := errors.AsType[*tooManyError](err); ok {
		c.Header("Retry-After", tooMany.retryAfter())
		fail(c, http.StatusTooManyRequests, "slow_down")
		return
	}
	if errors.Is(err, errWrongCredentials) {
		s.log.Info("login refused") // the name may be a password that was typed in the wrong field
		fail(c, http.StatusUnauthorized, "invalid_credentials")
		return
	}
	if err != nil {
		s.failed(c, err)
		return
	}
	refresh, session, err := s.sessions.start(ctx, u.name)
	if err != nil {
		s.failed(c, err)
		return
	}
	access, err := s.accessToken(ctx, u, session)
	if err != nil {
		s.failed(c, err)
		return
	}
	s.log.Info("logged in", "user", u.name, "session", session)
	grant(c, answer{access, "Bearer", 900, refresh})
}

func (s *service) refresh(c *gin.Context) {
	token, ok := readRefreshToken(c)
	if !ok {
		return
	}
	next, err := s.sessions.use(c.Request.Context(), token, func(ctx context.Context, tx *sql.Tx, name, session, successor string) (answer, error) {
		u, err := findUser(ctx, tx, name) // who was locked out or removed ends here
		if err != nil {
			return answer{}, err
		}
		access, err := s.accessToken(ctx, u, session)
		return answer{access, "Bearer", 900, successor}, err
	})
	switch reused, wasReused := errors.AsType[*reusedError](err); {
	case wasReused:
		s.log.Warn("refresh token used again: the session is ended", "user", reused.user, "session", reused.session)
		fail(c, http.StatusBadRequest, "invalid_grant")
	case errors.Is(err, errNoSession), errors.Is(err, errNoUser):
		fail(c, http.StatusBadRequest, "invalid_grant") // RFC 6749 section 5.2
	case err != nil:
		s.failed(c, err)
	default:
		grant(c, next)
	}
}

// logout is 204 for a token that nobody knows too (RFC 7009 section 2.2). Access
// tokens live on until they expire, 15 minutes at most.
func (s *service) logout(c *gin.Context) {
	token, ok := readRefreshToken(c)
	if !ok {
		return
	}
	if err := s.sessions.end(c.Request.Context(), token); err != nil {
		s.failed(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}

func (s *service) me(c *gin.Context) {
	claims, _ := jwtmw.FromContext(c)
	roles, _ := claims.Lookup("roles")
	c.JSON(http.StatusOK, gin.H{"user": claims.Subject, "roles": roles, "expires": claims.Expiry.UTC()})
}

func (s *service) ready(c *gin.Context) {
	if err := s.issuer.Ready(c.Request.Context()); err != nil {
		fail(c, http.StatusServiceUnavailable, "no_key") // the log has the cause
		return
	}
	c.Status(http.StatusOK)
}

func (s *service) failed(c *gin.Context, err error) {
	s.log.Error("request failed", "path", c.FullPath(), "error", err)
	fail(c, http.StatusInternalServerError, "server_error")
}

func (s *service) recovered(c *gin.Context, p any) {
	s.failed(c, fmt.Errorf("panic: %v", p))
}
