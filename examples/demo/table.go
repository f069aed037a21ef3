package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// printTable prints a row for each trial and a column for each service.
func printTable(out io.Writer, services []*service, results []result) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	head := []string{"REQUEST"}
	for _, s := range services {
		head = append(head, s.name)
	}
	fmt.Fprintln(w, strings.Join(head, "\t"))
	for _, r := range results {
		row := []string{r.name}
		for _, got := range r.got {
			row = append(row, got.String())
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}

// unexpected names every verdict that is not the wanted one.
func unexpected(services []*service, results []result) error {
	var errs []error
	for _, r := range results {
		for i, got := range r.got {
			if got != r.want {
				errs = append(errs, fmt.Errorf("%q sent to %s: got %s, want %s", r.name, services[i].name, got, r.want))
			}
		}
	}
	return errors.Join(errs...)
}
