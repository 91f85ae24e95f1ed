package history_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// drawnCommit is one commit of a drawn history.
type drawnCommit struct {
	parents []int // numbers of earlier commits
	when    int64 // committer's clock, in seconds
	files   map[string]drawnFile
}

type drawnFile struct{ mode, content string }

// drawnPaths collide on purpose: a is a file or a directory, and a-b, a.txt and
// a0 sort around both.
var drawnPaths = []string{"a", "a/x", "a/x/deep", "a/y", "a-b", "a.txt", "a0", "b/c/d", "b/c/e"}

// drawnFiles are those that are never directories.
var drawnFiles = []string{"a/x/deep/never", "a/y", "a-b", "a.txt", "a0", "b/c/d", "b/c/e", "never"}

// askedPaths are those whose logs are compared: the drawn ones, the directories
// above them, and some that never are.
var askedPaths = append([]string{"b", "b/c", "never", "a/x/deep/never"}, drawnPaths...)

// drawHistory draws a history that ends in one commit. Contents, modes and
// times come from small sets, so that commits often agree by chance: reverts,
// merges that took one side, equal dates and clocks that ran backwards.
func drawHistory(t *rapid.T) []drawnCommit {
	var commits []drawnCommit
	unmerged := map[int]bool{}
	for range rapid.IntRange(1, 16).Draw(t, "commits") {
		n := len(commits)
		c := drawnCommit{when: rapid.Int64Range(1, 6).Draw(t, "when")}
		if rapid.Bool().Draw(t, "in order") {
			c.when += int64(n) * 6
		}

		switch kind := rapid.IntRange(0, 9).Draw(t, "kind"); {
		case n == 0 || kind == 0: // a root
		case kind < 5:
			c.parents = []int{n - 1}
		case kind < 7:
			c.parents = []int{rapid.IntRange(0, n-1).Draw(t, "parent")}
		default:
			c.parents = rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), min(n, 2), min(n, 4), rapid.ID).Draw(t,
				"parents")
		}

		c.files = drawFiles(t, commits, c.parents)
		for _, p := range c.parents {
			delete(unmerged, p)
		}

		unmerged[n] = true
		commits = append(commits, c)
	}

	if len(unmerged) > 1 {
		parents := slices.Sorted(maps.Keys(unmerged))
		commits = append(commits, drawnCommit{
			parents: parents,
			when:    rapid.Int64Range(1, 100).Draw(t, "when"),
			files:   drawFiles(t, commits, parents),
		})
	}

	return commits
}

// drawFiles draws a commit's files: each from one of the parents, or all as in
// some earlier commit, and then a few edits.
func drawFiles(t *rapid.T, commits []drawnCommit, parents []int) map[string]drawnFile {
	files := map[string]drawnFile{}
	if len(commits) > 0 && rapid.IntRange(0, 5).Draw(t, "revert") == 0 {
		parents = []int{rapid.IntRange(0, len(commits)-1).Draw(t, "to")}
	}

	if len(parents) > 0 {
		whole := rapid.Bool().Draw(t, "one side")
		side := rapid.SampledFrom(parents)
		from := side.Draw(t, "side")

		for _, path := range drawnPaths {
			if !whole {
				from = side.Draw(t, "side")
			}
			if f, ok := commits[from].files[path]; ok {
				put(files, path, f)
			}
		}
	}

	for range rapid.IntRange(0, 2).Draw(t, "edits") {
		path := rapid.SampledFrom(askedPaths[1:]).Draw(t, "path")
		switch mode := rapid.SampledFrom([]string{"100644", "100644", "100755", "120000", "160000", ""}).Draw(t,
			"mode"); mode {
		case "":
			maps.DeleteFunc(files, func(p string,
				_ drawnFile) bool {
				return p == path || strings.HasPrefix(p, path+"/")
			})
		case "160000":
			put(files, path, drawnFile{mode, strings.Repeat("1", 40)})
		default:
			put(files, path, drawnFile{mode, rapid.SampledFrom([]string{"1", "2"}).Draw(t, "content")})
		}
	}

	return files
}

// put adds a file, in place of whatever is in its way.
func put(files map[string]drawnFile, path string, f drawnFile) {
	maps.DeleteFunc(files, func(p string, _ drawnFile) bool {
		return strings.HasPrefix(p, path+"/") || strings.HasPrefix(path, p+"/")
	})
	files[path] = f
}

// fastImport is the input of git fast-import that makes the history.
func fastImport(ref string, commits []drawnCommit) string {
	var b strings.Builder
	for n, c := range commits {
		if len(c.parents) == 0 {
			fmt.Fprintf(&b, "reset %s\n\n", ref)
		}

		message := fmt.Sprintf("commit %d\n", n)
		fmt.Fprintf(&b, "commit %s\nmark :%d\ncommitter Ada <ada@example.org> %d +0000\ndata %d\n%s", ref, n+1,
			c.when, len(message), message)

		for i, p := range c.parents {
			fmt.Fprintf(&b, "%s :%d\n", []string{"from", "merge"}[min(i, 1)], p+1)
		}

		b.WriteString("deleteall\n")
		for _, path := range slices.Sorted(maps.Keys(c.files)) {
			f := c.files[path]
			if f.mode == "160000" {
				fmt.Fprintf(&b, "M %s %s %s\n", f.mode, f.content, path)
				continue
			}
			fmt.Fprintf(&b, "M %s inline %s\ndata %d\n%s\n", f.mode, path, len(f.content), f.content)
		}
	}

	return b.String()
}
