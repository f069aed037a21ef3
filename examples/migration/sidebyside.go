package migration

import (
	"log/slog"
	"net/http"

	"github.com/jwtmw/jwtmw/core"
)

// sideBySide runs the old middleware and the new guard on the same requests,
// before you switch. The old one decides and answers. A request that the guard
// would have judged otherwise becomes a line in the log, with the reason; the
// guard's own Logger says what was got and what was wanted. When a week brings
// no more lines, the old one can go.
//
// Under gin, fiber and echo the same is a middleware before the old one that
// calls guard.Check, remembers the error, and compares it when the chain is over.
func sideBySide(old func(http.Handler) http.Handler, guard core.Guard, log *slog.Logger) func(http.Handler) http.Handler {
	guard = guard.MustValidate()
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, err := guard.Check(r.Context(), core.HTTPRequest(r))
			passed := false
			old(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				passed = true
				next.ServeHTTP(w, r)
			})).ServeHTTP(w, r)
			if passed != (err == nil) {
				reason := "none"
				if err != nil {
					reason = string(core.RefusalOf(err).Reason)
				}
				log.Warn("the old middleware and the new guard disagree", "path", r.URL.Path, "old_passes", passed, "new_reason", reason)
			}
		})
	}
}
