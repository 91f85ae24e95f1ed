package publish_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// helperEnv makes the test binary publish instead of testing: some things can
// only be done to a whole process.
const helperEnv = "PUBLISH_TEST_HELPER"

func TestMain(m *testing.M) {
	if args := strings.Fields(os.Getenv(helperEnv)); len(args) > 0 {
		if err := help(args[0], args[1], args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// help publishes the release of a number. To "loop" is to go on with the next
// for ever, and to say each step on standard output; "umask" does it once, with
// permissions taken away from all others; "rollback" goes from release to release for ever.
func help(what, root, number string) error {
	n, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	if what == "umask" {
		syscall.Umask(0o077)
		_, err := publish.Publish(context.Background(), root, release(n), all(site(n)), options())
		return err
	}

	o := options()
	o.Keep = 1
	say := func(s string) { fmt.Println(s) }
	o.Phase = say

	for what == "rollback" {
		for _, id := range []string{"r0001", "r0002", "r0003"} {
			if _, _, err := publish.Rollback(context.Background(), root, id, o); err != nil {
				return err
			}
		}
	}

	for ; ; n++ {
		files := func(yield func(tree.File, error) bool) {
			for f := range all(site(n)) {
				say("file")
				if !yield(f, nil) {
					return
				}
			}
		}
		if _, err := publish.Publish(context.Background(), root, release(n), files, o); err != nil {
			return err
		}
		say("done")
	}
}

// helper is a process of the test binary that publishes.
type helper struct {
	cmd   *exec.Cmd
	steps *bufio.Reader
}

func startHelper(t *testing.T, what, root string, n int) *helper {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d", helperEnv, what, root, n))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	return &helper{cmd, bufio.NewReader(out)}
}

// step waits for the next step.
func (h *helper) step(t *testing.T) string {
	t.Helper()
	line, err := h.steps.ReadString('\n')
	if err != nil {
		t.Fatalf("the helper has ended: %v", err)
	}
	return strings.TrimSpace(line)
}

// kill ends the process as a power failure would, and waits for it to be gone.
func (h *helper) kill(t *testing.T) {
	t.Helper()
	if err := h.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, h.steps)
	if err := h.cmd.Wait(); err == nil || h.cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the helper was to be killed: %v", err)
	}
}

// wait waits for the process to end by itself.
func (h *helper) wait() (string, error) {
	out, err := io.ReadAll(h.steps)
	if waitErr := h.cmd.Wait(); err == nil {
		err = waitErr
	}
	return string(out), err
}
