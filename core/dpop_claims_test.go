package core_test

import (
	"crypto/elliptic"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// confirmationRows are about what the token says of the key.
func confirmationRows(_ *testing.T, s *proofStage) []sent {
	jkt := s.prover.Confirmation()["jkt"].(string)
	hash := base64.RawURLEncoding.EncodeToString
	octets := decoded(jkt)
	both := func(name string, want, asBearer outcome, cnf any) []sent {
		token := s.boundTo(cnf)
		return []sent{dpop(name+", DPoP", want, token, s.proof(token, nil)), byBearer(name+", Bearer", asBearer, token)}
	}
	var rows []sent
	for name, value := range map[string]any{
		"padded": jkt + "=", "hex": hex.EncodeToString([]byte(octets)), "42 characters": jkt[:42], "44 characters": jkt + "A", "SHA-1": hash(sha1.New().Sum([]byte(octets))[:20]),
		"unused bits": jkt[:42] + "B", "standard base64": strings.Repeat("+", 43),
	} {
		rows = append(rows, both("S42 "+name, notTheirs, bearsBound, map[string]any{"jkt": value})...)
	}
	for _, cnf := range []any{map[string]any{"jkt": 7}, map[string]any{"jkt": []string{jkt}}, map[string]any{"jkt": ""}, map[string]any{}, map[string]any{"jkt": nil}} {
		rows = append(rows, both("S43 "+mustText(cnf), notTheirs, bearsBound, cnf)...)
	}
	for _, cnf := range []any{jkt, json.RawMessage("null"), []any{map[string]any{"jkt": jkt}}, true} {
		rows = append(rows, both("S44 "+mustText(cnf)[:4], notTheirs, bearsBound, cnf)...)
	}
	for _, member := range []string{"jwk", "kid", "jku", "JKT", "x5t"} {
		rows = append(rows, both("S45 "+member, notTheirs, bearsBound, map[string]any{member: jkt})...)
	}
	twice := func(members string) string {
		header := fmt.Sprintf(`{"alg":"ES256","kid":%q}`, s.KeyID("ES256"))
		claims := strings.TrimSuffix(decoded(strings.Split(s.unbound(), ".")[1]), "}")
		return s.Sign("ES256", []byte(header), []byte(claims+","+members+"}"))
	}
	cnf := mustText(map[string]any{"jkt": jkt})
	duplicate, folded, other := twice(`"cnf":`+cnf+`,"cnf":`+cnf), twice(`"cnf":`+cnf+`,"Cnf":{"jkt":"x"}`), twice(`"Cnf":`+cnf)
	rows = append(rows, both("S46 kc-jkt-type", passes, bearsBound, map[string]any{"jkt": jkt, "kc-jkt-type": "x", "jwk": 7})...)
	rows = append(rows, both("S47 x5t#S256 without a certificate", notTheirs, bearsBound, map[string]any{"jkt": jkt, "x5t#S256": jkt})...)
	return append(rows,
		dpop("S48 cnf twice", outcome{core.ReasonMalformedToken, "DPoP"}, duplicate, s.proof(duplicate, nil)),
		dpop("S48 Cnf beside it", passes, folded, s.proof(folded, nil)),
		dpop("S48 Cnf alone", notTheirs, other, s.proof(other, nil)),
	)
}

// claimed sends a proof with other claims.
func (s *proofStage) claimed(name string, want outcome, claims map[string]any) sent {
	token := s.bound()
	return dpop(name, want, token, s.proof(token, claims))
}

func hashRows(_ *testing.T, s *proofStage) []sent {
	token, other := s.bound(), s.Token(map[string]any{"cnf": s.prover.Confirmation(), "sub": "bob"}, jwttest.Algorithm("ES256"))
	sum, long := sha256.Sum256([]byte(token)), sha512.Sum512([]byte(token))
	payload := sha256.Sum256([]byte(decoded(strings.Split(token, ".")[1])))
	hash := base64.RawURLEncoding.EncodeToString
	ath := func(name string, value any) sent {
		return dpop(name, badProof, token, s.proof(token, map[string]any{"ath": value}))
	}
	twin := twinOf(token)
	return []sent{
		ath("S49 absent", nil),
		ath("S49 a number", 7),
		dpop("S50 of another token of the key", badProof, token, s.proof(other, nil)),
		ath("S51 padded", hash(sum[:])+"="),
		ath("S51 hex", hex.EncodeToString(sum[:])),
		ath("S51 of the payload", hash(payload[:])),
		ath("S51 SHA-512", hash(long[:])),
		ath("S51 unused bits", hash(sum[:])[:42]+"_"),
		dpop("S52 the twin of the token", badProof, twin, s.proof(token, nil)),
		dpop("S52 a proof of the twin", passes, twin, s.proof(twin, nil)),
	}
}

// twinOf is an ES256 token with (r, n-s) in the place of (r, s).
func twinOf(token string) string {
	at := strings.LastIndexByte(token, '.') + 1
	signature := []byte(decoded(token[at:]))
	s := new(big.Int).Sub(elliptic.P256().Params().N, new(big.Int).SetBytes(signature[32:]))
	s.FillBytes(signature[32:])
	return token[:at] + base64.RawURLEncoding.EncodeToString(signature)
}

func methodRows(_ *testing.T, s *proofStage) []sent {
	token := s.bound()
	as := func(name, method, htm string, lines ...string) sent {
		r := dpop(name, badProof, token, s.prover.Proof(htm, ordersURL, token, nil))
		r.method, r.lines = method, append(r.lines, lines...)
		return r
	}
	post := as("POST", "POST", "POST")
	post.want = passes
	return []sent{
		as("S53 lower case", "GET", "get"),
		as("S53 another method", "POST", "GET"),
		as("S53 GET for HEAD", "HEAD", "GET"),
		as("S53 an override", "POST", "DELETE", "X-HTTP-Method-Override: DELETE"),
		as("S53 a blank behind it", "GET", "GET "),
		s.claimed("S53 absent", badProof, map[string]any{"htm": nil}),
		s.claimed("S53 a list", badProof, map[string]any{"htm": []string{"GET"}}),
		post,
	}
}

// claimRows are about the claims that say when, and which.
func claimRows(_ *testing.T, s *proofStage) []sent {
	rows := []sent{
		s.claimed("S73 a fraction", passes, map[string]any{"iat": json.RawMessage(mustText(float64(nowUnix()) + 0.5))}),
		s.claimed("S73 absent", badProof, map[string]any{"iat": nil}),
		s.claimed("S74 exp passed", badProof, map[string]any{"exp": nowUnix() - 60}),
		s.claimed("S74 exp to come", passes, map[string]any{"exp": nowUnix() + 60}),
		s.claimed("S74 nbf to come", badProof, map[string]any{"nbf": nowUnix() + 60}),
		s.claimed("S74 nbf passed", passes, map[string]any{"nbf": nowUnix()}),
		s.claimed("S74 exp a string", badProof, map[string]any{"exp": "tomorrow"}),
		s.claimed("S82 absent", badProof, map[string]any{"jti": nil}),
		s.claimed("S82 empty", badProof, map[string]any{"jti": ""}),
		s.claimed("S82 a number", badProof, map[string]any{"jti": 7}),
		s.claimed("S82 256 octets", passes, map[string]any{"jti": strings.Repeat("j", 256)}),
		s.claimed("S82 257 octets", badProof, map[string]any{"jti": strings.Repeat("j", 257)}),
		s.claimed("S82 1 MB", badProof, map[string]any{"jti": strings.Repeat("j", 1<<20)}),
		s.claimed("S91 a nonce that nobody asked for", passes, map[string]any{"nonce": "x"}),
		s.claimed("S91 a nonce that is no string", passes, map[string]any{"nonce": 7}),
	}
	for _, iat := range []any{fmt.Sprint(nowUnix()), json.RawMessage("1e99"), -1, json.RawMessage("9223372036854775808"), true, json.RawMessage("null"), "NaN"} {
		rows = append(rows, s.claimed("S73 "+mustText(iat), badProof, map[string]any{"iat": iat}))
	}
	return rows
}
