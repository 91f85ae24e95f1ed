package bench

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
)

// The history of all paths, against `git log` once for each.
func BenchmarkHistory(b *testing.B) {
	dir := clone(b)
	for b.Loop() {
		var ours []time.Duration
		var hist *history.History
		var paths []string

		for range 5 {
			began := time.Now()
			repo, err := gitrepo.Open(context.Background(), dir, gitrepo.Options{})
			if err != nil {
				b.Fatal(err)
			}

			head, err := repo.Resolve("")
			if err != nil {
				b.Fatal(err)
			}

			fsys, err := repo.FS(head)
			if err != nil {
				b.Fatal(err)
			}

			grid, _, err := inventory.Load(fsys, "data/chameleoncloud")
			if err != nil {
				b.Fatal(err)
			}

			paths = grid.LogPaths()
			if hist, _, err = history.Walk(context.Background(), repo, head, paths, ".", history.Limits{}); err != nil {
				b.Fatal(err)
			}

			ours = append(ours, time.Since(began))
			if err := repo.Close(); err != nil {
				b.Fatal(err)
			}
		}

		var git time.Duration
		for _, p := range paths {
			began := time.Now()
			out, err := exec.Command("git", "-C", dir, "log", "--format=%H", "--", p).Output()
			git += time.Since(began)

			if err != nil {
				b.Fatal(err)
			}

			var want strings.Builder
			for _, c := range hist.Log(p) {
				want.WriteString(c.ID.String() + "\n")
			}

			if want.String() != string(out) {
				b.Fatalf("the history of %s is not that of git log", p)
			}
		}

		report(b, "history: times faster than git log per path", float64(git)/float64(median(ours)),
			"%d paths: git %.2f s, ours %d ms with opening and reading", len(paths), git.Seconds(), median(ours).Milliseconds())
	}
}
