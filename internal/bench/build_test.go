package bench

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Builds of the real repository in processor time: against what the standard tools
// need to copy and to compress the output, and against a cold build.
func BenchmarkBuild(b *testing.B) {
	s := subject{name: "chameleon", repo: clone(b), bundle: bundle(b), rounds: 3, tools: true}
	programs := newPrograms(b)
	if programs.old == "" {
		b.Skip("the yardstick is missing")
	}

	for b.Loop() {
		f := measure(b, programs, s, memory(b))
		ms := func(u usage) int64 { return u.CPU.Milliseconds() }

		report(b, "cold build of a clone: times cp, gzip and brotli", part(f.Cold, f.Tools),
			"ours %d ms, tools %d ms for the output of %s", ms(f.Cold), ms(f.Tools), oldCommit)
		report(b, "cold build of a bundle read before: times the same", part(f.Cached, f.Tools),
			"%d ms; the first time %d ms", ms(f.Cached), ms(f.First))
		report(b, "cold build of a clone: MB of memory", megabytes(f.Cold.Peak), "the most at once")
		report(b, "cold build of a bundle: MB of memory", megabytes(f.First.Peak), "the most at once")
		report(b, "nothing changed: part of a cold build", part(f.Same, f.Cold),
			"%d ms of %d ms", ms(f.Same), ms(f.Cold))
		report(b, "one commit more: part of a cold build", part(f.Next, f.Cold),
			"%d ms; %d files changed, %d written again", ms(f.Next), f.Changed, f.Again)
		report(b, "one commit more: times cp, gzip, brotli of its files", part(f.Next, f.Floor),
			"%d ms, tools %d ms", ms(f.Next), ms(f.Floor))
	}
}

func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }

// buildReport is what `refgen build --json` prints, as far as it is looked at.
type buildReport struct {
	Phases []struct {
		Name        string
		Nanoseconds time.Duration
	}
}

func runBuild(b *testing.B, program string, args ...string) (buildReport, time.Duration) {
	b.Helper()
	cmd := exec.Command(program, append([]string{"build", "--json"}, args...)...)
	began := time.Now()
	out, err := cmd.Output()
	took := time.Since(began)

	if err != nil {
		b.Fatalf("%s: %v", cmd, err)
	}

	var r buildReport
	if err := json.Unmarshal(out, &r); err != nil {
		b.Fatal(err)
	}

	return r, took
}

// What durability adds on a real disk: one sync of the file system.
func BenchmarkDurability(b *testing.B) {
	program, repo := refgen(b), clone(b)
	out := filepath.Join(b.TempDir(), "out")
	for b.Loop() {
		var synced, total []time.Duration
		for range 3 {
			remove(b, out)
			r, took := runBuild(b, program, "--repo", repo, "--out", out)
			total = append(total, took)
			for _, p := range r.Phases {
				if p.Name == "sync" {
					synced = append(synced, p.Nanoseconds)
				}
			}
		}

		report(b, "on a disk: part of a cold build that syncs", float64(median(synced))/float64(median(total)),
			"%d ms of %d ms", median(synced).Milliseconds(), median(total).Milliseconds())
	}
}
