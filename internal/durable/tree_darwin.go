package durable

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// SyncTree makes all that was written below a directory survive a power
// failure. macOS has no call for a file system: each file and directory is
// handed to the drive with fsync(2), and the drive then empties its own cache
// once, with F_FULLFSYNC, which os.File.Sync asks for.
func SyncTree(dir string) error {
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() && !entry.Type().IsRegular() {
			return err
		}
		return handOver(path)
	})
	if err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}

	return SyncDir(dir)
}

// handOver gives the drive what the system still holds of one file.
func handOver(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()

	return unix.Fsync(int(f.Fd()))
}
