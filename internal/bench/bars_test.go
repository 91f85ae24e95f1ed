package bench

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
)

// bar is a value that may be at most so much.
type bar struct {
	name  string
	most  float64
	unit  string
	value float64
}

// distance says how far a value is from its bar.
func (b bar) distance() string {
	if b.value <= b.most {
		return fmt.Sprintf("met: %.0f %% of it", 100*b.value/b.most)
	}
	return fmt.Sprintf("missed: %.2f times it", b.value/b.most)
}

// bars returns those of the repositories that were measured.
func bars(all []figures) (rows []bar) {
	for _, f := range all {
		switch f.Name {
		case "chameleon":
			rows = append(rows, f.chameleonBars()...)
		case "grid5000":
			rows = append(rows, f.gridBars()...)
		case "5000":
			rows = append(rows, bar{"5,000 nodes: one commit more, of cold", 0.35, "", part(f.Next, f.Cold)})
		case "100000":
			rows = append(rows, bar{"100,000 nodes: peak memory of a cold build", 1500, " MB", megabytes(f.Cold.Peak)})
		}
	}
	return append(rows, flatBar(all)...)
}

func (f figures) chameleonBars() (rows []bar) {
	if f.Tools.CPU > 0 {
		rows = append(rows,
			bar{"Chameleon: cold of a clone, of the yardstick", 1, "", part(f.Cold, f.Tools)},
			bar{"Chameleon: cold of a bundle that was read before, of the yardstick", 1.1, "", part(f.Cached, f.Tools)})
	}
	return append(rows,
		bar{"Chameleon: peak memory of a cold build of a clone", 120, " MB", megabytes(f.Cold.Peak)},
		bar{"Chameleon: peak memory of a cold build of a bundle that was read before", 120, " MB", megabytes(f.Cached.Peak)},
		bar{"Chameleon: one commit more, of cp, gzip and brotli of the files that it changes", 1.3, "", part(f.Next, f.Floor)},
		bar{"Chameleon: one commit more, of cold", 0.45, "", part(f.Next, f.Cold)},
		bar{"Chameleon: nothing new, of cold", 0.03, "", part(f.Same, f.Cold)},
		bar{"Chameleon: files in a release, with variants", 12000, "", float64(f.Site.Release + f.Site.ReleaseVariants)},
	)
}

func (f figures) gridBars() (rows []bar) {
	rows = append(rows,
		bar{"Grid'5000: cold of a bundle that was never read", 40, " s", f.First.CPU.Seconds()},
		bar{"Grid'5000: peak memory of the same", 400, " MB", megabytes(f.First.Peak)},
		bar{"Grid'5000: cold of a bundle that was read before, of a clone", 1.05, "", part(f.Cached, f.Cold)},
		bar{"Grid'5000: one commit more, of cold", 0.1, "", part(f.Next, f.Cold)},
		bar{"Grid'5000: one commit more by the clock, until it is live", 5, " s", f.Next.Wall.Seconds()},
	)
	if f.OldDisk > 0 {
		old := float64(f.OldDisk)
		rows = append(rows,
			bar{"Grid'5000: first release on disk, of that of " + oldCommit, 0.7, "", float64(f.Disk) / old},
			bar{"Grid'5000: each further release on disk, of the same", 0.25, "", float64(f.Added) / old})
	}
	return rows
}

// flatBar compares the cost of a node in synthetic repositories of different sizes.
func flatBar(all []figures) []bar {
	perNode := func(f figures) float64 { return f.Cold.CPU.Seconds() / float64(f.Nodes) }
	var same []figures
	for _, f := range all {
		if f.Commits == usualCommits && f.Nodes > 2000 {
			same = append(same, f)
		}
	}
	if len(same) < 2 {
		return nil
	}

	by := func(a, b figures) int { return cmp.Compare(perNode(a), perNode(b)) }
	low, high := slices.MinFunc(same, by), slices.MaxFunc(same, by)
	return []bar{{
		name: fmt.Sprintf("Synthetic: cold per node, %s nodes to %s: dearest of cheapest",
			grouped(same[0].Nodes), grouped(same[len(same)-1].Nodes)),
		most: 1.2, value: perNode(high) / perNode(low),
	}}
}

func TestBars(t *testing.T) {
	t.Parallel()
	for want, b := range map[string]bar{
		"met: 50 % of it":       {most: 2, value: 1},
		"met: 100 % of it":      {most: 2, value: 2},
		"missed: 1.25 times it": {most: 2, value: 2.5},
	} {
		if got := b.distance(); got != want {
			t.Errorf("%v of %v: %s, want %s", b.value, b.most, got, want)
		}
	}
}
