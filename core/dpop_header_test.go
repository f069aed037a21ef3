package core_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// spoilt sends a proof that is good but for its header.
func (s *proofStage) spoilt(name string, want outcome, options ...jwttest.TokenOption) sent {
	token := s.bound()
	return dpop(name, want, token, s.proof(token, nil, options...))
}

// member sets one member; nil leaves it out.
func member(name string, value any) jwttest.TokenOption {
	return jwttest.Header(map[string]any{name: value})
}

func typeRows(_ *testing.T, s *proofStage) []sent {
	token := s.bound()
	rows := []sent{
		dpop("S15 the access token", badProof, token, token),
		s.spoilt("S16 JWT", badProof, jwttest.Type("JWT")),
		s.spoilt("S16 absent", badProof, member("typ", nil)),
		s.spoilt("S16 at+jwt", badProof, jwttest.Type("at+jwt")),
		s.spoilt("S16 empty", badProof, jwttest.Type("")),
		s.spoilt("S17 application/dpop+jwt", passes, jwttest.Type("application/dpop+jwt")),
		s.spoilt("S17 DPoP+JWT", passes, jwttest.Type("DPoP+JWT")),
		s.spoilt("S17 another prefix", badProof, jwttest.Type("image/dpop+jwt")),
		s.spoilt("S17 a prefix twice", badProof, jwttest.Type("application/application/dpop+jwt")),
	}
	for _, typ := range []any{1, json.RawMessage("null"), []string{"dpop+jwt"}, map[string]any{}, true} {
		rows = append(rows, s.spoilt(fmt.Sprintf("S18 %s", mustText(typ)), badProof, member("typ", typ)))
	}
	return rows
}

