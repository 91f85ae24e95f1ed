package durable

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// SyncTree makes everything that was written below a directory survive a power failure.
// macOS cannot sync a file system: each file and directory is sent to the drive with
// fsync(2), and finally F_FULLFSYNC, which os.File.Sync uses, flushes the drive's cache
// once.
func SyncTree(dir string) error {
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() && !entry.Type().IsRegular() {
			return err
		}
		return fsync(path)
	})
	if err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}

	return SyncDir(dir)
}

// fsync sends one file to the drive, without a flush of the drive's cache.
func fsync(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()

	return unix.Fsync(int(f.Fd()))
}
