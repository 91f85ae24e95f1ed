package durable

import (
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile atomically replaces the file at a path by what write writes. Until all of
// it is on the disk the old file stays intact; once WriteFile returns nil, the new one
// survives a power failure. Calls for one path must not overlap.
func WriteFile(fsys FS, path string, perm fs.FileMode, write func(File) error) (err error) {
	// Always the same name, so that leftovers of a crash are overwritten.
	tmp := path + ".tmp"
	f, err := fsys.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
	if err != nil {
		return err
	}

	defer func() {
		if err != nil {
			// A partial file must not fill a disk that may be full already.
			_ = f.Close()
			_ = fsys.Remove(tmp)
		}
	}()

	if err := write(f); err != nil {
		return err
	}

	// Without it, a crash after the rename may leave an empty file.
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := fsys.Rename(tmp, path); err != nil {
		return err
	}

	return fsys.SyncDir(filepath.Dir(path))
}
