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

// Options says how keys are fetched. The zero value is ready for use. Durations above 24 h count as 24 h.
type Options struct {
	// Client is used for its Transport, Jar and Timeout; redirects are refused whatever it says about them. Its Transport
	// must heed the request's context. Default: a transport that takes proxies and the TLS configuration
	// from http.DefaultTransport, and whose connections end with the refresh.
	Client *http.Client
	// MaxAge is how long keys are fresh if the answer does not say; jittered by a tenth. If the answer says, that counts,
	// clamped to 1 min..24 h. Default: DefaultMaxAge.
	MaxAge time.Duration
	// MaxStale is how much longer keys serve while fetching fails. Default: DefaultMaxStale. Negative: not at all.
	MaxStale time.Duration
	// Cooldown is the time in which unknown kids earn one more refresh, of at most two saved up.
	// Default: DefaultCooldown.
	Cooldown time.Duration
	// Timeout bounds a whole refresh: the metadata document, the key set, and their bodies. Store.Get has 500 ms before
	// that. Default: DefaultTimeout.
	Timeout time.Duration
	// MaxBytes bounds each document, counted after decompression. Default: DefaultMaxBytes.
	MaxBytes int64
	// MaxKeys bounds the elements of a key set. Default: DefaultMaxKeys.
	MaxKeys int
	// InsecureHTTP allows http to hosts other than loopback.
	InsecureHTTP bool
	// Confined is for an issuer that a stranger may have chosen. Only public addresses are dialled, unless Client is set,
	// and a jwks_uri must name its metadata's host or one of Hosts.
	// A network that translates to IPv4 under a prefix of its own (RFC 6052 section 2.2) makes private addresses look public:
	// it must refuse them itself.
	Confined bool
	Hosts    []string
	// Store keeps the last good answer over a restart. Default: none.
	Store Store
	// Logger gets a line for each change: other keys, failure, recovery. Default: silence.
	Logger *slog.Logger
	// Hooks are called after every refresh. Default: none.
	Hooks Hooks
}

func (o Options) withDefaults() Options {
	o.MaxAge = orDefault(o.MaxAge, DefaultMaxAge)
	o.Cooldown = orDefault(o.Cooldown, DefaultCooldown)
	o.Timeout = orDefault(o.Timeout, DefaultTimeout)
	switch {
	case o.MaxStale < 0:
		o.MaxStale = 0
	default:
		o.MaxStale = orDefault(o.MaxStale, DefaultMaxStale)
	}
	limits := Limits{MaxBytes: o.MaxBytes, MaxKeys: o.MaxKeys}.withDefaults()
	o.MaxBytes, o.MaxKeys = limits.MaxBytes, limits.MaxKeys
	o.Logger = orSilence(o.Logger)
	return o
}

// orDefault keeps d within a day, so that no sum of two of them and an instant overflows.
func orDefault(d, standard time.Duration) time.Duration {
	if d <= 0 {
		return standard
	}
	return min(d, 24*time.Hour)
}

func orSilence(logger *slog.Logger) *slog.Logger {
	if logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return logger
}
