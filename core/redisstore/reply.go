package redisstore

import (
	"fmt"
	"strconv"
)

// text reads a reply that is a string, as one client returns it or another. ok is
// false for nothing there.
func text(reply any) (s string, ok bool, err error) {
	switch reply := reply.(type) {
	case nil:
		return "", false, nil
	case string:
		return reply, true, nil
	case []byte:
		return string(reply), reply != nil, nil
	}
	return "", false, fmt.Errorf("got a reply of type %T, want a string", reply)
}

// texts reads a reply that is an array of strings.
func texts(reply any) ([]string, error) {
	switch reply := reply.(type) {
	case nil:
		return nil, nil
	case []string:
		return reply, nil
	case []any:
		all := make([]string, len(reply))
		for i, one := range reply {
			s, ok, err := text(one)
			if err != nil || !ok {
				return nil, fmt.Errorf("got an array with a %T in it, want strings", one)
			}
			all[i] = s
		}
		return all, nil
	}
	return nil, fmt.Errorf("got a reply of type %T, want an array", reply)
}

// integer reads a reply that is a number.
func integer(reply any) (int64, error) {
	switch reply := reply.(type) {
	case int64:
		return reply, nil
	case int:
		return int64(reply), nil
	}
	s, ok, err := text(reply)
	if err != nil || !ok {
		return 0, fmt.Errorf("got a reply of type %T, want an integer", reply)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("got the reply %s, want an integer", quote(s))
	}
	return n, nil
}

// quote makes foreign text fit for an error.
func quote(text string) string {
	const limit = 64
	if len(text) > limit {
		text = text[:limit] + "..."
	}
	return strconv.Quote(text)
}
