package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/chameleoncloud/refapi/internal/build"
)

type versionCmd struct{}

// Run implements the command.
func (versionCmd) Run(a *app) error {
	_, err := fmt.Fprintln(a.stdout, versionText())
	return err
}

// versionText describes the program: its version, the Go release that compiled
// it and, where the binary records it, the commit it was built from.
func versionText() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s (output revision %d, %s)", build.Generator, build.Revision, runtime.Version())

	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" || s.Key == "vcs.time" {
				fmt.Fprintf(&text, "\n%s %s", s.Key, s.Value)
			}
		}
	}

	return text.String()
}
