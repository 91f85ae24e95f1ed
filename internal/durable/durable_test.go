package durable_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/durable"
)

func TestLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := durable.TryLock(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}

	if _, err := durable.TryLock(path, 0o600); !errors.Is(err, durable.ErrLocked) {
		t.Errorf("a second lock gives %v, want %v", err, durable.ErrLocked)
	}

	short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()

	if _, err := durable.Lock(short, path, 0o600); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a wait without end gives %v, want %v", err, context.DeadlineExceeded)
	}

	waited := make(chan error, 1)
	go func() {
		next, err := durable.Lock(t.Context(), path, 0o600)
		if err == nil {
			err = next()
		}
		waited <- err
	}()

	if err := unlock(); err != nil {
		t.Fatal(err)
	}

	if err := <-waited; err != nil {
		t.Errorf("a wait for a lock that is released: %v", err)
	}

	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}

	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("the lock file has mode %v, want 0600", got)
	}
}

func TestLockCannotBeMade(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "missing", "lock")
	if _, err := durable.TryLock(path, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("TryLock gives %v, want %v", err, fs.ErrNotExist)
	}
	if _, err := durable.Lock(t.Context(), path, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Lock gives %v, want %v", err, fs.ErrNotExist)
	}
}

func TestSync(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "sites"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sites", "uc.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}

	for name, sync := range map[string]func(string) error{"SyncDir": durable.OS{}.SyncDir, "SyncTree": durable.OS{}.SyncTree} {
		if err := sync(dir); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := sync(filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s of a missing directory gives %v, want %v", name, err, fs.ErrNotExist)
		}
	}
}
