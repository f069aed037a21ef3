package jwttest

import (
	"encoding/json"
	"fmt"
	"time"
)

// overlay writes changes over members. A nil value removes the member, a time becomes a NumericDate (RFC 7519,
// section 2).
func overlay(members, changes map[string]any) {
	for name, value := range changes {
		switch value := value.(type) {
		case nil:
			delete(members, name)
		case time.Time:
			members[name] = value.Unix()
		default:
			members[name] = value
		}
	}
}

func mustJSON(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("jwttest: %v", err))
	}
	return text
}
