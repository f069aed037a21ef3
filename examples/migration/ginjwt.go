package migration

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
	jwtmw "github.com/jwtmw/jwtmw/gin"
)

// Before, the verifying half of github.com/appleboy/gin-jwt:
//
//	guard, err := jwt.New(&jwt.GinJWTMiddleware{
//		Realm:       "shop",
//		Key:         secret,
//		IdentityKey: "id",
//		Authorizator: func(data any, c *gin.Context) bool {
//			return slices.Contains(data.(*user).roles, "admin")
//		},
//	})
//	router.GET("/hello", guard.MiddlewareFunc(), func(c *gin.Context) {
//		c.String(http.StatusOK, jwt.ExtractClaims(c)["id"].(string))
//	})

// ginJWT is what becomes of it while the login stays as it is: its PayloadFunc
// adds "iss", "aud" and "sub".
func ginJWT(secret []byte) (*gin.Engine, error) {
	v, err := core.New(core.Config{
		Issuer:    "https://shop.example.com",
		Audiences: []string{"https://shop.example.com"},
		Keys:      core.Secret(secret), // 32 octets at least
	})
	if err != nil {
		return nil, err
	}
	router := gin.New()
	router.Use(jwtmw.Guard(core.Guard{Verifier: v, Realm: "shop"}))
	router.GET("/hello", jwtmw.Require(core.Role("admin")), func(c *gin.Context) {
		claims, _ := jwtmw.FromContext(c)
		c.String(http.StatusOK, claims.Subject)
	})
	return router, nil
}

// Before, the signing half:
//
//	auth, err := jwt.New(&jwt.GinJWTMiddleware{
//		Key:        secret,
//		Timeout:    time.Hour,
//		MaxRefresh: 24 * time.Hour,
//		Authenticator: func(c *gin.Context) (any, error) {
//			var login struct{ Username, Password string }
//			if err := c.ShouldBind(&login); err != nil {
//				return nil, jwt.ErrMissingLoginValues
//			}
//			return authenticate(login.Username, login.Password)
//		},
//		PayloadFunc: func(data any) jwt.MapClaims {
//			return jwt.MapClaims{"id": data.(*user).name, "roles": data.(*user).roles}
//		},
//	})
//	router.POST("/login", auth.LoginHandler)
//	router.POST("/refresh", auth.RefreshHandler)
//	router.POST("/logout", auth.LogoutHandler)

// refreshTokens is the table of sessions, which belongs to the login and its
// database. examples/login has one over SQLite to copy: tokens stored hashed, one
// successor each, the same answer again for ten seconds, and the end of the session
// where one is used after that.
type refreshTokens interface {
	start(ctx context.Context, user string) (token string, err error)
	use(ctx context.Context, token string) (user, next string, err error) // or errEnded
	end(ctx context.Context, token string) error                          // of its session
}

var errEnded = errors.New("no such session, or it has ended")

// authenticator checks a password, as an Authenticator did, and says what a user
// may do now.
type authenticator interface {
	check(ctx context.Context, name, password string) (ok bool, err error)
	roles(ctx context.Context, name string) ([]string, error)
}

// ginJWTLogin is what becomes of it with an Issuer: ES256 instead of the shared
// secret, access tokens of 15 minutes that nobody can refresh with, and opaque
// refresh tokens beside them. /.well-known/ has the keys for every other service.
func ginJWTLogin(issuer *issue.Issuer, users authenticator, sessions refreshTokens) *gin.Engine {
	l := shopLogin{issuer, users, sessions}
	router := gin.New()
	router.Any("/.well-known/*document", gin.WrapH(issuer))
	router.POST("/login", l.login)
	router.POST("/refresh", l.refresh)
	router.POST("/logout", l.logout)
	router.GET("/hello", jwtmw.Gin(issuer.Config("https://shop.example.com")), jwtmw.Require(core.Role("admin")), func(c *gin.Context) {
		claims, _ := jwtmw.FromContext(c)
		c.String(http.StatusOK, claims.Subject)
	})
	return router
}

type shopLogin struct {
	issuer   *issue.Issuer
	users    authenticator
	sessions refreshTokens
}

// login was Authenticator, PayloadFunc and LoginHandler.
func (l shopLogin) login(c *gin.Context) {
	var login struct{ Username, Password string }
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 4<<10)
	if err := c.ShouldBindJSON(&login); err != nil {
		c.AbortWithStatusJSON(http.StatusBadRequest, gin.H{"error": "invalid_request"})
		return
	}
	ok, err := l.users.check(c.Request.Context(), login.Username, login.Password)
	if err == nil && !ok {
		c.AbortWithStatusJSON(http.StatusUnauthorized, gin.H{"error": "invalid_credentials"})
		return
	}
	var refresh string
	if err == nil {
		refresh, err = l.sessions.start(c.Request.Context(), login.Username)
	}
	l.answer(c, login.Username, refresh, err)
}

// refresh was RefreshHandler, which took an access token up to MaxRefresh old: who
// stole one could refresh it as well as its owner.
func (l shopLogin) refresh(c *gin.Context) {
	user, next, err := l.sessions.use(c.Request.Context(), c.PostForm("refresh_token"))
	if errors.Is(err, errEnded) {
		c.AbortWithStatusJSON(http.StatusBadRequest, gin.H{"error": "invalid_grant"})
		return
	}
	l.answer(c, user, next, err)
}

// logout was LogoutHandler, which cleared a cookie and ended nothing.
func (l shopLogin) logout(c *gin.Context) {
	if err := l.sessions.end(c.Request.Context(), c.PostForm("refresh_token")); err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.Status(http.StatusNoContent)
}

// answer signs what the user may do now, unless something has failed before.
func (l shopLogin) answer(c *gin.Context, user, refresh string, err error) {
	var roles []string
	if err == nil {
		roles, err = l.users.roles(c.Request.Context(), user)
	}
	var access string
	if err == nil {
		access, err = l.issuer.Sign(c.Request.Context(), issue.Claims{
			Subject: user, ClientID: "shop", Audience: []string{"https://shop.example.com"},
			More: map[string]any{"roles": roles},
		})
	}
	if err != nil {
		_ = c.AbortWithError(http.StatusInternalServerError, err) // returns what it stored
		return
	}
	c.Header("Cache-Control", "no-store") // RFC 6749 section 5.1
	c.JSON(http.StatusOK, gin.H{"access_token": access, "token_type": "Bearer", "expires_in": 900, "refresh_token": refresh})
}
