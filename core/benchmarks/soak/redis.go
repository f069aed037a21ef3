package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/jwtmw/jwtmw/core/redisstore"
)

// poolSize bounds the connections of one client, and so the descriptors that an
// outage may leave behind.
const poolSize = 4

// server is a redis-server of this program's own, which is frozen and killed.
type server struct {
	addr, dir string
	process   *exec.Cmd
}

func startServer(ctx context.Context) (*server, error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, errors.New("there is no redis-server in PATH; on Debian: apt-get install redis-server")
	}
	logging.Disable()                                 // outages are this program's own doing
	listener, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free now
	if err != nil {
		return nil, err
	}
	s := &server{addr: listener.Addr().String()}
	if err := listener.Close(); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", "soak-"); err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// start returns when the server answers. "appendfsync no" hands each write to the
// kernel before it is answered and never puts one off, so that SIGKILL loses
// nothing: with "everysec" a slow disk delays writes that were answered.
func (s *server) start(ctx context.Context) error {
	_, port, _ := net.SplitHostPort(s.addr)
	s.process = exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "",
		"--appendonly", "yes", "--appendfsync", "no", "--dir", s.dir)
	s.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C ends this program, which then ends the server
	if err := s.process.Start(); err != nil {
		return err
	}
	client := redis.NewClient(&redis.Options{Addr: s.addr, ContextTimeoutEnabled: true, PoolSize: 1})
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for client.Ping(ctx).Err() != nil {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("redis-server on %s: got no answer, want one within 30 s", s.addr)
		}
	}
	return nil
}

func (s *server) freeze() error { return s.process.Process.Signal(syscall.SIGSTOP) }

func (s *server) thaw() error { return s.process.Process.Signal(syscall.SIGCONT) }

func (s *server) kill() {
	if s.process != nil && s.process.Process != nil {
		_ = s.process.Process.Kill()
		_ = s.process.Wait()
	}
}

func (s *server) close() {
	s.kill()
	_ = os.RemoveAll(s.dir)
}

// client is what each replica makes of a client of its own: see the package comment
// of redisstore.
func (s *server) client() (redisstore.Redis, func() error) {
	client := redis.NewClient(&redis.Options{Addr: s.addr, ContextTimeoutEnabled: true, MaxRetries: -1, PoolSize: poolSize})
	return func(ctx context.Context, args ...any) (any, error) {
		reply, err := client.Do(ctx, args...).Result()
		if err == redis.Nil {
			return nil, nil
		}
		return reply, err
	}, client.Close
}
