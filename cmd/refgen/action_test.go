package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The script of the action for GitHub is run as it is: it has outputs for a new release,
// and for one that is there already.
func TestAction(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../../.github/actions/refgen/action.yml")
	if err != nil {
		t.Fatal(err)
	}
	_, script, ok := strings.Cut(string(src), "    - id: build\n")
	if !ok {
		t.Fatal("no step that builds")
	}
	_, script, _ = strings.Cut(script, "      run: |\n")

	dir := t.TempDir()
	// The test's own program is refgen under that name.
	if err := os.Symlink(os.Args[0], filepath.Join(dir, "refgen")); err != nil {
		t.Fatal(err)
	}
	_, repo := sampleRepository(t)

	outputs := filepath.Join(dir, "outputs")
	for _, changed := range []string{"true", "false"} {
		os.Remove(outputs)
		cmd := exec.Command("bash", "-e", "-o", "pipefail", "-c", script)
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "REPO="+repo,
			"OUT="+filepath.Join(dir, "site"), "BASE_URL=", "RUNNER_TEMP="+dir, "GITHUB_OUTPUT="+outputs)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}

		got, err := os.ReadFile(outputs)
		if err != nil {
			t.Fatal(err)
		}
		want := regexp.MustCompile(`^changed=` + changed + `\nrelease=\d{8}T\d{6}Z-\w+-\w+\ncommit=[0-9a-f]{40}\n$`)
		if !want.Match(got) {
			t.Errorf("the outputs are\n%s, want %s", got, want)
		}
	}
}
