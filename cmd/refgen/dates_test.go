package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// Whatever a commit says of when it was made, it is published, once, with times
// that every file system and header can hold.
func TestOddDates(t *testing.T) {
	t.Parallel()
	repo := gittest.Init(t)
	repo.Write("tb/tb.json", `{"uid":"tb"}`)
	repo.Write("tb/sites/s/s.json", `{"uid":"s"}`)
	repo.Commit("first")
	out := filepath.Join(t.TempDir(), "out")
	refgen := func(args ...string) string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, &stdout, &stderr, func(string) string { return "" }); code != cli.ExitOK {
			t.Errorf("refgen %s: exit code %d: %s", strings.Join(args, " "), code, stderr.String())
		}
		return stdout.String()
	}

	for _, date := range []string{
		"-5 +0000", "0 +0000", "1 -1200", "1735689600 +1400", "1735689600 -9999", "1735689600", "1735689600 somewhere", "yesterday", "",
		"2147483648 +0000", "4294967296 +0530", "16725225600 +0000", "253402300799 +1400", "99999999999999 +0000",
		"9223372036854775807 +0000", "18446744073709551615 +0000", "99999999999999999999999999 +0000",
	} {
		who := "Ada <ada@example.org> " + date
		commit := repo.Feed(fmt.Sprintf("tree %s\nparent %s\nauthor %s\ncommitter %s\n\nDated %q\n",
			repo.Git("rev-parse", "HEAD^{tree}"), repo.Git("rev-parse", "HEAD"), who, who, date),
			"hash-object", "-t", "commit", "-w", "--stdin", "--literally")

		repo.Git("update-ref", "HEAD", commit)

		refgen("build", "-q", "--repo", repo.Dir, "--out", out)
		refgen("verify", out)

		if again := refgen("build", "--repo", repo.Dir, "--out", out); !strings.Contains(again, "nothing to do") {
			t.Errorf("dated %q, it is published again: %s", date, again)
		}

		dir, err := filepath.EvalSymlinks(filepath.Join(out, "current"))
		if err != nil {
			t.Fatal(err)
		}
		if err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			info, err := e.Info()
			if err == nil && (info.ModTime().Unix() < 1 || info.ModTime().After(time.Now())) {
				t.Errorf("dated %q: %s is of %v", date, p, info.ModTime().UTC())
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}
