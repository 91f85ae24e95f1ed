package clouds_test

import (
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// obeyModes makes the modes of files count for the test's own goroutine, which
// for root they do not: its thread gives up the capabilities to read any file
// (capabilities(7)), and ends with the test.
func obeyModes(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}

	runtime.LockOSThread() // for good: a locked thread is not used again

	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		t.Fatal(err)
	}

	data[0].Effective &^= 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH
	if err := unix.Capset(&header, &data[0]); err != nil {
		t.Fatal(err)
	}
}
