package core

import "strings"

// mediaType drops the "application/" that RFC 7515 section 4.1.9 lets a sender
// leave out when no other slash follows.
func mediaType(typ string) string {
	const prefix = "application/"
	if len(typ) > len(prefix) && strings.EqualFold(typ[:len(prefix)], prefix) && !strings.Contains(typ[len(prefix):], "/") {
		typ = typ[len(prefix):]
	}
	return typ
}

// sameMediaType folds case. A letter outside ASCII that folds into one of it,
// such as the Kelvin sign, would make got longer than want, which is ASCII.
func sameMediaType(got, want string) bool {
	return len(got) == len(want) && strings.EqualFold(got, want)
}