func mustText(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func algorithmRows(_ *testing.T, s *proofStage) []sent {
	token := s.bound()
	public := s.prover.PublicJWK()
	secret := []byte("a secret of at least thirty-two octets")
	oct := map[string]any{"kty": "oct", "k": base64.RawURLEncoding.EncodeToString(secret)}
	rsa := jwttest.NewProver("RS256")
	rsaToken := s.boundTo(rsa.Confirmation())
	rsaProof := func(options ...jwttest.TokenOption) string {
		return rsa.Proof("GET", ordersURL, rsaToken, nil, options...)
	}
	return []sent{
		s.spoilt("S19 none", badProof, jwttest.Unsigned()),
		s.spoilt("S19 None", badProof, jwttest.Unsigned(), member("alg", "None")),
		s.spoilt("S19 none with a signature", badProof, member("alg", "none")),
		s.spoilt("S20 HS256 under its own k", badProof, jwttest.HMAC("HS256", secret), member("jwk", oct)),
		s.spoilt("S21 HS256 under the public key's text", badProof, jwttest.HMAC("HS256", public)),
		dpop("S22 ES256 with an RSA key", badProof, rsaToken, rsaProof(member("alg", "ES256"))),
		s.spoilt("S22 RS256 with an EC key", badProof, member("alg", "RS256")),
		s.spoilt("S22 ES384 on P-256", badProof, member("alg", "ES384")),
		dpop("S23 RS512, which is not pinned", badProof, rsaToken, rsaProof(jwttest.Algorithm("RS512"))),
		dpop("S23 RS256, which is", passes, rsaToken, rsaProof()),
		dpop("S23 an alg that nobody knows", badProof, token, s.proof(token, nil, member("alg", "ES256K"))),
	}
}

func TestS24TwoNamesOfOneAlgorithm(t *testing.T) {
	for _, pinned := range []core.Algorithm{core.Ed25519, core.EdDSA} {
		s := newProofStage(t, func(c *core.Config) { c.DPoP.Algorithms = []core.Algorithm{pinned} })
		s.prover = jwttest.NewProver("Ed25519")
		token := s.bound()
		for _, sentAs := range []core.Algorithm{core.Ed25519, core.EdDSA} {
			want := badProof
			if sentAs == pinned {
				want = passes
			}
			t.Run(fmt.Sprintf("S24 %s where %s is pinned", sentAs, pinned), func(t *testing.T) {
				s.judge(t, dpop("", want, token, s.proof(token, nil, jwttest.Algorithm(string(sentAs)))))
			})
		}
	}
}

// with adds members to the client's public key.
func (s *proofStage) with(members map[string]any) json.RawMessage {
	jwk := map[string]any{}
	if err := json.Unmarshal(s.prover.PublicJWK(), &jwk); err != nil {
		panic(err)
	}
	for name, value := range members {
		if jwk[name] = value; value == nil {
			delete(jwk, name)
		}
	}
	return json.RawMessage(mustText(jwk))
}

func jwkRows(_ *testing.T, s *proofStage) []sent {
	public := string(s.prover.PublicJWK())
	key := func(name string, want outcome, jwk any) sent { return s.spoilt(name, want, member("jwk", jwk)) }
	rows := []sent{
		s.spoilt("S25 kid in its place", badProof, member("jwk", nil), jwttest.KeyID("x")),
		key("S26 d", badProof, s.prover.PrivateJWK()),
		key("S28 x twice", badProof, json.RawMessage(strings.Replace(public, `"x":`, `"x":"AA","x":`, 1))),
		key("S28 X in the place of x", badProof, json.RawMessage(strings.Replace(public, `"x":`, `"X":`, 1))),
		key("S29 x5c, x5u, jku beside it", passes, s.with(map[string]any{"x5c": []string{"AA"}, "x5u": "https://mallory.test/", "jku": 7, "kid": 1})),
		s.spoilt("S29 x5c, x5u, jku in the header", passes, jwttest.Header(map[string]any{"x5c": []string{"AA"}, "x5u": "https://mallory.test/", "jku": "https://mallory.test/"})),
		key("S33 use enc", badProof, s.with(map[string]any{"use": "enc"})),
		key("S33 use null", badProof, s.with(map[string]any{"use": json.RawMessage("null")})),
		key("S33 use sig", passes, s.with(map[string]any{"use": "sig"})),
		key("S33 key_ops sign", badProof, s.with(map[string]any{"key_ops": []string{"sign"}})),
		key("S33 key_ops a string", badProof, s.with(map[string]any{"key_ops": "verify"})),
		key("S33 key_ops sign and verify", passes, s.with(map[string]any{"key_ops": []string{"sign", "verify"}})),
		key("S33 another alg", badProof, s.with(map[string]any{"alg": "ES384"})),
		key("S33 the same alg", passes, s.with(map[string]any{"alg": "ES256"})),
		key("kty null", badProof, s.with(map[string]any{"kty": json.RawMessage("null")})),
		key("kty of nothing", badProof, s.with(map[string]any{"kty": "AKP"})),
		key("crv in lower case", badProof, s.with(map[string]any{"crv": "p-256"})),
	}
	for _, name := range []string{"p", "q", "k", "priv", "oth"} {
		rows = append(rows, key("S26 "+name, badProof, s.with(map[string]any{name: "AA"})), key("S26 "+name+" null", badProof, s.with(map[string]any{name: json.RawMessage("null")})))
	}
	for _, jwk := range []string{"null", `"x"`, "[]", "{}", "7", `{"kty":"EC"}`} {
		rows = append(rows, key("S27 "+jwk, badProof, json.RawMessage(jwk)))
	}
	return rows
}

// thumbprint is that of RFC 7638 for members in their order.
func thumbprint(members ...string) string {
	sum := sha256.Sum256([]byte("{" + strings.Join(members, ",") + "}"))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// odd is a proof under a key of these members, to which the token is bound: nothing
// but the key can be wrong with it.
func (s *proofStage) odd(name string, want outcome, alg string, members map[string]string) sent {
	var canonical []string
	for _, member := range slices.Sorted(maps.Keys(members)) {
		canonical = append(canonical, fmt.Sprintf("%q:%q", member, members[member]))
	}
	token := s.boundTo(map[string]any{"jkt": thumbprint(canonical...)})
	return dpop(name, want, token, s.proof(token, nil, jwttest.Header(map[string]any{"alg": alg, "jwk": members})))
}

func keyRows(t *testing.T, s *proofStage) []sent {
	var ec, rsa map[string]string
	for text, into := range map[string]*map[string]string{string(s.prover.PublicJWK()): &ec, string(jwttest.NewProver("RS256").PublicJWK()): &rsa} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	point := func(name, x, y string) sent {
		return s.odd("S30 "+name, badProof, "ES256", map[string]string{"kty": "EC", "crv": "P-256", "x": x, "y": y})
	}
	text := func(octets []byte) string { return base64.RawURLEncoding.EncodeToString(octets) }
	octets := func(text string) []byte {
		octets, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return octets
	}
	zero, long := text(make([]byte, 32)), text(append([]byte{0}, octets(ec["x"])...))
	rows := []sent{
		point("x and y exchanged", ec["y"], ec["x"]),
		point("infinity", zero, zero),
		point("short x", text(octets(ec["x"])[1:]), ec["y"]),
		point("long x", long, ec["y"]),
		point("x with padding", ec["x"]+"=", ec["y"]),
		point("no y", ec["x"], ""),
		point("beyond the field", text(slices.Repeat([]byte{255}, 32)), ec["y"]),
	}
	for name, point := range map[string]string{
		"order 1": "0100000000000000000000000000000000000000000000000000000000000000", "order 4": strings.Repeat("00", 32),
		"not reduced": "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "short": strings.Repeat("01", 31),
	} {
		encoded, _ := hex.DecodeString(point)
		rows = append(rows, s.odd("S31 "+name, badProof, "Ed25519", map[string]string{"kty": "OKP", "crv": "Ed25519", "x": text(encoded)}))
	}
	modulus := octets(rsa["n"])
	even := slices.Clone(modulus)
	even[len(even)-1] &= 0xfe
	// Of the form that the ROCA generator makes: 1 modulo every small prime.
	primorial := big.NewInt(1)
	for p := int64(2); p < 200; p++ {
		if big.NewInt(p).ProbablyPrime(20) {
			primorial.Mul(primorial, big.NewInt(p))
		}
	}
	roca := new(big.Int).SetBytes(modulus)
	roca.Sub(roca, new(big.Int).Mod(roca, primorial)).Add(roca, big.NewInt(1))
	for name, key := range map[string]struct {
		n []byte
		e string
	}{
		"1024 bits": {modulus[:128], "AQAB"}, "16384 bits": {slices.Repeat(modulus, 8), "AQAB"}, "e of 1": {modulus, "AQ"}, "e of 0": {modulus, "AA"},
		"e of five octets": {modulus, "AQAAAAE"}, "even": {even, "AQAB"}, "a leading zero": {append([]byte{0}, modulus...), "AQAB"}, "ROCA": {roca.Bytes(), "AQAB"},
	} {
		rows = append(rows, s.odd("S32 "+name, badProof, "RS256", map[string]string{"kty": "RSA", "n": text(key.n), "e": key.e}))
	}
	return rows
}

func textRows(_ *testing.T, s *proofStage) []sent {
	token := s.bound()
	good := strings.Split(s.proof(token, nil), ".")
	head, body := decoded(good[0]), decoded(good[1])
	raw := func(name string, header, payload string) sent {
		return dpop(name, badProof, token, s.prover.SignRaw("ES256", []byte(header), []byte(payload)))
	}
	spelt := func(name string, segments ...string) sent {
		return dpop(name, badProof, token, strings.Join(segments, "."))
	}
	jwk := string(s.prover.PublicJWK())
	rows := []sent{
		s.spoilt("S34 crit", badProof, member("crit", []string{"exp"})),
		s.spoilt("S34 b64", badProof, member("b64", false)),
		s.spoilt("S34 zip", badProof, member("zip", "DEF")),
		raw("S35 typ twice", strings.Replace(head, "{", `{"typ":"dpop+jwt",`, 1), body),
		raw("S35 jwk twice", strings.Replace(head, "{", `{"jwk":`+jwk+",", 1), body),
		raw("S35 htm twice", head, strings.Replace(body, "{", `{"htm":"POST",`, 1)),
		raw("S35 a member of a member twice", head, strings.Replace(body, "{", `{"x":{"a":1,"a":1},`, 1)),
		raw("S36 HTM in the place of htm", head, strings.Replace(body, `"htm"`, `"HTM"`, 1)),
		raw("S36 HTM mends nothing", head, strings.Replace(strings.Replace(body, `"htm":"GET"`, `"htm":"POST"`, 1), "{", `{"HTM":"GET",`, 1)),
		raw("S36 Htu mends nothing", head, strings.Replace(strings.Replace(body, `/orders"`, `/admin"`, 1), "{", `{"Htu":"`+ordersURL+`",`, 1)),
		spelt("S37 padding", good[0], good[1], good[2]+"=="),
		spelt("S37 unused bits", good[0], good[1], good[2][:len(good[2])-1]+string(good[2][len(good[2])-1]+1)),
		spelt("S37 a plus", good[0], good[1], "+"+good[2][1:]),
		spelt("S37 a line break", good[0], good[1], good[2][:8]+"\n"+good[2][8:]),
		spelt("S38 five segments", good[0], good[1], good[2], "e30", "e30"),
		spelt("S38 four segments", good[0], good[1], good[2], ""),
		dpop("S38 JSON", badProof, token, `{"payload":"`+good[1]+`","protected":"`+good[0]+`","signature":"`+good[2]+`"}`),
		dpop("S38 17 KiB", badProof, token, s.proof(token, map[string]any{"x": strings.Repeat("x", 13000)})),
		raw("S39 nested", head, `{"x":`+strings.Repeat("[", 4000)+strings.Repeat("]", 4000)+"}"),
		dpop("S39 100 000 nested arrays", badProof, token, s.prover.SignRaw("ES256", []byte(head), []byte(`{"x":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+"}"))),
		raw("no JSON", head, "x"),
		raw("no object", head, "[]"),
		raw("more behind it", head, body+"{}"),
		raw("not UTF-8", head, strings.Replace(body, "{", "{\"x\":\"\xff\",", 1)),
	}
	return rows
}

func decoded(segment string) string {
	text, err := base64.RawURLEncoding.DecodeString(segment)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func signatureRows(_ *testing.T, s *proofStage) []sent {
	token, thief := s.bound(), jwttest.NewProver("ES256")
	good := s.proof(token, nil)
	at := strings.LastIndexByte(good, '.') + 1
	signature := []byte(decoded(good[at:]))
	with := func(name string, edit func([]byte) []byte) sent {
		return dpop(name, badProof, token, good[:at]+base64.RawURLEncoding.EncodeToString(edit(slices.Clone(signature))))
	}
	return []sent{
		with("S40 flipped", func(b []byte) []byte { b[40] ^= 1; return b }),
		with("S40 truncated", func(b []byte) []byte { return b[:63] }),
		with("S40 longer", func(b []byte) []byte { return append(b, 0) }),
		with("S40 empty", func([]byte) []byte { return nil }),
		with("S40 r of zero", func(b []byte) []byte { return append(make([]byte, 32), b[32:]...) }),
		with("S40 s of zero", func(b []byte) []byte { return append(b[:32], make([]byte, 32)...) }),
		dpop("S40 of another key", badProof, token, thief.Proof("GET", ordersURL, token, nil, member("jwk", s.prover.PublicJWK()))),
		dpop("S41 the thief's own key", notTheirs, token, thief.Proof("GET", ordersURL, token, nil)),
		dpop("S41 a stolen token as Bearer's twin", notTheirs, token, jwttest.NewProver("RS256").Proof("GET", ordersURL, token, nil)),
	}
}
