package durable

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// SyncTree makes everything that was written below a directory survive a power failure.
// It syncs the complete file system (syncfs(2)), which is faster than a call for each of
// thousands of files.
func SyncTree(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()

	if err := unix.Syncfs(int(f.Fd())); err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}

	return nil
}
