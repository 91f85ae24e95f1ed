//go:build unix

package durable

import (
	"errors"
	"os"
)

// ReplacesLinks reports whether a symbolic link can be replaced in one step, by
// renaming another one over it.
const ReplacesLinks = true

// SyncDir makes the names in a directory survive a power failure: what was
// created, renamed and removed there.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
