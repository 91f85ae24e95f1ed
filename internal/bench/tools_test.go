package bench

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// oldCommit is the commit of this project whose output is what the tools have to copy
// and to compress: a yardstick that does not shrink with the output.
const oldCommit = "a36c389"

// programs are the generators that are compared.
type programs struct{ now, old string } // old is "" where it cannot be built

// newPrograms builds both, or only the one of this checkout where its history does not
// reach far enough.
func newPrograms(t testing.TB) programs {
	t.Helper()
	p := programs{now: refgen(t)}
	if err := exec.Command("git", "-C", "../..", "cat-file", "-e", oldCommit+"^{commit}").Run(); err != nil {
		t.Logf("no yardstick: the history of this checkout does not reach to %s", oldCommit)
		return p
	}

	dir := t.TempDir()
	archive := filepath.Join(dir, "old.tar")
	p.old = filepath.Join(dir, "old")
	command(t, "../..", "git", "archive", "--output", archive, oldCommit)
	command(t, dir, "tar", "-xf", archive)
	command(t, dir, "go", "build", "-trimpath", "-o", p.old, "./cmd/refgen")
	return p
}

// tools is the work of cp, gzip and brotli that a release is measured against.
type tools struct {
	dir          string
	files        string // to copy, each followed by a zero byte; "" is all
	gzip, brotli string // to compress
}

// run does the work in a new directory, and removes it.
func (w tools) run(t testing.TB, to string) usage {
	t.Helper()
	remove(t, to)
	defer remove(t, to)

	var used usage
	if w.files == "" {
		used = command(t, "", "cp", "-a", w.dir, to)
	} else {
		command(t, "", "mkdir", to)
		used = feed(t, w.dir, w.files, "xargs", "-0", "cp", "-a", "--parents", "-t", to)
	}

	if w.gzip != "" {
		used = used.plus(feed(t, to, w.gzip, "xargs", "-0", "-P", "2", "gzip", "-9", "-k"))
	}
	if w.brotli != "" {
		used = used.plus(feed(t, to, w.brotli, "xargs", "-0", "-P", "2", "brotli", "-q", "5", "-k"))
	}

	return used
}

// withoutVariants copies a release without its compressed files. The tools compress
// all others in both ways: they do not know which are worth it.
func withoutVariants(t testing.TB, from, to string) tools {
	t.Helper()
	command(t, "", "cp", "-a", from, to)
	var names strings.Builder
	walk(t, to, func(name string, _ fs.DirEntry) {
		if _, ext := cutVariant(name); ext != "" {
			remove(t, filepath.Join(to, name))
		} else {
			names.WriteString(name + "\x00")
		}
	})
	return tools{dir: to, gzip: names.String(), brotli: names.String()}
}

// cutVariant cuts the name of a compressed file.
func cutVariant(name string) (file, ext string) {
	if ext = filepath.Ext(name); ext == ".gz" || ext == ".br" {
		return strings.TrimSuffix(name, ext), ext
	}
	return name, ""
}

// difference is the files that a build has written.
type difference struct {
	tools
	changed []string // that were not there, or were others
	again   int      // the same as before, in bytes and time
}

// written compares a directory of the live release with the release before: what was
// made since then is what the build has written.
func written(t testing.TB, root, before string, since time.Time) difference {
	t.Helper()
	d := difference{tools: tools{dir: root}}
	var files, gzips, brotlis strings.Builder
	walk(t, root, func(name string, _ fs.DirEntry) {
		if born(t, filepath.Join(root, name)).Before(since) {
			return
		}

		switch file, ext := cutVariant(name); ext {
		case ".gz":
			gzips.WriteString(file + "\x00")
			return
		case ".br":
			brotlis.WriteString(file + "\x00")
			return
		}

		if equal(filepath.Join(root, name), filepath.Join(before, name)) {
			d.again++
			return
		}

		d.changed = append(d.changed, name)
		files.WriteString(name + "\x00")
	})

	d.files, d.gzip, d.brotli = files.String(), gzips.String(), brotlis.String()
	if d.again > 0 { // what has no plain file among the copies cannot be compressed
		d.gzip, d.brotli = only(d.gzip, d.changed), only(d.brotli, d.changed)
	}
	return d
}

// only returns the names of a list that are among others.
func only(list string, among []string) string {
	has := map[string]bool{}
	for _, name := range among {
		has[name] = true
	}

	var kept strings.Builder
	for name := range strings.SplitSeq(list, "\x00") {
		if has[name] {
			kept.WriteString(name + "\x00")
		}
	}
	return kept.String()
}

// equal reports whether two files have the same time and bytes.
func equal(a, b string) bool {
	x, err := os.Stat(a)
	y, failed := os.Stat(b)
	if err != nil || failed != nil || x.Size() != y.Size() || !x.ModTime().Equal(y.ModTime()) {
		return false
	}

	p, err := os.ReadFile(a)
	q, failed := os.ReadFile(b)
	return err == nil && failed == nil && bytes.Equal(p, q)
}

// now is the time by the clock of a directory's file system.
func now(t testing.TB, dir string) time.Time {
	t.Helper()
	file := filepath.Join(dir, "now")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	defer remove(t, file)
	return born(t, file)
}

// walk calls visit for each file below a directory.
func walk(t testing.TB, dir string, visit func(name string, d fs.DirEntry)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			visit(strings.TrimPrefix(p, dir+"/"), d)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
