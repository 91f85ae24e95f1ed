//go:build !unix

package gitrepo

import "os/exec"

// detach changes nothing: the system has no sessions, and a cancelled command
// is killed alone.
func detach(*exec.Cmd) {}

func killGroup(*exec.Cmd) {}
