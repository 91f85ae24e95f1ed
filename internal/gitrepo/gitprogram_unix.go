//go:build unix

package gitrepo

import (
	"os/exec"
	"syscall"
)

// detach gives a command a session of its own: neither it nor what it runs can
// prompt at the terminal, and all of them are interrupted together.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}

// killGroup ends what is left of a cancelled command.
func killGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // most often there is nothing left
	}
}
