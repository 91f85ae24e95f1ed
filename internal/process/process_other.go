//go:build !unix

// Package process runs another program.
package process

import "os/exec"

// Detach changes nothing: the system has no sessions, and a cancelled command
// is killed alone.
func Detach(*exec.Cmd) {}

// KillGroup does nothing.
func KillGroup(*exec.Cmd) {}
