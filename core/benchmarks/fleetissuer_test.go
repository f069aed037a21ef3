package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

const (
	fleetIssuer = "https://login.example.com"
	fleetMaxAge = 10 * time.Minute
	day         = 24 * time.Hour
)

// fleetKey is a key of the day, with the hours in which it is published and signs.
type fleetKey struct {
	signer                   *jwttest.Issuer
	published, signs, retire time.Duration
}

// dayIssuer is what a fleet asks in a day. It counts each request in its second.
type dayIssuer struct {
	began   time.Time
	keys    []fleetKey
	seconds [day/time.Second + 1]atomic.Int32
}

func newDayIssuer() *dayIssuer {
	i := &dayIssuer{began: time.Now(), keys: []fleetKey{
		{published: 0, signs: 0, retire: 10 * time.Hour},
		{published: aheadAt, signs: aheadAt + 30*time.Minute, retire: 13 * time.Hour},
		{published: atOnceAt, signs: atOnceAt, retire: 2 * day},
	}}
	for n := range i.keys {
		i.keys[n].signer = jwttest.NewIssuer(fleetIssuer)
	}
	return i
}

func (i *dayIssuer) now() time.Duration { return time.Since(i.began) }

func keyName(n int) string { return "key-" + strconv.Itoa(n) }

// signing returns which key signs now.
func (i *dayIssuer) signing() (signing int) {
	now := i.now()
	for n, key := range i.keys {
		if now >= key.signs {
			signing = n
		}
	}
	return signing
}

// sign makes a token that is good for somewhat more than tokenLife.
func (i *dayIssuer) sign(key int, kid string) string {
	return i.keys[key].signer.Sign("ES256", i.header(kid), i.payload())
}

// invent makes a token under a kid of nobody's. Nobody gets as far as its signature.
func (i *dayIssuer) invent(kid string) string {
	return jwttest.Compact(i.header(kid), i.payload(), make([]byte, 64))
}

func (i *dayIssuer) header(kid string) []byte {
	return mustJSON(map[string]any{"alg": "ES256", "kid": kid, "typ": "at+jwt"})
}

func (i *dayIssuer) payload() []byte {
	now := time.Now()
	return mustJSON(map[string]any{"iss": fleetIssuer, "sub": "alice", "aud": audience, "iat": now.Unix(), "exp": now.Add(tokenLife + time.Minute).Unix()})
}

// document is the key set of this instant, and its name.
func (i *dayIssuer) document() (body []byte, etag string) {
	now := i.now()
	var keys []jose.JSONWebKey
	for n, key := range i.keys {
		if now >= key.published && now < key.retire {
			keys = append(keys, jose.JSONWebKey{Key: key.signer.PublicKey("ES256"), KeyID: keyName(n), Algorithm: "ES256", Use: "sig"})
			etag += strconv.Itoa(n)
		}
	}
	return documentOf(keys...), strconv.Quote(etag)
}

// RoundTrip answers as an issuer 50 ms away, and is down for an hour.
func (i *dayIssuer) RoundTrip(r *http.Request) (*http.Response, error) {
	now := i.now()
	i.seconds[min(int(now/time.Second), len(i.seconds)-1)].Add(1)
	select {
	case <-time.After(50 * time.Millisecond):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if now >= outageAt && now < outageAt+outageFor {
		return nil, errors.New("connection refused")
	}
	body, etag := i.document()
	if strings.HasSuffix(r.URL.Path, "/.well-known/openid-configuration") {
		body, etag = mustJSON(map[string]any{"issuer": fleetIssuer, "jwks_uri": fleetIssuer + "/keys"}), `"metadata"`
	}
	status := http.StatusOK
	if r.Header.Get("If-None-Match") == etag {
		status, body = http.StatusNotModified, nil
	}
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}, "Etag": {etag}, "Cache-Control": {"max-age=" + strconv.Itoa(int(fleetMaxAge/time.Second))}},
		Body:   io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}

// asked counts the requests from one instant to another, and those of the worst second.
func (i *dayIssuer) asked(from, till time.Duration) (total, worst int) {
	for n := int(from / time.Second); n < int(till/time.Second); n++ {
		asked := int(i.seconds[n].Load())
		total += asked
		worst = max(worst, asked)
	}
	return total, worst
}
