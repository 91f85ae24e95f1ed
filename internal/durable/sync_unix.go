//go:build unix

package durable

import (
	"errors"
	"os"
)

// ReplacesLinks reports whether a symbolic link can be replaced in one step, by
// renaming another one over it.
const ReplacesLinks = true

// SyncDir implements [FS].
func (OS) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
