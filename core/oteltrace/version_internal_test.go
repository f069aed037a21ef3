package oteltrace

import (
	"runtime/debug"
	"testing"
)

func TestVersionOf(t *testing.T) {
	for _, test := range []struct {
		name string
		info debug.BuildInfo
		want string
	}{
		{"released", debug.BuildInfo{Deps: []*debug.Module{{Path: "example.com/a", Version: "v9.9.9"}, {Path: scope, Version: "v1.2.3"}}}, "1.2.3"},
		{"a commit", debug.BuildInfo{Deps: []*debug.Module{{Path: scope, Version: "v0.0.0-20260102030405-0123456789ab"}}}, "0.0.0-20260102030405-0123456789ab"},
		{"replaced", debug.BuildInfo{Deps: []*debug.Module{{Path: scope, Version: "v0.0.0", Replace: &debug.Module{Path: "../.."}}}}, ""},
		{"in a workspace", debug.BuildInfo{Deps: []*debug.Module{{Path: scope, Version: "(devel)"}}}, ""},
		{"the module itself", debug.BuildInfo{Main: debug.Module{Path: scope, Version: "(devel)"}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := versionOf(&test.info); got != test.want {
				t.Errorf("got version %q, want %q", got, test.want)
			}
		})
	}
}
