// Package workflows checks .github by actionlint: syntax, expressions, inputs of actions,
// and, where shellcheck is installed, scripts.
package workflows

import (
	"os"
	"testing"

	"github.com/rhysd/actionlint"
)

func TestWorkflows(t *testing.T) {
	t.Parallel()
	shellcheck := "" // none, unless it is there
	if _, err := os.Stat("/usr/bin/shellcheck"); err == nil {
		shellcheck = "/usr/bin/shellcheck"
	}

	linter, err := actionlint.NewLinter(t.Output(), &actionlint.LinterOptions{Shellcheck: shellcheck})
	if err != nil {
		t.Fatal(err)
	}
	project, err := actionlint.NewProjects().At("../../../.github/workflows")
	if err != nil || project == nil {
		t.Fatal("no project", err)
	}
	findings, err := linter.LintDir(project.WorkflowsDir(), project)
	if err != nil {
		t.Fatal(err)
	}
	if len(findings) > 0 {
		t.Errorf("actionlint has %d findings", len(findings))
	}
}
