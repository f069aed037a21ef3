package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// view is a token as it reads, before anything of it is verified. It is for the
// eye alone: every verdict is the verifier's.
type view struct {
	text                  string
	segments              []string
	header, payload       []member
	headerErr, payloadErr error // what kept them from being read
}

// member is one member of a JSON object, in the order of the text.
type member struct {
	name  string
	value json.RawMessage
}

// look reads as much of a token as there is to read.
func look(token string) view {
	v := view{text: token, segments: strings.Split(token, ".")}
	if len(v.segments) != 3 {
		return v
	}
	v.header, v.headerErr = object(v.segments[0])
	v.payload, v.payloadErr = object(v.segments[1])
	return v
}

// object decodes one segment.
func object(segment string) (members []member, err error) {
	text, err := base64.RawURLEncoding.DecodeString(segment)
	if err != nil {
		return nil, err
	}
	return objectIn(string(text))
}

// objectIn reads the members of a JSON object.
func objectIn(text string) (members []member, err error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		return nil, errors.New("no JSON object")
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return members, err
		}
		m := member{name: name.(string)} // the decoder refuses any other kind of name
		if err := decoder.Decode(&m.value); err != nil {
			return members, err
		}
		members = append(members, m)
	}
	return members, nil
}

// find returns a member's value, nil if there is none.
func find(members []member, name string) json.RawMessage {
	for _, m := range members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// text returns the string that a member is.
func text(members []member, name string) (s string, ok bool) {
	value := find(members, name)
	if value == nil || value[0] != '"' {
		return "", false
	}
	return s, json.Unmarshal(value, &s) == nil
}

// texts returns the strings of a member that is one or an array of them.
func texts(members []member, name string) (list []string) {
	if s, ok := text(members, name); ok {
		return []string{s}
	}
	if value := find(members, name); value != nil && json.Unmarshal(value, &list) != nil {
		return nil
	}
	return list
}

// date returns the time of a member that is one, up to the year 9999, with
// fractions cut.
func date(members []member, name string) (time.Time, bool) {
	var seconds *float64 // nil for null
	value := find(members, name)
	if value == nil || json.Unmarshal(value, &seconds) != nil || seconds == nil || *seconds < 0 || *seconds > 253402300799 {
		return time.Time{}, false
	}
	return time.Unix(int64(*seconds), 0), true
}

// client is the claim that Config.Clients is held against.
func client(members []member) string {
	for _, name := range []string{"client_id", "azp", "cid", "appid"} {
		if id, _ := text(members, name); id != "" {
			return id
		}
	}
	return ""
}

// token shows what stands in the token.
func (r report) token(v view) {
	r.line("Token, as it reads. Nothing here is verified.")
	switch {
	case len(v.segments) == 3:
		r.line("  text     3 segments, %d octets", len(v.text))
	case len(v.segments) == 5:
		r.line("  text     5 segments: this is a JWE, an encrypted token, for somebody else to read")
	case len(v.segments) == 1:
		r.line("  text     no dots: an opaque token, or no token; only its issuer can say what it means")
	default:
		r.line("  text     %d segments, want 3", len(v.segments))
	}
	r.members("header", v.header, v.headerErr)
	r.members("payload", v.payload, v.payloadErr)
}

func (r report) members(part string, members []member, wrong error) {
	for _, m := range members {
		r.line("  %-8s %s: %s", part, cut(m.name), cut(string(m.value)))
	}
	if wrong != nil {
		r.line("  unread   %s: %s", part, cut(wrong.Error()))
	}
}
