//go:build unix

// Package process runs another program so that it ends together with all that it has
// started.
package process

import (
	"os/exec"
	"syscall"
)

// Detach gives a command a session of its own: neither it nor what it runs can
// prompt at the terminal, and all of them are interrupted together.
func Detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}

// KillGroup ends what is left of a cancelled command.
func KillGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // most often there is nothing left
	}
}
