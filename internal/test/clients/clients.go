// Package clients tests generators of clients. For other tests it knows where
// Go's are.
package clients

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Module copies the module that names Go's generators into a folder, and returns
// the environment in which its tools run without a network. Without them the test
// ends here: skipped at a desk, failed in continuous integration. root is the
// relative path of the project's root.
func Module(t testing.TB, root, dir string) (env []string) {
	t.Helper()
	source := filepath.Join(root, "internal", "test", "clients", "testdata", "go")
	if err := os.CopyFS(dir, os.DirFS(source)); err != nil {
		t.Fatal(err)
	}

	env = append(os.Environ(), "GOPROXY=off", "GOWORK=off", "GOFLAGS=-trimpath -buildvcs=false", "CGO_ENABLED=0")
	check := exec.Command("go", "mod", "download")
	check.Dir, check.Env = dir, env
	if out, err := check.CombinedOutput(); err != nil && os.Getenv("CI") != "" {
		t.Fatalf("generators of Go clients are missing; `make tools` downloads them\n%s", out)
	} else if err != nil {
		t.Skipf("generators of Go clients are missing; `make tools` downloads them\n%s", out)
	}

	return env
}
