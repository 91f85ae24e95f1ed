package change_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

var grid5000 = flag.Bool("grid5000", false, "look at the moves of all of Grid'5000's history")

// The moves of real repositories where the uid is another: the commits say so, or the
// machines' own numbers do.
func TestRealMoves(t *testing.T) {
	t.Parallel()
	const root = "../.."
	for name, tt := range map[string]struct {
		open func(testing.TB, string) (*gitrepo.Repo, bool)
		want string
	}{
		"Chameleon": {treetest.Real, `2021-07-23 and 2024-09-03: tacc/44c84da0-d1d to nrp/ef4f8c1c-93d
2023-09-01 and 2024-09-03: tacc/35913191-87a to nrp/997e396f-448
2023-09-01 and 2024-09-03: tacc/87d2df77-14e to nrp/181674ea-088`},
		"Grid'5000": {treetest.Grid5000, `2023-06-05: toulouse/x-1 to toulouse/estats-1
2023-06-05: toulouse/x-10 to toulouse/estats-10
2023-06-05: toulouse/x-11 to toulouse/estats-11
2023-06-05: toulouse/x-12 to toulouse/estats-12
2023-06-05: toulouse/x-2 to toulouse/estats-2
2023-06-05: toulouse/x-3 to toulouse/estats-3
2023-06-05: toulouse/x-4 to toulouse/estats-4
2023-06-05: toulouse/x-5 to toulouse/estats-5
2023-06-05: toulouse/x-6 to toulouse/estats-6
2023-06-05: toulouse/x-7 to toulouse/estats-7
2023-06-05: toulouse/x-8 to toulouse/estats-8
2023-06-05: toulouse/x-9 to toulouse/estats-9
2023-11-08 and 2023-11-08: rennes/abacus15-1 to rennes/abacus14-1
2024-12-03 and 2025-01-20: nancy/grele-14 to nancy/gratouille-1
2026-03-09: grenoble/vercors15-1 to grenoble/vercors14-4`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "Grid'5000" && !*grid5000 {
				t.Log("not asked for: -grid5000")
				return
			}
			repo, ok := tt.open(t, root)
			if !ok {
				return
			}

			found := map[string]bool{}
			in := input(t, repo)
			log := read(t, in)
			for n, c := range in.History.Commits {
				if len(c.Parents) > 1 {
					continue
				}
				for _, r := range log.Commit(n) {
					m := r.Move
					if m == nil || m.Replaced || m.From.UID == m.To.UID || m.To.GitPath != r.GitPath {
						continue
					}
					when := c.Committer.When.UTC().Format("2006-01-02")
					if m.Left != nil {
						when = m.Left.Committer.When.UTC().Format("2006-01-02") + " and " + when
					}
					found[fmt.Sprintf("%s: %s", when, describeMove(m))] = true
				}
			}
			if got := strings.Join(slices.Sorted(maps.Keys(found)), "\n"); got != tt.want {
				t.Errorf("the moves are\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func describeMove(m *change.Move) string {
	uid := func(r *change.Resource) string { return r.UID[:min(len(r.UID), 12)] }
	return fmt.Sprintf("%s/%s to %s/%s", m.From.Site, uid(m.From), m.To.Site, uid(m.To))
}
