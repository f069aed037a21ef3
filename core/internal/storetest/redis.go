//go:build unix

package storetest

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// RequireRedis is the environment variable that makes a missing redis-server a
// failure, as it is where .ci/run has installed one.
const RequireRedis = "JWTMW_REQUIRE_REDIS"

// Redis is a server of a test's own, on a free loopback port, that writes nothing
// to disk: killed, it forgets everything.
type Redis struct {
	Addr    string
	t       *testing.T
	command *exec.Cmd
}

// StartRedis starts a server, which ends with the test.
func StartRedis(t *testing.T) *Redis {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv(RequireRedis) != "" {
			t.Fatal("there is no redis-server: apt-get install redis-server")
		}
		t.Skip("there is no redis-server: apt-get install redis-server")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &Redis{Addr: listener.Addr().String(), t: t}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Kill)
	r.Start()
	return r
}

// Start starts the server, empty, after Kill.
func (r *Redis) Start() {
	r.t.Helper()
	_, port, _ := net.SplitHostPort(r.Addr)
	r.command = exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no", "--dir", r.t.TempDir())
	r.command.Stdout = io.Discard
	if err := r.command.Start(); err != nil {
		r.t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		if reply, err := r.Do(context.Background(), "PING"); err == nil && reply == "PONG" {
			return
		} else if time.Now().After(deadline) {
			r.t.Fatalf("redis-server on %s: got no PONG in 20 s: %v, %v", r.Addr, reply, err)
		}
		time.Sleep(10 * time.Millisecond) // another process starts
	}
}

// Freeze stops the server without closing its connections, until Thaw.
func (r *Redis) Freeze() { r.signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (r *Redis) Thaw() { r.signal(syscall.SIGCONT) }

// Kill ends the server. Everything in it is lost.
func (r *Redis) Kill() {
	if r.command != nil {
		r.signal(syscall.SIGKILL)
		_ = r.command.Wait()
		r.command = nil
	}
}

func (r *Redis) signal(s syscall.Signal) {
	if err := r.command.Process.Signal(s); err != nil {
		r.t.Errorf("redis-server: %v", err)
	}
}

// Do is a redisstore.Redis: a client of a few lines, with a connection for each call.
func (r *Redis) Do(ctx context.Context, args ...any) (any, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", r.Addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	command := "*" + strconv.Itoa(len(args)) + "\r\n"
	for _, arg := range args {
		word := arg.(string)
		command += "$" + strconv.Itoa(len(word)) + "\r\n" + word + "\r\n"
	}
	if _, err := io.WriteString(conn, command); err != nil {
		return nil, err
	}
	return readReply(newLines(conn))
}

func readReply(l *respLines) (any, error) {
	line, err := l.next()
	if err != nil {
		return nil, err
	}
	kind, rest := line[0], line[1:]
	n, _ := strconv.Atoi(rest)
	switch kind {
	case '+':
		return rest, nil
	case '-':
		return nil, fmt.Errorf("%s", rest)
	case ':':
		return int64(n), nil
	case '$':
		if n < 0 {
			return nil, nil
		}
		return l.octets(n)
	case '*':
		if n < 0 {
			return nil, nil
		}
		all := make([]any, n)
		for i := range all {
			if all[i], err = readReply(l); err != nil {
				return nil, err
			}
		}
		return all, nil
	}
	return nil, fmt.Errorf("got reply %q", line)
}
