package main

import (
	"runtime"
	"runtime/debug"

	"github.com/chameleoncloud/refapi/internal/build"
)

type versionCmd struct{}

// Run implements the command.
func (versionCmd) Run(a *app) error {
	a.stdout.printf("%s (output revision %d, %s)\n", build.Generator, build.Revision, runtime.Version())
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" || s.Key == "vcs.time" {
				a.stdout.printf("%s %s\n", s.Key, s.Value)
			}
		}
	}
	return nil
}
