package architecture

import (
	"bufio"
	"context"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/test/httpscript"
)

const root = "../.."

// The additions that CONTRIBUTING.md describes touch as many files as it says,
// and work: the examples are applied to a copy of the project, which then answers
// as the scripts beside the patches say. All are applied to one copy, because
// building it is what takes time.
func TestContributing(t *testing.T) {
	t.Parallel()

	text, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| [^|]+ \\| (\\d+) \\| [^|]+ \\| `testdata/contributing/([a-z-]+)\\.patch` \\|$")
	examples := row.FindAllStringSubmatch(string(text), -1)
	patches, err := filepath.Glob(filepath.Join(root, "testdata/contributing/*.patch"))
	if err != nil {
		t.Fatal(err)
	}
	if len(examples) == 0 || len(examples) != len(patches) {
		t.Fatalf("CONTRIBUTING.md has %d examples, testdata/contributing %d", len(examples), len(patches))
	}

	dir := copyProject(t)
	for _, example := range examples {
		patch := filepath.Join(dir, "testdata/contributing", example[2]+".patch")
		files := patchedFiles(t, patch)
		if want, _ := strconv.Atoi(example[1]); len(files) != want {
			t.Errorf("CONTRIBUTING.md says %d files, %s.patch changes %d: %s", want, example[2], len(files), strings.Join(files, ", "))
		}
		run(t, dir, "git", "apply", "--whitespace=error", patch)
	}

	// The documentation's table of properties is held against theirs there.
	run(t, dir, "go", "test", "-trimpath", "./internal/hardware")
	run(t, dir, "go", "build", "-trimpath", "-o", "bin/", "./cmd/refgen")
	address := serveSample(t, dir)
	for _, example := range examples {
		httpscript.Run(t, filepath.Join(root, "testdata/contributing", example[2]+".http"), httpscript.Target{Address: address})
	}
}

// patchedFiles lists the files that a patch changes.
func patchedFiles(t *testing.T, patch string) (files []string) {
	t.Helper()

	src, err := os.ReadFile(patch)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^\+\+\+ b/(.+)$`).FindAllStringSubmatch(string(src), -1) {
		files = append(files, m[1])
	}
	return files
}

// copyProject copies what a build of the programs needs.
func copyProject(t *testing.T) (dir string) {
	t.Helper()

	dir = t.TempDir()
	skipped := []string{".git", "bin", "public", "state"}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && slices.Contains(skipped, name):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(dir, name), 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name), src, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()

	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	// A copy inside another repository would be a part of that.
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}

// serveSample serves the sample with the copy's refgen until the test ends, and
// returns its host and port.
func serveSample(t *testing.T, dir string) string {
	t.Helper()

	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "bin", "refgen"), "serve", "--sample", "--port", "0")
	cmd.Dir = dir
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = cmd.Wait() // it was killed
	})

	serving := regexp.MustCompile(`serving http://([^/]+)/`)
	said := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said += lines.Text() + "\n"
		if m := serving.FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, out) }() // it must not wait for a reader
			return m[1]
		}
	}
	t.Fatalf("%s serves nothing:\n%s", cmd, said)
	return ""
}
