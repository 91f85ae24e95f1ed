package bench

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const rounds = 5

// A cold build, against what the standard tools need for the mere output: to
// copy the files and to compress those that we compress.
func BenchmarkColdBuild(b *testing.B) {
	program := refgen(b)
	for name, repo := range map[string]string{"clone": clone(b), "bundle": bundle(b)} {
		b.Run(name, func(b *testing.B) {
			dir := memory(b)
			out, plain := filepath.Join(dir, "out"), filepath.Join(dir, "plain")
			command(b, "", program, "build", "--quiet", "--repo", repo, "--out", out)
			packed := withoutVariants(b, filepath.Join(out, "current"), plain)

			for b.Loop() {
				var ours, tools []time.Duration
				var peaks []int64
				for range rounds {
					remove(b, out)
					used := command(b, "", program, "build", "--quiet", "--repo", repo, "--out", out)
					ours = append(ours, used.wall)
					peaks = append(peaks, used.peak)
					tools = append(tools, yardstick(b, plain, filepath.Join(dir, "copy"), packed))
				}

				report(b, "cold build of a "+name+": times cp, gzip and brotli",
					float64(median(ours))/float64(median(tools)),
					"ours %d ms, tools %d ms", median(ours).Milliseconds(), median(tools).Milliseconds())

				report(b, "cold build of a "+name+": MB of memory", float64(median(peaks))/1e6, "the most at once")
			}
		})
	}
}

// withoutVariants copies a release without its compressed files, and returns
// the names of those that have some.
func withoutVariants(b *testing.B, from, to string) (packed string) {
	b.Helper()
	command(b, "", "cp", "-a", from+"/.", to)
	names := map[string]bool{}
	err := filepath.WalkDir(to, func(p string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(p); err == nil && !d.IsDir() && (ext == ".gz" || ext == ".br") {
			names[strings.TrimPrefix(strings.TrimSuffix(p, ext), to+"/")] = true
			return os.Remove(p)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}

	var list strings.Builder
	for name := range names {
		list.WriteString(name + "\x00")
	}

	return list.String()
}

func yardstick(b *testing.B, plain, dir, packed string) time.Duration {
	b.Helper()
	remove(b, dir)
	began := time.Now()
	command(b, "", "cp", "-a", plain, dir)

	for _, args := range [][]string{{"gzip", "-9", "-k"}, {"brotli", "-q", "5", "-k"}} {
		cmd := exec.Command("xargs", append([]string{"-0", "-P", "2"}, args...)...)
		cmd.Dir = dir
		cmd.Stdin = strings.NewReader(packed)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%s: %v\n%s", cmd, err, out)
		}
	}

	return time.Since(began)
}

func remove(b *testing.B, dir string) {
	b.Helper()
	if err := os.RemoveAll(dir); err != nil {
		b.Fatal(err)
	}
}

// buildReport is what `refgen build --json` prints, as far as it is looked at.
type buildReport struct {
	Unchanged bool
	Written   int
	Linked    int
	Dir       string
	Phases    []struct {
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

// A build when nothing has changed, and one with a commit more.
func BenchmarkWarmBuild(b *testing.B) {
	program, repo, dir := refgen(b), clone(b), memory(b)
	out := filepath.Join(dir, "out")
	for b.Loop() {
		var cold, same, next []time.Duration
		var last buildReport
		for range rounds {
			remove(b, out)
			_, took := runBuild(b, program, "--repo", repo, "--out", out, "--rev", "HEAD~1")
			cold = append(cold, took)
			r, took := runBuild(b, program, "--repo", repo, "--out", out, "--rev", "HEAD~1")
			if !r.Unchanged {
				b.Fatal("a second build has built something")
			}

			same = append(same, took)
			before := inodes(b, filepath.Join(out, "current"))
			last, took = runBuild(b, program, "--repo", repo, "--out", out, "--rev", "HEAD")
			next = append(next, took)

			if again := rewritten(b, before, last.Dir); again != 0 {
				b.Fatalf("%d files were written again, with the same bytes and time", again)
			}
		}

		report(b, "nothing changed: part of a cold build", float64(median(same))/float64(median(cold)),
			"%d ms of %d ms", median(same).Milliseconds(), median(cold).Milliseconds())
		report(b, "one commit more: part of a cold build", float64(median(next))/float64(median(cold)),
			"%d ms; %d files written, %d reused, none of them written again",
			median(next).Milliseconds(), last.Written, last.Linked)
	}
}

// onDisk is a file as the disk has it.
type onDisk struct {
	inode uint64
	time  time.Time
	body  string
}

func inodes(b *testing.B, link string) map[string]onDisk {
	b.Helper()
	dir, err := filepath.EvalSymlinks(link)
	if err != nil {
		b.Fatal(err)
	}

	files := map[string]onDisk{}
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}

		body, err := os.ReadFile(p)
		if err != nil {
			return err
		}

		var st unix.Stat_t
		if err := unix.Stat(p, &st); err != nil {
			return err
		}

		files[strings.TrimPrefix(p, dir)] = onDisk{st.Ino, time.Unix(st.Mtim.Unix()), string(body)}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}

	return files
}

// rewritten counts files that are the same as before in bytes and time, and yet
// another file.
func rewritten(b *testing.B, before map[string]onDisk, dir string) (n int) {
	for name, now := range inodes(b, dir) {
		if old, ok := before[name]; ok && old.body == now.body && old.time.Equal(now.time) && old.inode != now.inode {
			n++
		}
	}
	return n
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
