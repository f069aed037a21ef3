package jwtmw_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	jwtmw "github.com/jwtmw/jwtmw/nethttp/grpc"
)

const serviceURL = "https://api.test"

// downStore has no answer.
type downStore struct{}

func (downStore) Claim(context.Context, string, time.Duration) (bool, error) {
	return false, errors.New("no answer")
}

// A proof is for a POST of the full method (RFC 9449).
func TestProof(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	prover, thief := jwttest.NewProver("ES256"), jwttest.NewProver("ES256")
	token, unbound := issuer.Token(map[string]any{"cnf": prover.Confirmation()}), issuer.Token(nil)
	good := func(method string) string { return prover.Proof("POST", serviceURL+method, token, nil) }
	config := issuer.Config()
	config.DPoP.URLs = []string{serviceURL}
	down := config
	down.DPoP.Replays = downStore{}
	tests := []struct {
		name, scheme, token string
		proofs              func(method string) []string
		config              core.Config
		code                codes.Code
		reason              core.Reason
	}{
		{"a good proof", "DPoP", token, func(m string) []string { return []string{good(m)} }, config, codes.OK, ""},
		{"a scheme in lower case", "dpop", token, func(m string) []string { return []string{good(m)} }, config, codes.OK, ""},
		{"no proof", "DPoP", token, func(string) []string { return nil }, config, codes.Unauthenticated, core.ReasonInvalidProof},
		{"two proofs", "DPoP", token, func(m string) []string { return []string{good(m), good(m)} }, config, codes.Unauthenticated, core.ReasonInvalidProof},
		{"a proof for GET", "DPoP", token, func(m string) []string { return []string{prover.Proof("GET", serviceURL+m, token, nil)} }, config, codes.Unauthenticated, core.ReasonInvalidProof},
		{"a proof for another method", "DPoP", token, func(m string) []string { return []string{good(m + "2")} }, config, codes.Unauthenticated, core.ReasonInvalidProof},
		{"a proof for the service", "DPoP", token, func(string) []string { return []string{good("/jwtmw.test.Adapter")} }, config, codes.Unauthenticated, core.ReasonInvalidProof},
		{"a proof for another host", "DPoP", token, func(m string) []string { return []string{prover.Proof("POST", "https://evil.test"+m, token, nil)} }, config, codes.Unauthenticated, core.ReasonInvalidProof},
		{"the proof of another key", "DPoP", token, func(m string) []string { return []string{thief.Proof("POST", serviceURL+m, token, nil)} }, config, codes.Unauthenticated, core.ReasonSenderConstraint},
		{"a bound token as Bearer", "Bearer", token, func(m string) []string { return []string{good(m)} }, config, codes.Unauthenticated, core.ReasonSenderConstraint},
		{"an unbound token", "Bearer", unbound, func(string) []string { return nil }, config, codes.OK, ""},
		{"a store that is down", "DPoP", token, func(m string) []string { return []string{good(m)} }, down, codes.Unavailable, core.ReasonReplayUnavailable},
	}
	for _, test := range tests {
		for kind, method := range methods {
			t.Run(kind+"/"+test.name, func(t *testing.T) {
				conn := connect(t, newServer(subject, jwtmw.GRPC(test.config)...))
				ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", test.scheme+" "+test.token)
				for _, proof := range test.proofs(method) {
					ctx = metadata.AppendToOutgoingContext(ctx, "dpop", proof)
				}
				_, trailer, err := invoke(ctx, conn, method)
				info, _ := detailsOf(err)
				if status.Code(err) != test.code || info.GetReason() != string(test.reason) {
					t.Fatalf("got %v with %v, want %v with reason %q", err, info, test.code, test.reason)
				}
				if challenge := strings.Join(trailer.Get("www-authenticate"), "|"); test.code == codes.Unauthenticated && !strings.Contains(challenge, "DPoP ") {
					t.Errorf("www-authenticate: got %q, want a challenge of DPoP", challenge)
				}
				if test.code == codes.OK && test.token == token {
					if _, _, err := invoke(ctx, conn, method); status.Code(err) != codes.Unauthenticated {
						t.Errorf("the same proof again: got %v, want Unauthenticated", err)
					}
				}
			})
		}
	}
}

// What a refusal says of the nonce is in the trailer, and what a call that passed is told of the next one in the header.
func TestNonce(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	prover := jwttest.NewProver("ES256")
	token := issuer.Token(map[string]any{"cnf": prover.Confirmation()})
	guarded := func(secrets ...core.Secret) *grpc.ClientConn {
		config := issuer.Config()
		config.DPoP = core.DPoP{URLs: []string{serviceURL}, Nonces: secrets}
		return connect(t, newServer(subject, jwtmw.GRPC(config)...))
	}
	older, newer := core.Secret(strings.Repeat("old ", 8)), core.Secret(strings.Repeat("new ", 8))
	call := func(conn *grpc.ClientConn, method, nonce string) (header, trailer metadata.MD, err error) {
		claims := map[string]any{"nonce": nonce}
		if nonce == "" {
			claims = nil
		}
		ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "DPoP "+token, "dpop", prover.Proof("POST", serviceURL+method, token, claims))
		stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, method)
		if err != nil {
			return nil, nil, err
		}
		stream.SendMsg(&emptypb.Empty{})
		stream.CloseSend()
		err = stream.RecvMsg(new(wrapperspb.StringValue))
		header, _ = stream.Header()
		return header, stream.Trailer(), err
	}
	for kind, method := range methods {
		t.Run(kind, func(t *testing.T) {
			_, trailer, err := call(guarded(older), method, "")
			if info, _ := detailsOf(err); info.GetReason() != string(core.ReasonUseDPoPNonce) || len(trailer.Get("dpop-nonce")) != 1 {
				t.Fatalf("no nonce: got %v and trailer %v, want reason use_dpop_nonce and a nonce", err, trailer)
			}
			nonce := trailer.Get("dpop-nonce")[0]
			header, _, err := call(guarded(newer, older), method, nonce)
			if err != nil || len(header.Get("dpop-nonce")) != 1 || header.Get("dpop-nonce")[0] == nonce {
				t.Errorf("a nonce of the retiring secret: got %v and header %v, want it to pass with the newest nonce", err, header)
			}
		})
	}
}

// A token that is bound to a certificate is good on the connection that shows it (RFC 8705 section 3).
func TestCertificate(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	own, other := certificate(t), certificate(t)
	sum := sha256.Sum256(own.Certificate[0])
	token := issuer.Token(map[string]any{"cnf": map[string]any{"x5t#S256": base64.RawURLEncoding.EncodeToString(sum[:])}})
	server := newServer(subject, append(jwtmw.GRPC(issuer.Config()),
		grpc.Creds(credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{other}, ClientAuth: tls.RequireAnyClientCert})))...)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(listener)
	defer server.Stop()
	for name, test := range map[string]struct {
		shown tls.Certificate
		code  codes.Code
	}{"its own": {own, codes.OK}, "another": {other, codes.Unauthenticated}} {
		config := &tls.Config{Certificates: []tls.Certificate{test.shown}, InsecureSkipVerify: true} // the server's is the test's own
		conn, err := grpc.NewClient("passthrough:"+listener.Addr().String(), grpc.WithTransportCredentials(credentials.NewTLS(config)))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for kind, method := range methods {
			if _, _, err := invoke(bearing(t.Context(), token), conn, method); status.Code(err) != test.code {
				t.Errorf("%s certificate, %s: got %v, want %v", name, kind, err, test.code)
			}
		}
	}
}

func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key := jwttest.NewIssuer("").PrivateKey("ES256")
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"api.test"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
