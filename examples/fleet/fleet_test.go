package main

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
)

func TestFleet(t *testing.T) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("JWTMW_REQUIRE_REDIS") != "" {
			t.Fatal("there is no redis-server: apt-get install redis-server")
		}
		t.Skip("there is no redis-server: apt-get install redis-server")
	}
	var out bytes.Buffer
	if err := run(t.Context(), &out, true); err != nil {
		t.Error(err)
	}
	t.Logf("\n%s", out.String())
}
