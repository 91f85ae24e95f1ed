//go:build unix && !linux

package durable

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// SyncTree implements [FS]. It sends each file and directory to the drive with fsync(2).
// On macOS that leaves them in the drive's cache, which SyncDir finally flushes once,
// since os.File.Sync uses F_FULLFSYNC there.
func (disk OS) SyncTree(dir string) error {
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() && !entry.Type().IsRegular() {
			return err
		}
		return fsync(path)
	})
	if err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}

	return disk.SyncDir(dir)
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
