package keyset

import (
	"fmt"
	"net"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// K1: a host that drops packets leaves a dial in the air, which net/http lets outlive its request.
func TestK1DialEndsWithTheRefresh(t *testing.T) {
	port := deafPort(t)
	goroutines := runtime.NumGoroutine()
	var fetches sync.WaitGroup
	for range 20 {
		fetches.Go(func() {
			s := JWKS(fmt.Sprintf("http://127.0.0.1:%d/jwks", port), Options{Timeout: 50 * time.Millisecond})
			if got, _ := ask(s, "a"); got != unavailable {
				t.Errorf("got %s, want %s", got, unavailable)
			}
		})
	}
	fetches.Wait()
	for runtime.NumGoroutine() > goroutines {
		runtime.Gosched()
	}
}

// deafPort returns a port whose queue of connections is full, so that Linux drops whatever asks for another one.
func deafPort(t *testing.T) int {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	port := name.(*syscall.SockaddrInet4).Port
	for {
		conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), 50*time.Millisecond)
		if err != nil {
			return port // full
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
}
