//go:build unix

package hook

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// run runs a script of sh after a release.
func run(t *testing.T, script, list string, timeout time.Duration) error {
	t.Helper()
	h := Hook{Command: []string{"sh", "-c", script}, Timeout: timeout, Environ: append(os.Environ(), "DIR="+t.TempDir())}
	return h.Run(t.Context(), Release{ID: "r2", Commit: "c2", Dir: "/out/releases/r2", PreviousID: "r1",
		PreviousCommit: "c1", WriteChanges: func(w io.Writer) error {
			_, err := io.WriteString(w, list)
			return err
		}})
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script := `env | grep ^REFGEN_ | grep -v _FILE= > ` + dir + `/env; cp "$REFGEN_CHANGED_FILE" ` + dir + `/list`
	for list, want := range map[string]string{
		"M\tsites/uc.json\nD\tsites/tacc.json\n": "\tsites/tacc.json",
		strings.Repeat("M\tx\n", maxList/4+1):    "",
	} {
		if err := run(t, script, list, time.Minute); err != nil {
			t.Fatal(err)
		}

		env, err := os.ReadFile(filepath.Join(dir, "env"))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{"REFGEN_RELEASE=r2", "REFGEN_RELEASE_DIR=/out/releases/r2", "REFGEN_COMMIT=c2",
			"REFGEN_PREVIOUS_RELEASE=r1", "REFGEN_PREVIOUS_COMMIT=c1"} {
			if !strings.Contains(string(env), line+"\n") {
				t.Errorf("no %s in the environment: %s", line, env)
			}
		}
		if want == "" && !strings.Contains(string(env), "REFGEN_CHANGED=\n") {
			t.Error("a list that is too long is in the environment")
		}

		copied, err := os.ReadFile(filepath.Join(dir, "list"))
		if err != nil || string(copied) != list {
			t.Errorf("the file has %d bytes, want %d (%v)", len(copied), len(list), err)
		}
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"echo no route to host >&2; exit 7": "release r2 is live, but on_success failed: sh: exit status 7: no route to host",
		"yes | head -c 100000; exit 1":      strings.Repeat("y\n", maxOutput/2-1) + "y",
	} {
		if err := run(t, script, "", time.Minute); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %.200v, want %.200s", script, err, want)
		}
	}

	h := Hook{Command: []string{"/nonexistent/purge"}, Timeout: time.Minute}
	err := h.Run(t.Context(), Release{ID: "r2", WriteChanges: func(io.Writer) error { return nil }})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a program that is not there: %v", err)
	}
}

// A command that does not end is ended, with all that it started.
func TestTimeout(t *testing.T) {
	t.Parallel()
	fifo := filepath.Join(t.TempDir(), "alive")
	err := run(t, `mkfifo `+fifo+`; sleep 600 > `+fifo+` & cat `+fifo+``, "", 300*time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "longer than 300ms") ||
		!strings.Contains(hint.Of(err), "on_success_timeout_seconds") {
		t.Errorf("error %v (%s)", err, hint.Of(err))
	}
}
