// Command alone is a net/http service without authentication: what the other consumers are compared with.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on")
	ready := flag.Bool("ready", false, "end as soon as the service listens")
	flag.Parse()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "orders") })
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	if fmt.Println(listener.Addr()); *ready {
		return
	}
	log.Fatal(server.Serve(listener))
}
