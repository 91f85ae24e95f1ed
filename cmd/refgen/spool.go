package main

import (
	"fmt"
	"os"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// spool is a temporary file for differences of versions.
type spool struct {
	*os.File
	named bool // the system cannot remove a file that is open
}

// newSpool opens a temporary file and removes its name, so that nothing is left after a
// crash.
func newSpool() (*spool, error) {
	f, err := os.CreateTemp("", "refgen-*")
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("open a temporary file: %w", err),
			"set TMPDIR to a directory that can be written")
	}
	return &spool{File: f, named: os.Remove(f.Name()) != nil}, nil
}

// close ends a spool; nil is none.
func (s *spool) close() {
	if s == nil {
		return
	}
	s.Close()
	if s.named {
		_ = os.Remove(s.Name())
	}
}
