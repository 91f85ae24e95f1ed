// Package npmtest finds what `.ci/tools` installs from npm. It is for tests.
package npmtest

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Modules returns the folder of the packages that .ci/npm names; root is the
// relative path of the project's root. Without it the test ends here: skipped at
// a desk, failed in continuous integration.
func Modules(t testing.TB, root string) string {
	t.Helper()
	dir, err := modules(root)
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal(err)
	} else if err != nil {
		t.Skip(err)
	}
	return dir
}

func modules(root string) (string, error) {
	lock, err := os.ReadFile(filepath.Join(root, ".ci", "npm", "package-lock.json"))
	if err != nil {
		return "", err
	}

	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}

	// As .ci/tools names it: each lock file has a folder of its own, so that two
	// work trees do not take each other's packages away.
	name := fmt.Sprintf("npm-%.8x", sha256.Sum256(lock))
	dir := filepath.Join(cache, "refapi", name, "node_modules")
	if _, err := os.Stat(dir); err != nil {
		return "", fmt.Errorf("packages from npm are missing: %w; `make tools` installs them", err)
	}

	return dir, nil
}

// Env is the environment in which the packages' programs run: generators of
// clients need a newer Node.js than distributions have.
func Env(modules string) []string {
	path := filepath.Dir(Node(modules)) + string(os.PathListSeparator) + os.Getenv("PATH")
	return append(os.Environ(), "NO_COLOR=1", "PATH="+path)
}

// Node is the path of Node.js.
func Node(modules string) string {
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x64"
	}
	return filepath.Join(modules, "node-"+runtime.GOOS+"-"+arch, "bin", "node")
}
