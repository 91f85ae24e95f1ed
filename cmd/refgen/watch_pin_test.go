package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/test/gittest"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// While a release is pinned, refgen watch checks new commits and leaves it; without the pin
// it goes on by itself.
func TestWatchLeavesPinned(t *testing.T) {
	t.Parallel()
	repo, out := gittest.Init(t), t.TempDir()
	commit := func(text string) {
		t.Helper()
		repo.Write("tb/tb.json", `{"uid": "tb", "type": "grid"}`)
		repo.Write("tb/sites/s/s.json", text)
		repo.Commit("change")
	}
	noEnv := func(string) string { return "" }
	refgen := func(args ...string) {
		t.Helper()
		if code := run(t.Context(), append(args, "--out", out), io.Discard, os.Stderr, noEnv); code != 0 {
			t.Fatalf("refgen %s: exit code %d", strings.Join(args, " "), code)
		}
	}
	live := func() string {
		t.Helper()
		tree, err := disk.Open(out)
		if err != nil {
			t.Fatal(err)
		}
		body, err := tree.ReadFile("sites/s.json")
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}

	commit(`{"uid": "s"}`)
	lines, log := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer log.Close()
		run(ctx, []string{"watch", "--repo", repo.Dir, "--out", out, "--listen", "127.0.0.1:0", "--every", "1s"}, io.Discard, log, noEnv)
	}()
	defer func() { stop(); <-ended }()

	text := bufio.NewScanner(lines)
	waitFor := func(word string) {
		t.Helper()
		defer time.AfterFunc(time.Minute, func() { lines.CloseWithError(context.DeadlineExceeded) }).Stop()
		for text.Scan() {
			if strings.Contains(text.Text(), word) {
				return
			}
		}
		t.Fatalf("%q is not in the log: %v", word, text.Err())
	}

	waitFor("msg=published")
	refgen("pin")
	commit(`{"uid": "s", "name": "new"}`)
	waitFor("pinned: the live release stays")
	commit(`{"uid": "other"}`)
	waitFor("build failed")
	commit(`{"uid": "s", "name": "newest"}`)
	waitFor("pinned: the live release stays")
	if body := live(); strings.Contains(body, "new") {
		t.Errorf("a pinned release was replaced by %s", body)
	}
	if names, err := filepath.Glob(filepath.Join(out, "releases", "*")); len(names) != 1 {
		t.Errorf("there are the releases %q (%v), want one", names, err)
	}

	refgen("unpin")
	waitFor("msg=published")
	if body := live(); !strings.Contains(body, "newest") {
		t.Errorf("after the pin is gone, the site is %s", body)
	}
	go io.Copy(io.Discard, lines) // what it logs while it ends
}
