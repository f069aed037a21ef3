package clients

import (
	"os"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core/internal/storetest"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/redisstore"
	"github.com/jwtmw/jwtmw/core/revoke"
)

// clientsOf are the clients of a server, each made anew as by another process.
var clientsOf = map[string]func(t *testing.T, addr string) redisstore.Redis{
	"go-redis": func(_ *testing.T, addr string) redisstore.Redis { return goRedis(addr) },
	"rueidis": func(t *testing.T, addr string) redisstore.Redis {
		r, err := rueidisClient(addr)
		if err != nil {
			t.Fatal(err)
		}
		return r
	},
	"redigo": func(_ *testing.T, addr string) redisstore.Redis { return redigo(addr) },
}

func TestContracts(t *testing.T) {
	for name, client := range clientsOf {
		t.Run(name, func(t *testing.T) {
			server := storetest.StartRedis(t)
			here, there := client(t, server.Addr), client(t, server.Addr)
			t.Run("Revocations", func(t *testing.T) {
				storetest.Log(t, func() revoke.Log { return client(t, server.Addr).Revocations("log") })
			})
			t.Run("Replays", func(t *testing.T) {
				jwttest.TestReplayStore(t, here.Replays("p:"))
				storetest.Replays(t, here.Replays("p:"), there.Replays("p:"))
			})
			t.Run("Ring", func(t *testing.T) { storetest.Ring(t, here.Ring("ring"), there.Ring("ring")) })
			t.Run("Documents", func(t *testing.T) { storetest.Documents(t, here.Documents("d:"), there.Documents("d:")) })
		})
	}
}

// What the package comment of redisstore shows is what runs here.
func TestGlueAsPrinted(t *testing.T) {
	printed, err := os.ReadFile("../doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"goredis.go", "rueidis.go", "redigo.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := strings.Cut(string(source), "redisstore.Redis {\n")
		if body == "" {
			_, body, _ = strings.Cut(string(source), "(redisstore.Redis, error) {\n")
			body = strings.Replace(body, "\tif err != nil {\n\t\treturn nil, err\n\t}\n", "", 1)
		}
		body, _, _ = strings.Cut(body, "\treturn shared")
		body = "//" + strings.ReplaceAll(strings.TrimSuffix(body, "\n"), "\n", "\n//") + "\n"
		if !strings.Contains(string(printed), body) {
			t.Errorf("the package comment of redisstore does not show %s:\n%s", file, body)
		}
	}
}
