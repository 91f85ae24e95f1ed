// Package durable writes files so that they survive a power failure, and locks them
// against other processes, by the means of each operating system.
package durable

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// ErrLocked is returned by TryLock while another process holds the lock.
var ErrLocked = errors.New("another process holds the lock")

// retryDelay is how often Lock tries again.
const retryDelay = 50 * time.Millisecond

// TryLock locks the file at a path, which it creates with the given permissions if it
// is missing. It does not wait: the error is ErrLocked while another process holds the
// lock. The lock is released by unlock or when the process ends; the file stays.
func TryLock(path string, perm fs.FileMode) (unlock func() error, err error) {
	lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(perm))

	locked, err := lock.TryLock()
	if err == nil && !locked {
		err = ErrLocked
	}

	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}

	return lock.Unlock, nil
}

// Lock is like TryLock, but waits for the lock until ctx ends.
func Lock(ctx context.Context, path string, perm fs.FileMode) (unlock func() error, err error) {
	lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(perm))

	if _, err := lock.TryLockContext(ctx, retryDelay); err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return lock.Unlock, nil
}
