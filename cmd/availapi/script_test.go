package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScript runs testdata/script: one file for each behaviour of the command
// line. All share a testbed, and find its tree, its clouds.yaml and a directory
// without a tree in the environment.
func TestScript(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("TREE", b.tree.Root)
			e.Setenv("OS_CLIENT_CONFIG_FILE", b.clouds)
			e.Setenv("CLOUDS", b.clouds)
			return os.Mkdir(e.WorkDir+"/empty", 0o755)
		},
	})
}
