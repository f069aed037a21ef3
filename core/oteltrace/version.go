package oteltrace

import (
	"runtime/debug"
	"strings"

	"go.opentelemetry.io/otel/metric"
)

// scope is this module, and the name of the instrumentation scope.
const scope = "github.com/jwtmw/jwtmw/core/oteltrace"

func newMeter(provider metric.MeterProvider) metric.Meter {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return provider.Meter(scope)
	}
	return provider.Meter(scope, metric.WithInstrumentationVersion(versionOf(info)))
}

// versionOf is the version of this module in a program, without its "v". It is
// empty where the program was built from other source than the version's: from
// a replacement, or from a working tree.
func versionOf(info *debug.BuildInfo) string {
	for _, module := range info.Deps {
		if module.Path == scope && module.Replace == nil && strings.HasPrefix(module.Version, "v") {
			return module.Version[1:]
		}
	}
	return ""
}
