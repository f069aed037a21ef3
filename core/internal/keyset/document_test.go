package keyset

import (
	"strings"
	"testing"
)

// badDocuments are answers that are no key set, or none that can serve.
func badDocuments() map[string]string {
	good := kids("a")
	bare := jwkText(ecMembers("a"))
	return map[string]string{
		"empty":                              "",
		"A22f HTML":                          "<!DOCTYPE html><html><body>Sign in</body></html>",
		"A22f truncated":                     good[:len(good)-9],
		"A22f BOM":                           "\ufeff" + good,
		"A22f keys null":                     `{"keys":null}`,
		"A22f keys an object":                `{"keys":{"a":` + bare + `}}`,
		"A22f keys a number":                 `{"keys":123}`,
		"A22f keys twice":                    `{"keys":[` + bare + `],"keys":[` + bare + `]}`,
		"A22f keys twice, escaped":           `{"keys":[` + bare + `],"k\u0065ys":[` + bare + `]}`,
		"A13 Keys":                           `{"Keys":[` + bare + `]}`,
		"A22f no keys":                       `{}`,
		"B04 no key":                         `{"keys":[]}`,
		"A22f a single JWK":                  bare,
		"A22f an array":                      `[` + bare + `]`,
		"A22f trailing bytes":                good + "x",
		"A22f a second document":             good + good,
		"A15c 50 000 deep":                   `{"keys":` + strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000) + `}`,
		"A15c 50 000 deep beside keys":       `{"x":` + strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000) + `,` + good[1:],
		"A15c 33 deep beside keys":           `{"x":` + strings.Repeat("[", 33) + strings.Repeat("]", 33) + `,` + good[1:],
		"A15c 50 000 deep in a JWK":          `{"keys":[` + strings.Repeat(`{"a":`, 50_000) + "1" + strings.Repeat("}", 50_000) + `,` + bare + `]}`,
		"A15b invalid UTF-8":                 `{"keys":[` + bare + `],"x":"` + "\xff" + `"}`,
		"A15b lone surrogate":                `{"keys":[` + bare + `],"x":"\ud800"}`,
		"comment":                            `{"keys":[` + bare + `/**/]}`,
		"trailing comma":                     `{"keys":[` + bare + `,]}`,
		"every key unusable":                 setText(jwkText(rsaMembers("a"), "use", "enc"), jwkText(ecMembers("a"), "d", "AAAA")),
		"every key under one kid, different": setText(jwkText(ecMembers("a")), jwkText(ecMembers("b"), "kid", "a")),
		"A22f more than 1000 keys":           setText(strings.Split(strings.Repeat(`{},`, 1000)+bare, ",")...),
		"B07 more than 1 MiB":                `{"x":"` + strings.Repeat("x", 1<<20) + `",` + good[1:],
	}
}

func TestParseRefusesDocument(t *testing.T) {
	for name, document := range badDocuments() {
		t.Run(name, func(t *testing.T) {
			set, err := Parse([]byte(document), Limits{})
			if err == nil {
				t.Fatalf("got a set of %d keys, want an error", set.Len())
			}
			if len(err.Error()) > 400 {
				t.Errorf("got an error of %d octets, want the document left out of it", len(err.Error()))
			}
		})
	}
}

func TestParseTakesDocument(t *testing.T) {
	bare := jwkText(ecMembers("a"))
	tests := map[string]string{
		"plain":                      kids("a"),
		"white space around":         " \r\n\t" + kids("a") + "\n",
		"other members":              `{"keys":[` + bare + `],"public_cert":{"kid":"a"},"public_certs":[[1]]}`,
		"other members before":       `{"issuer":"x","n":1.5e3,"o":{"keys":[]},"keys":[` + bare + `]}`,
		"other members twice":        `{"x":1,"x":2,"keys":[` + bare + `]}`,
		"1000 keys":                  setText(strings.Split(strings.Repeat(`{},`, 999)+bare, ",")...),
		"beside things that are not": `{"keys":[null,1,"x",[],{},` + bare + `]}`,
	}
	for name, document := range tests {
		t.Run(name, func(t *testing.T) {
			if got := mustParse(t, document).Len(); got != 1 {
				t.Errorf("got %d keys, want 1", got)
			}
		})
	}
}

func TestParseLimits(t *testing.T) {
	document := []byte(kids("a", "b"))
	tests := []struct {
		name   string
		limits Limits
		taken  bool
	}{
		{"as many keys", Limits{MaxKeys: 2}, true},
		{"too many keys", Limits{MaxKeys: 1}, false},
		{"as many octets", Limits{MaxBytes: int64(len(document))}, true},
		{"too many octets", Limits{MaxBytes: int64(len(document)) - 1}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Parse(document, tt.limits); (err == nil) != tt.taken {
				t.Errorf("got error %v, want taken %v", err, tt.taken)
			}
		})
	}
}
