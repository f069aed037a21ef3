package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/revoke"
	jwtmwfiber "github.com/jwtmw/jwtmw/fiber"
	jwtmwgin "github.com/jwtmw/jwtmw/gin"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

// The list serves 4 seconds without the server, so that nobody has to wait for a
// minute here.
const maxAge, maxStale = time.Second, 3 * time.Second

// replica is one process of a fleet: it shares nothing with the others but the
// server.
type replica struct {
	name  string
	url   string
	list  *revoke.List
	close func()
}

func startReplicas(s *server, l *login) ([]*replica, error) {
	var all []*replica
	for _, start := range []struct {
		name  string
		serve func(net.Listener, core.Config, *revoke.List) func()
	}{{"net/http", serveNetHTTP}, {"gin", serveGin}, {"fiber", serveFiber}} {
		shared := s.client()
		quiet := slog.New(slog.DiscardHandler) // the tables say what a log would
		list, err := revoke.New(revoke.Config{Log: shared.Revocations("api:revoked"), MaxAge: maxAge, MaxStale: maxStale, Logger: quiet})
		if err != nil {
			return nil, err
		}
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		r := &replica{name: start.name, url: "http://" + listener.Addr().String(), list: list}
		r.close = start.serve(listener, core.Config{
			Issuer:    l.url,
			Audiences: []string{api},
			Keys:      core.Discovery{Fetch: core.Fetch{Store: shared.Documents("api:keys:")}},
			Profile:   core.ProfileRFC9068,
			Revoked:   list.Revoked,
			DPoP:      core.DPoP{URLs: []string{api}, Replays: shared.Replays("api:proofs:")},
			Logger:    quiet,
		}, list)
		all = append(all, r)
	}
	return all, nil
}

// entry ends every token of the user that was issued until now. A token lives for
// 15 minutes, and the verifiers allow half a minute more.
func entry(c *core.Claims) revoke.Entry {
	now := time.Now()
	return revoke.Entry{Issuer: c.Issuer, Subject: c.Subject, Before: now, Until: now.Add(16 * time.Minute)}
}

func serveNetHTTP(listener net.Listener, config core.Config, list *revoke.List) func() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		claims, _ := jwtmw.FromContext(r.Context())
		fmt.Fprintf(w, "hello %s\n", claims.Subject)
	})
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		claims, _ := jwtmw.FromContext(r.Context())
		if err := list.Add(r.Context(), entry(claims)); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
		}
	})
	server := &http.Server{Handler: jwtmw.NetHTTP(config)(mux)}
	go func() { _ = server.Serve(listener) }()
	return func() { _ = server.Close() }
}

func serveGin(listener net.Listener, config core.Config, list *revoke.List) func() {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(jwtmwgin.Gin(config))
	router.GET("/", func(c *gin.Context) {
		claims, _ := jwtmwgin.FromContext(c)
		c.String(http.StatusOK, "hello %s\n", claims.Subject)
	})
	router.POST("/logout", func(c *gin.Context) {
		claims, _ := jwtmwgin.FromContext(c)
		if err := list.Add(c.Request.Context(), entry(claims)); err != nil {
			c.String(http.StatusServiceUnavailable, "try again\n")
		}
	})
	server := &http.Server{Handler: router}
	go func() { _ = server.Serve(listener) }()
	return func() { _ = server.Close() }
}

func serveFiber(listener net.Listener, config core.Config, list *revoke.List) func() {
	app := fiber.New(fiber.Config{DisableStartupMessage: true, ErrorHandler: jwtmwfiber.ErrorHandler})
	app.Use(jwtmwfiber.Fiber(config))
	app.Get("/", func(c *fiber.Ctx) error {
		claims, _ := jwtmwfiber.FromContext(c)
		return c.SendString("hello " + claims.Subject + "\n")
	})
	app.Post("/logout", func(c *fiber.Ctx) error {
		claims, _ := jwtmwfiber.FromContext(c)
		if err := list.Add(c.UserContext(), entry(claims)); err != nil {
			return c.Status(http.StatusServiceUnavailable).SendString("try again\n")
		}
		return nil
	})
	go func() { _ = app.Listener(listener) }()
	return func() { _ = app.Shutdown() }
}
