// Package hook runs the operator's command after a release went live: to purge a CDN, to
// tell people, to copy a mirror.
package hook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/process"
)

// Hook is a command and the circumstances in which it runs.
type Hook struct {
	Command []string // program and arguments
	Timeout time.Duration
	Environ []string // as from [os.Environ]
}

// Release is what the command is told.
type Release struct {
	ID, Commit                 string
	Dir                        string // of its files
	PreviousID, PreviousCommit string // of what readers had before; "" for nothing

	// WriteChanges writes the list of files that differ, a line each.
	WriteChanges func(io.Writer) error
}

const (
	// maxList is the longest list of changes in the environment, in bytes: systems bound
	// a variable, and all of them together.
	maxList = 32 << 10
	// maxOutput bounds what is kept of the command's output.
	maxOutput = 4 << 10
	// killDelay is how long a command may go on after it was told to end.
	killDelay = 3 * time.Second
)

// Run runs the command, and waits for its end.
func (h *Hook) Run(ctx context.Context, r Release) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("release %s is live, but on_success failed: %s: %w", r.ID, h.Command[0], err)
		}
	}()

	dir, err := os.MkdirTemp("", "refgen-hook-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	file := filepath.Join(dir, "changed")
	if err := writeFile(file, r.WriteChanges); err != nil {
		return fmt.Errorf("write the list of changes: %w", err)
	}
	list, err := os.ReadFile(file)
	if err != nil {
		return err
	}

	return h.run(ctx, append(h.Environ, environ(r, file, string(list))...))
}

func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// environ is what the command gets in addition. A list that is too long is left out:
// a part of it could be taken for all.
func environ(r Release, file, list string) []string {
	count := strings.Count(list, "\n")
	if len(list) > maxList {
		list = ""
	}
	return []string{
		"REFGEN_RELEASE=" + r.ID,
		"REFGEN_RELEASE_DIR=" + r.Dir,
		"REFGEN_COMMIT=" + r.Commit,
		"REFGEN_PREVIOUS_RELEASE=" + r.PreviousID,
		"REFGEN_PREVIOUS_COMMIT=" + r.PreviousCommit,
		"REFGEN_CHANGED=" + list,
		fmt.Sprintf("REFGEN_CHANGED_COUNT=%d", count),
		"REFGEN_CHANGED_FILE=" + file,
	}
}

// run runs the command in an environment.
func (h *Hook) run(ctx context.Context, environ []string) error {
	late := hint.Wrap(fmt.Errorf("it takes longer than %v", h.Timeout), "raise `on_success_timeout_seconds`")
	ctx, cancel := context.WithTimeoutCause(ctx, h.Timeout, late)
	defer cancel()

	output := &process.Capped{Left: maxOutput}
	cmd := exec.CommandContext(ctx, h.Command[0], h.Command[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = environ, output, output, killDelay
	process.Detach(cmd)

	err := cmd.Run()
	if ctx.Err() != nil {
		process.KillGroup(cmd)
		err = context.Cause(ctx)
	}
	// After ErrWaitDelay the command has succeeded; something that it started goes on.
	if err == nil || errors.Is(err, exec.ErrWaitDelay) {
		return nil
	}

	if text := strings.TrimSpace(output.String()); text != "" {
		return fmt.Errorf("%w: %s", err, text)
	}
	return err
}
