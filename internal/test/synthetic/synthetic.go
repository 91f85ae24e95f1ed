// Package synthetic makes reference repositories of any size, for benchmarks and
// tests: the shapes of nodes are those of the sample, in many sites and clusters,
// with a history in which nodes change, come, go and get other types. The same
// options make the same commits.
package synthetic

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// DataDir is where the data lies in a repository.
const DataDir = "data/synthetic"

// Options say how large a repository is.
type Options struct {
	Nodes   int    // at HEAD, within one of a hundred
	Commits int    // at least one; the last three change a few nodes each
	Seed    uint64 // another one makes another repository
}

// Repository makes a bare repository in dir, a new directory.
func Repository(t testing.TB, dir string, o Options) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	gittest.Run(t, dir, "init", "--quiet", "--bare", "--template=", "--initial-branch=main")

	// The history is read while it is written, so that a large one takes no memory.
	reader, writer := io.Pipe()
	written := make(chan error, 1)
	go func() {
		err := Write(writer, o)
		written <- err
		writer.CloseWithError(err)
	}()

	var stderr bytes.Buffer
	cmd := exec.Command("git", "-c", "core.compression=1", "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet")
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stderr = dir, gittest.Environ(), reader, &stderr
	err := cmd.Run()
	reader.CloseWithError(io.ErrClosedPipe) // the writer ends too where git has ended early

	if failed := <-written; err != nil || failed != nil {
		t.Fatalf("git fast-import: %v, of a history written with %v\n%s", err, failed, stderr.Bytes())
	}
}

// Bundle makes a repository, and returns a bundle of it.
func Bundle(t testing.TB, o Options) string {
	t.Helper()
	dir := t.TempDir()
	repo, file := filepath.Join(dir, "repo"), filepath.Join(dir, "synthetic.bundle")
	Repository(t, repo, o)
	gittest.Run(t, repo, "bundle", "create", "--quiet", file, "HEAD", "main")
	return file
}

// Write writes the history as git-fast-import(1) reads it.
func Write(w io.Writer, o Options) error {
	if o.Nodes < 1 || o.Commits < 1 {
		return fmt.Errorf("cannot make %d nodes and %d commits: at least one of each", o.Nodes, o.Commits)
	}

	out := bufio.NewWriterSize(w, 1<<16)
	bed := newTestbed(o, &stream{out: out})
	bed.start(o.Commits)

	for bed.stream.commits < o.Commits {
		bed.next(o.Commits - bed.stream.commits)
	}

	fmt.Fprintln(out, "done")
	return out.Flush()
}

// stream writes commits. A failure of the writer shows when all is flushed.
type stream struct {
	out     *bufio.Writer
	commits int // also the mark of the last one
}

// interval is the time between two commits, in seconds.
const interval = 12 * 60 * 60

// commit starts a commit on top of its parents, which are numbered from 1.
func (s *stream) commit(message string, parents ...int) int {
	s.commits++
	at := gittest.Start.AddDate(-3, 0, 0).Unix() + int64(s.commits)*interval
	fmt.Fprintf(s.out, "commit refs/heads/main\nmark :%d\n", s.commits)
	fmt.Fprintf(s.out, "author Ada Lovelace <ada@example.org> %d +0000\n", at)
	fmt.Fprintf(s.out, "committer Grace Hopper <grace@example.org> %d +0000\n", at)
	fmt.Fprintf(s.out, "data %d\n%s\n", len(message), message)

	for i, p := range parents {
		verb := "from"
		if i > 0 {
			verb = "merge"
		}
		fmt.Fprintf(s.out, "%s :%d\n", verb, p)
	}

	return s.commits
}

// write writes a file in the commit that was started last.
func (s *stream) write(path string, body []byte) {
	fmt.Fprintf(s.out, "M 100644 inline %s\ndata %d\n", path, len(body))
	s.out.Write(body)
	s.out.WriteByte('\n')
}

// remove removes a file in the commit that was started last.
func (s *stream) remove(path string) { fmt.Fprintf(s.out, "D %s\n", path) }
