package architecture

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A tag of an action can be moved to other code, which would then run with the
// permissions of our workflows; a commit cannot.
func TestWorkflowsPinActions(t *testing.T) {
	t.Parallel()
	uses := regexp.MustCompile(`(?m)^\s*-?\s*uses: (.+)$`)
	pinned := regexp.MustCompile(`^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	commits := map[string]string{}
	for path, src := range workflows(t) {
		for _, m := range uses.FindAllStringSubmatch(src, -1) {
			if strings.HasPrefix(m[1], "./") {
				continue
			}
			if !pinned.MatchString(m[1]) {
				t.Errorf("%s: %s is not pinned by commit, with its version", path, m[1])
			}
			name, commit, _ := strings.Cut(m[1], "@")
			if commits[name] != "" && commits[name] != commit {
				t.Errorf("%s: other workflows have %s at %s", path, name, commits[name])
			}
			commits[name] = commit
		}
	}
	if len(commits) < 4 {
		t.Errorf("read only the actions %v", commits)
	}
}

// What a workflow may do is said, and the jobs that may write run nothing of ours. An
// expression in a script would be code that somebody else can write.
func TestWorkflowsHaveFewPermissions(t *testing.T) {
	t.Parallel()
	for path, src := range workflows(t) {
		top := regexp.MustCompile(`(?m)^permissions:(?: \{\}|\n  contents: read)\n`)
		if filepath.Base(path) != "action.yml" && !top.MatchString(src) {
			t.Errorf("%s does not begin with the right to read only", path)
		}

		for _, job := range regexp.MustCompile(`(?m)^  \w+:\n(?:    .*\n|\n)+`).FindAllString(src, -1) {
			if strings.Contains(job, ": write") && regexp.MustCompile(`actions/checkout|\b(?:make|go) `).MatchString(job) {
				t.Errorf("%s: a job that may write runs the project's code", path)
			}
		}

		for _, script := range scripts(src) {
			if strings.Contains(script, "${{") {
				t.Errorf("%s: an expression in a script: %s", path, script)
			}
		}
	}
}

// scripts are the values of run, of one line or of a block.
func scripts(src string) (all []string) {
	indent := -1 // of the run whose block this is
	for line := range strings.Lines(src) {
		text := strings.TrimLeft(line, " -")
		at := len(line) - len(text)
		switch {
		case strings.HasPrefix(text, "run: "):
			indent = at
			all = append(all, text)
		case at <= indent && strings.TrimSpace(text) != "":
			indent = -1
		case indent >= 0:
			all[len(all)-1] += line
		}
	}
	return all
}

func workflows(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"../../.github/workflows/*.yml", "../../.github/actions/*/action.yml"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all[path] = string(src)
		}
	}
	return all
}
