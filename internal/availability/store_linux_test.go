package availability

import (
	"errors"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/chameleoncloud/refapi/internal/durable"
)

func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("only root can mount a file system to fill: %v", err)
	}

	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})

	s := NewStore(durable.OS{}, dir)
	if err := s.Save(someSnapshot("uc")); err != nil {
		t.Fatal(err)
	}

	big := someSnapshot("uc")
	for i := range 10_000 {
		big.Hosts = append(big.Hosts, Host{Node: fmt.Sprintf("x%05d", i)})
	}

	if err := s.Save(big); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("error: %v", err)
	}

	got, err := s.Load("uc")
	if err != nil || len(got.Hosts) != len(someSnapshot("uc").Hosts) {
		t.Errorf("the old data: %v, %v", got, err)
	}
	if names := listNames(t, dir); len(names) != 1 {
		t.Errorf("files: %q", names)
	}
}
