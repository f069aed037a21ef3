package keyset

import (
	"log/slog"
	"net/http"
	"time"
)

// The defaults of Options and Limits.
const (
	DefaultMaxAge   = 10 * time.Minute
	DefaultMaxStale = time.Hour
	DefaultCooldown = 10 * time.Second
	DefaultTimeout  = 5 * time.Second
	DefaultMaxBytes = 1 << 20
	DefaultMaxKeys  = 1000
)

// Options says how keys are fetched. The zero value is ready for use.
type Options struct {
	// Client is used for its Transport, Jar and Timeout; redirects are refused whatever it says about them. Its
	// Transport must heed the request's context. Default: http.DefaultTransport.
	Client *http.Client
	// MaxAge is how long keys are fresh where the answer says nothing about its age; jittered by a tenth. What the
	// answer says is clamped to 1 min..24 h instead. Default: DefaultMaxAge.
	MaxAge time.Duration
	// MaxStale is how much longer keys serve while fetching fails. Default: DefaultMaxStale. Negative: not at all.
	MaxStale time.Duration
	// Cooldown is the time in which unknown kids earn one more refresh, of at most two saved up.
	// Default: DefaultCooldown.
	Cooldown time.Duration
	// Timeout bounds a whole refresh: the metadata document, the key set, and their bodies. Default: DefaultTimeout.
	Timeout time.Duration
	// MaxBytes bounds each document, counted after decompression. Default: DefaultMaxBytes.
	MaxBytes int64
	// MaxKeys bounds the elements of a key set. Default: DefaultMaxKeys.
	MaxKeys int
	// InsecureHTTP allows http to hosts other than loopback.
	InsecureHTTP bool
	// Confined is for an issuer that a stranger may have chosen: nothing but public addresses is dialled, unless Client
	// is set, and a jwks_uri lies on its metadata's host or on one of Hosts.
	Confined bool
	Hosts    []string
	// Store keeps the last good answer over a restart. Default: none.
	Store Store
	// Logger hears of changes: other keys, failure, recovery. Default: silence.
	Logger *slog.Logger
	// Hooks hear of every refresh and what it changed. Default: nobody does.
	Hooks Hooks
}

func (o Options) withDefaults() Options {
	o.MaxAge = orDefault(o.MaxAge, DefaultMaxAge)
	o.Cooldown = orDefault(o.Cooldown, DefaultCooldown)
	o.Timeout = orDefault(o.Timeout, DefaultTimeout)
	if o.MaxStale == 0 {
		o.MaxStale = DefaultMaxStale
	}
	o.MaxStale = max(o.MaxStale, 0)
	limits := Limits{MaxBytes: o.MaxBytes, MaxKeys: o.MaxKeys}.withDefaults()
	o.MaxBytes, o.MaxKeys = limits.MaxBytes, limits.MaxKeys
	o.Logger = orSilence(o.Logger)
	return o
}

func orDefault(d, standard time.Duration) time.Duration {
	if d <= 0 {
		return standard
	}
	return d
}

func orSilence(logger *slog.Logger) *slog.Logger {
	if logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return logger
}
