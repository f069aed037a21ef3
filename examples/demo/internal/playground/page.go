package playground

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

//go:embed playground.html
var page string

// servePage answers with the page. Its policy lets it run its own script, use
// its own style and ask its own server, and nothing else.
func servePage(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Content-Security-Policy", fmt.Sprintf(
		"default-src 'none'; connect-src 'self'; img-src data:; script-src '%s'; style-src '%s'; "+
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		hashOf("script"), hashOf("style")))
	io.WriteString(w, page)
}

// loopbackOnly refuses requests to names other than this machine's. A page of a
// foreign site whose name has come to mean 127.0.0.1 (DNS rebinding) shares our
// origin in the browser's eyes, but still asks for the foreign name.
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopback(r.Host) {
			http.Error(w, "this page answers to loopback addresses only", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isLoopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]") // no port
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// hashOf is the source expression (CSP Level 3 section 2.3.1) of the page's
// only element of that name.
func hashOf(element string) string {
	_, rest, _ := strings.Cut(page, "<"+element+">")
	content, _, _ := strings.Cut(rest, "</"+element+">")
	hash := sha256.Sum256([]byte(content))
	return "sha256-" + base64.StdEncoding.EncodeToString(hash[:])
}
