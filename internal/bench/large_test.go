package bench

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/chameleoncloud/refapi/internal/test/gittest"
	"github.com/chameleoncloud/refapi/internal/test/synthetic"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

var large = flag.String("large", "", "measure builds of these repositories, and write "+documentFile+
	": chameleon, grid5000, or the nodes of a synthetic one, with its commits or without (5000, 5000x2000)")

// grid5000Bundle is the path of Grid'5000's repository, from the root of the project.
const grid5000Bundle = "../shared/data/grid5000.bundle"

// usualCommits is how many commits a synthetic repository has.
const usualCommits = 501

// What a build costs, in repositories of all sizes.
func TestLarge(t *testing.T) {
	if *large == "" {
		t.Skip("it takes a quarter of an hour: `make bench-large` runs it")
	}

	programs := newPrograms(t)
	for name := range strings.FieldsSeq(*large) {
		t.Run(name, func(t *testing.T) {
			s, dir := newSubject(t, name)
			f := measure(t, programs, s, dir)
			t.Logf("%d nodes, %d commits, %d files: cold %.1f s and %.0f MB, one commit more %.2f s, nothing new %.2f s",
				f.Nodes, f.Commits, f.Site.all(), f.Cold.CPU.Seconds(), megabytes(f.Cold.Peak),
				f.Next.CPU.Seconds(), f.Same.CPU.Seconds())

			// One by one, so that an interrupted run leaves what it has measured.
			if err := keepFigures(f); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// newSubject makes a repository, and a directory that has room for its releases.
func newSubject(t *testing.T, name string) (subject, string) {
	t.Helper()
	switch name {
	case "chameleon":
		return real(t, name, treetest.Bundle, 3, 1<<30)
	case "grid5000":
		return real(t, name, grid5000Bundle, 1, 8<<30)
	}

	nodes, commits, ok := strings.Cut(name, "x")
	o := synthetic.Options{Commits: usualCommits, Seed: 1}
	var err error
	if o.Nodes, err = strconv.Atoi(nodes); err == nil && ok {
		o.Commits, err = strconv.Atoi(commits)
	}
	if err != nil || o.Nodes < 100 || o.Commits < 2*increments {
		t.Fatalf("-large: %q is neither chameleon, grid5000 nor a number of nodes", name)
	}

	dir := workspace(t, int64(o.Nodes)*100<<10)
	s := subject{name: name, repo: filepath.Join(dir, "repo"), rounds: 1, tools: o.Nodes <= 5000}
	synthetic.Repository(t, s.repo, o)
	return s, dir
}

// real is the subject of a real repository. It skips the test where there is none.
func real(t *testing.T, name, bundle string, rounds int, room int64) (subject, string) {
	t.Helper()
	bundle, err := filepath.Abs(filepath.Join("../..", bundle))
	if err == nil {
		_, err = os.Stat(bundle)
	}
	if err != nil {
		t.Skipf("%s is not measured: %v", name, err)
	}

	dir := workspace(t, room)
	repo := filepath.Join(dir, "repo")
	gittest.Run(t, dir, "clone", "--quiet", "--bare", bundle, repo)
	return subject{name: name, repo: repo, bundle: bundle, rounds: rounds, tools: true}, dir
}

// workspace makes a directory with room for so many bytes: in memory if twice as much
// is available, as builds need some too, or else on a disk.
func workspace(t *testing.T, room int64) string {
	t.Helper()
	parent := "/dev/shm"
	if available(t) < 2*room {
		parent = os.TempDir()
		var st unix.Statfs_t
		if err := unix.Statfs(parent, &st); err != nil {
			t.Fatal(err)
		}
		if free := int64(st.Bavail) * int64(st.Bsize); free < room+room/2 {
			t.Skipf("not measured: %s has %d MB free, and it may take %d MB", parent, free>>20, room>>20)
		}
	}

	dropLeftovers(t, parent)
	dir := filepath.Join(parent, fmt.Sprintf("%s%d", leftover, os.Getpid()))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// leftover is what the names of working directories start with: the number of the
// process follows.
const leftover = "refapi-bench-"

// dropLeftovers removes the working directories of runs that were interrupted.
func dropLeftovers(t *testing.T, parent string) {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(parent, leftover+"*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		if _, pid, _ := strings.Cut(dir, leftover); pid != "" {
			if _, err := os.Stat("/proc/" + pid); os.IsNotExist(err) {
				remove(t, dir)
			}
		}
	}
}

// available is how many bytes of memory new programs may use.
func available(t *testing.T) int64 {
	t.Helper()
	return 1 << 10 * fromProc(t, "/proc/meminfo", "MemAvailable:")
}

// fromProc returns the first number behind a word in a file of /proc.
func fromProc(t testing.TB, file, word string) (n int64) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), word)
	if _, err := fmt.Sscan(rest, &n); err != nil {
		t.Fatalf("%s has no number behind %q: %v", file, word, err)
	}
	return n
}
