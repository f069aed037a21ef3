// Command metrics is a service whose tokens, refusals and keys Prometheus sees,
// through OpenTelemetry:
//
//	JWT_ISSUER=https://login.example.com/ JWT_AUDIENCE=https://api.example.com go run -C examples/metrics .
//
// The program is a module of its own, hence -C. GET /metrics on 127.0.0.1:9464
// needs no token and is not for the public. What is worth an alarm stands in
// alarm.yml, rules for Prometheus.
package main

import (
	"cmp"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/oteltrace"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

func main() {
	config, err := core.ConfigFromEnv("JWT")
	if err != nil {
		log.Fatal(err)
	}
	service, metrics, err := open(config)
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.ListenAndServe("127.0.0.1:9464", metrics)) }()
	log.Fatal(http.ListenAndServe(cmp.Or(os.Getenv("ADDR"), ":8080"), service))
}

// open returns the service, and the handler of what Prometheus scrapes.
func open(config core.Config) (service, metrics http.Handler, err error) {
	registry := prometheus.NewRegistry()
	reader, err := exporter.New(exporter.WithRegisterer(registry))
	if err != nil {
		return nil, nil, err
	}
	instruments, err := oteltrace.New(oteltrace.Options{MeterProvider: metric.NewMeterProvider(metric.WithReader(reader))})
	if err != nil {
		return nil, nil, err
	}
	config.Trace = instruments.Trace()
	verifier, err := core.New(config)
	if err != nil {
		return nil, nil, err
	}
	if _, err := instruments.Observe(verifier); err != nil {
		return nil, nil, err
	}
	guard := jwtmw.Guard(core.Guard{Verifier: verifier})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return guard(http.HandlerFunc(hello)), mux, nil
}

func hello(w http.ResponseWriter, r *http.Request) {
	claims, _ := jwtmw.FromContext(r.Context())
	fmt.Fprintf(w, "hello %s\n", claims.Subject)
}
