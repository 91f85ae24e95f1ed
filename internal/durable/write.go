package durable

import (
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile puts a file with what write writes, and the given permissions, in
// place of the one at a path. Until all of it is on the disk the old file stays
// as it is; when WriteFile returns nil the new one survives a power failure.
// Two calls for one path must not overlap.
func WriteFile(path string, perm fs.FileMode, write func(*os.File) error) (err error) {
	// Always the same name: what a crash leaves behind is overwritten.
	tmp := path + ".tmp"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
	if err != nil {
		return err
	}

	defer func() {
		if err != nil {
			// A part of a file would take the space that a full disk lacks.
			_ = f.Close()
			_ = os.Remove(tmp)
		}
	}()

	if err := write(f); err != nil {
		return err
	}

	// Without it a crash may leave the new name with nothing in it.
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}

	return SyncDir(filepath.Dir(path))
}
