package templates_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The modules' own tests are beside them, for Node.js. They need no browser: what
// draws is tested by package page, in one.
func TestModules(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal("Node.js is needed: apt-get install nodejs, or run `make tools`")
	} else if err != nil {
		t.Skip("the modules are not tested: Node.js is missing; `make tools` installs it")
	}

	tests, err := filepath.Glob("test/*.test.js")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no tests of modules: %v", err)
	}

	out, err := exec.CommandContext(t.Context(), node, append([]string{"--test"}, tests...)...).CombinedOutput()
	if err != nil {
		t.Errorf("node --test: %v\n%s", err, out)
	}
}
