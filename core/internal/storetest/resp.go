package storetest

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// respLines are the lines of a server's reply.
type respLines struct{ reader *bufio.Reader }

func newLines(r io.Reader) *respLines { return &respLines{bufio.NewReader(r)} }

func (l *respLines) next() (string, error) {
	line, err := l.reader.ReadString('\n')
	if err != nil {
		return "", err
	}
	if line = strings.TrimSuffix(line, "\r\n"); line == "" {
		return "", errors.New("got an empty line")
	}
	return line, nil
}

func (l *respLines) octets(n int) (string, error) {
	text := make([]byte, n+2)
	if _, err := io.ReadFull(l.reader, text); err != nil {
		return "", err
	}
	return string(text[:n]), nil
}
