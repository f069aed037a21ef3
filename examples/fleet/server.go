package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/jwtmw/jwtmw/core/redisstore"
)

// server is a redis-server of this program's own. It keeps its data in a
// directory of its own, as a Ring wants it.
type server struct {
	addr, dir string
	process   *exec.Cmd
}

func startServer(ctx context.Context) (*server, error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, errors.New("there is no redis-server in PATH; on Debian: apt-get install redis-server")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free now
	if err != nil {
		return nil, err
	}
	s := &server{addr: listener.Addr().String()}
	if err := listener.Close(); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", "fleet-"); err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// start returns when the server answers.
func (s *server) start(ctx context.Context) error {
	_, port, _ := net.SplitHostPort(s.addr)
	s.process = exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "yes", "--dir", s.dir)
	if err := s.process.Start(); err != nil {
		return err
	}
	logging.Disable() // this program says itself what happens
	client := redis.NewClient(&redis.Options{Addr: s.addr, ContextTimeoutEnabled: true})
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for client.Ping(ctx).Err() != nil {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("redis-server on %s does not answer", s.addr)
		}
	}
	return nil
}

// halt kills the server. What it had written is there when it starts again.
func (s *server) halt() {
	if s.process.Process != nil {
		_ = s.process.Process.Kill()
		_ = s.process.Wait()
	}
}

func (s *server) stop() {
	s.halt()
	_ = os.RemoveAll(s.dir)
}

// client is what every process of a fleet makes of its own client: see the package
// comment of redisstore.
func (s *server) client() redisstore.Redis {
	client := redis.NewClient(&redis.Options{Addr: s.addr, ContextTimeoutEnabled: true, MaxRetries: -1})
	return func(ctx context.Context, args ...any) (any, error) {
		reply, err := client.Do(ctx, args...).Result()
		if err == redis.Nil {
			return nil, nil
		}
		return reply, err
	}
}
