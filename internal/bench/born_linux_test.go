package bench

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// born is when a file was made, by the clock of its file system: links to it, which a
// build makes too, do not count.
func born(t testing.TB, file string) time.Time {
	t.Helper()
	var st unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, file, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BTIME, &st)
	if err != nil || st.Mask&unix.STATX_BTIME == 0 {
		t.Skipf("%s: the file system does not say when it was made: %v", file, err)
	}
	return time.Unix(st.Btime.Sec, int64(st.Btime.Nsec))
}
