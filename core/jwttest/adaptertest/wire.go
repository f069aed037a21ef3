package adaptertest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// wireRequest is a request byte for byte, because net/http's client would refuse to send some of them.
type wireRequest struct {
	method string   // default GET
	target string   // default /guarded
	lines  []string // header fields beside Host and Connection
	late   *late    // nil: no body
}

// late is a body in chunks with what stands behind it.
type late struct {
	chunk   string   // "": the body is empty
	trailer []string // header fields that come too late to be any
}

func (l late) text() string {
	body := ""
	if l.chunk != "" {
		body = fmt.Sprintf("%x\r\n%s\r\n", len(l.chunk), l.chunk)
	}
	return body + "0\r\n" + fields(l.trailer) + "\r\n"
}

func fields(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\r\n") + "\r\n"
}

// wireAnswer is what came back.
type wireAnswer struct {
	*http.Response
	body []byte
}

// wire is a connection to an app.
type wire struct {
	net.Conn
	reader *bufio.Reader
}

func (a *app) dial() (*wire, error) { return dial(a.listener.Addr()) }

func dial(addr net.Addr) (*wire, error) {
	conn, err := net.Dial("tcp", addr.String())
	if err != nil {
		return nil, fmt.Errorf("the app does not answer: %w", err)
	}
	return &wire{conn, bufio.NewReader(conn)}, nil
}

// encrypt puts TLS over the connection.
func (w *wire) encrypt(config *tls.Config) *wire {
	conn := tls.Client(w.Conn, config)
	return &wire{conn, bufio.NewReader(conn)}
}

// exchange sends one request on a connection of its own.
func (a *app) exchange(r wireRequest) (wireAnswer, error) {
	w, err := a.dial()
	if err != nil {
		return wireAnswer{}, err
	}
	defer w.Close()
	return w.exchange(r, "close")
}

func (w *wire) exchange(r wireRequest, connection string) (wireAnswer, error) {
	method := or(r.method, "GET")
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: api.test\r\nConnection: %s\r\n", method, or(r.target, "/guarded"), connection) + fields(r.lines)
	switch {
	case r.late != nil:
		head += "Transfer-Encoding: chunked\r\n\r\n" + r.late.text()
	case method == "POST":
		head += "Content-Length: 0\r\n\r\n"
	default:
		head += "\r\n"
	}
	return w.send(method, head)
}

// send sends the bytes of a request and reads the answer.
func (w *wire) send(method, request string) (wireAnswer, error) {
	if _, err := io.WriteString(w, request); err != nil {
		return wireAnswer{}, fmt.Errorf("send the request: %w", err)
	}
	response, err := http.ReadResponse(w.reader, &http.Request{Method: method})
	if err != nil {
		return wireAnswer{}, fmt.Errorf("read the response: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return wireAnswer{}, fmt.Errorf("read the body: %w", err)
	}
	return wireAnswer{response, body}, nil
}

// text is everything that the client gets to see.
func (w wireAnswer) text() string {
	var b bytes.Buffer
	_ = w.Header.Write(&b) // a bytes.Buffer takes all
	b.Write(w.body)
	return b.String()
}

// credentials are the words of the request that nobody else may learn: tokens, whole or without their signature.
func (r wireRequest) credentials() []string {
	var found []string
	for _, word := range strings.FieldsFunc(r.target+" "+strings.Join(r.lines, " "), isSeparator) {
		if len(word) > 32 {
			found = append(found, word, word[:32])
		}
	}
	return found
}

func isSeparator(r rune) bool { return strings.ContainsRune(" \t\r\n\x00.,;=&?", r) }

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
