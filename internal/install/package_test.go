// Package install tests what operators get: the Debian package, its units, and the guide
// that they type.
package install

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/api"
)

const project = "../.."

// run runs a command in the project, which must succeed, and returns what it prints.
func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = project, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return string(out)
}

// build builds the programs as `make deb` does.
func build(t *testing.T) (programs string) {
	t.Helper()
	programs = t.TempDir()
	run(t, []string{"CGO_ENABLED=0"}, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", programs+"/", "./cmd/...")
	return programs
}

// pack makes the package of a version.
func pack(t *testing.T, programs, version string) (file string) {
	t.Helper()
	run(t, nil, "go", "-C", "etc/package", "run", ".", "-native", programs, "-programs", programs,
		"-arch", runtime.GOARCH, "-date", "1700000000", "-version", version, "-out", programs)
	files, err := filepath.Glob(filepath.Join(programs, "refapi_"+version+"_*.deb"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v: the packages are %q, want one", err, files)
	}
	return files[0]
}

// TestPackage makes the package and looks at it.
func TestPackage(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Skip("dpkg-deb is not installed: this is no Debian")
	}
	programs := build(t)
	file := pack(t, programs, api.ProductVersion)
	unpacked := t.TempDir()
	run(t, nil, "dpkg-deb", "-x", file, unpacked)

	t.Run("contents", func(t *testing.T) { hasContents(t, file) })
	t.Run("units", func(t *testing.T) { hasUnits(t, unpacked) })

	t.Run("lintian", func(t *testing.T) {
		lintian, err := exec.LookPath("lintian")
		if err != nil {
			t.Skip("lintian is not installed (apt-get install lintian)")
		}
		out := run(t, nil, lintian, "--allow-root", "--fail-on", "error,warning", file)
		if out != "" {
			t.Errorf("lintian prints\n%s", out)
		}
	})

	t.Run("configuration", func(t *testing.T) {
		printed := run(t, nil, filepath.Join(programs, "refgen"), "nginx", "--config", unpacked+"/etc/refapi/config.toml")
		if !strings.Contains(printed, "root /var/lib/refapi/public/current;") {
			t.Errorf("nginx serves something else:\n%s", printed)
		}
	})
}

// hasContents compares the files of the package with testdata/contents.txt.
func hasContents(t *testing.T, file string) {
	text := run(t, nil, "dpkg-deb", "--fsys-tarfile", file)
	var got strings.Builder
	for r := tar.NewReader(strings.NewReader(text)); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if header.Typeflag != tar.TypeDir || header.Mode != 0o755 {
			fmt.Fprintf(&got, "%o %s:%s %s\n", header.Mode, header.Uname, header.Gname, strings.TrimPrefix(header.Name, "."))
		}
	}

	fmt.Fprintf(&got, "conffiles:\n%s", run(t, nil, "dpkg-deb", "-I", file, "conffiles"))
	want, err := os.ReadFile("testdata/contents.txt")
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(got.String()) != strings.TrimSpace(string(want)) {
		t.Errorf("the package has\n%s\nwant (testdata/contents.txt)\n%s", &got, want)
	}
}

// hasUnits lets systemd judge the units: they are valid, and exposed as little as the
// guide says.
func hasUnits(t *testing.T, unpacked string) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed (apt-get install systemd)")
	}

	// verify looks for the programs on this machine, and for all units in one directory.
	dir := t.TempDir()
	units, err := filepath.Glob(unpacked + "/lib/systemd/system/*")
	if err != nil || len(units) < 4 {
		t.Fatalf("%v: the units are %q", err, units)
	}
	texts := map[string]string{}
	program := regexp.MustCompile(`(?m)^(Exec\w+=)(refgen|availapi|/usr/sbin/nginx)\b`)
	for _, unit := range units {
		text, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, filepath.Base(unit))
		texts[name] = string(text)
		if err := os.WriteFile(name, program.ReplaceAll(text, []byte("$1/bin/true")), 0o644); err != nil {
			t.Fatal(err)
		}
	}

	verify := append([]string{"verify", "--man=no"}, slices.Sorted(maps.Keys(texts))...)
	out, err := exec.Command(analyze, verify...).CombinedOutput()
	if err != nil || bytes.Contains(out, []byte(dir)) || bytes.Contains(out, []byte(".service")) {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}

	// The threshold is a tenth of the number that systemd prints.
	for name := range texts {
		if strings.HasSuffix(name, ".service") {
			run(t, nil, analyze, "security", "--offline=true", "--threshold=15", "--no-pager", name)
		}
	}
}
