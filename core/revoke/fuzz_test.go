package revoke_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/jwtmw/jwtmw/core/revoke"
)

// FuzzFile reads any file. What can be read takes one more entry, and loses none;
// what cannot stays as it is.
func FuzzFile(f *testing.F) {
	const header = `{"log":"jwtmw revocations 1","name":"A"}` + "\n"
	const line = `{"iss":"https://issuer.test","jti":"t1","until":"2999-01-01T00:00:00Z"}` + "\n"
	for _, text := range []string{"", "{", header, header + line, header + line + line[:20], header + line[:20] + "\n", line, "root:x:0:0\n", header + "\n", "\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "revoked")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		log := revoke.File(path)
		before, cursor, readErr := log.Since(t.Context(), "")
		addErr := log.Add(t.Context(), entry())
		if addErr != nil {
			if now, _ := os.ReadFile(path); readErr == nil || !bytes.Equal(now, text) {
				t.Fatalf("got %v from Add and %v from Since, want no Add to fail where a read does not, and the file as it was", addErr, readErr)
			}
			return
		}
		after, _, err := log.Since(t.Context(), "")
		if readErr == nil && (err != nil || len(after) != len(before)+1 || after[len(after)-1].ID != "t1") {
			t.Fatalf("got %d entries, %v after %d and one more", len(after), err, len(before))
		}
		if more, _, err := log.Since(t.Context(), cursor); readErr == nil && (err != nil || len(more) != 1 && cursor != "") {
			t.Fatalf("got %d entries, %v since the cursor, want the one that was added", len(more), err)
		}
	})
}
