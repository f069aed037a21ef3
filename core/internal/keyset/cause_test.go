package keyset

import (
	"os"
	"regexp"
	"testing"
)

// cause.go is where to look a cause up: none of those that jws has may be missing, and none may appear from elsewhere.
func TestCausesAreListed(t *testing.T) {
	read := func(path, pattern string) map[string]bool {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found := make(map[string]bool)
		for _, match := range regexp.MustCompile(pattern).FindAllSubmatch(source, -1) {
			found[string(match[1])] = true
		}
		return found
	}
	here, there := read("cause.go", `= jws\.(Cause\w+)`), read("../jws/keyerror.go", `(Cause\w+) += "`)
	delete(there, "CauseSecretSize") // of a secret, which no key set can hold
	for name := range there {
		if !here[name] {
			t.Errorf("got no jws.%s in cause.go", name)
		}
	}
	listed := read("cause.go", `= "(\w+)"`)
	for _, value := range []string{causeKeyType, causeCurve, causeRSASize, causeRSAModulus, causeRSAExponent, causeROCA, causeEncoding, causeLowOrder, causePoint} {
		listed[value] = true
	}
	for _, odd := range oddities(t) {
		if odd.cause != "" && !listed[odd.cause] {
			t.Errorf("%s: got cause %q, want one of cause.go", odd.name, odd.cause)
		}
	}
}
