package bench

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// documentFile is what readers get of figuresFile, which has the figures of each
	// repository from the last time that it was measured.
	documentFile = "docs/benchmarks.md"
	figuresFile  = "testdata/large.json"
)

// readFigures reads figuresFile, in the order of the document.
func readFigures() ([]figures, error) {
	text, err := os.ReadFile(figuresFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}

	var all []figures
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", figuresFile, err)
	}
	return all, nil
}

// keepFigures replaces the figures of a repository, and writes the document.
func keepFigures(f figures) error {
	all, err := readFigures()
	if err != nil {
		return err
	}

	all = slices.DeleteFunc(all, func(old figures) bool { return old.Name == f.Name })
	all = append(all, f)
	slices.SortFunc(all, func(a, b figures) int {
		return cmp.Or(cmp.Compare(a.Nodes, b.Nodes), cmp.Compare(a.Name, b.Name))
	})

	text, err := json.MarshalIndent(all, "", "  ")
	if err == nil {
		err = os.WriteFile(figuresFile, append(text, '\n'), 0o644)
	}
	if err != nil {
		return err
	}

	live, err := readLive()
	if err != nil {
		return err
	}
	return os.WriteFile("../../"+documentFile, []byte(document(all, live)), 0o644)
}

// before is what was measured of oldCommit when the bars were set.
type before struct{ files, cold, next, peak string }

func measuredBefore() map[string]before {
	return map[string]before{
		"chameleon": {"14,109", "5.2 to 5.8 s", "0.81 to 0.91 of cold", "170 to 190 MB"},
		"grid5000":  {"160,088", "66 to 93 s", "0.98 to 1.04 of cold", "1.8 GB; of the bundle 4.3 GB"},
		"5000":      {"95,645", "21.7 s", "1.31 of cold", "440 MB"},
		"50000":     {"819,506", "235 s", "", "2.35 GB"},
	}
}

// document is the text of documentFile.
func document(all []figures, live liveFigures) string {
	var w strings.Builder
	fmt.Fprintf(&w, `# What builds cost

Written by %[1]smake bench-large%[1]s: do not edit it. Times are processor time, of user and system and of all threads; where they are of a clock, it says so. The yardstick is what %[1]scp%[1]s, %[1]sgzip -9%[1]s and %[1]sbrotli -q 5%[1]s need for all files that commit %[2]s makes of the same commit. Cold is a build into an empty directory, of the third commit before the last; one commit more is the median of the three that follow; files and bytes are with compressed variants. A further release is what each of those three adds on the disk.

## Builds

| repository | generator | files | bytes | on disk | a further release | cold | one commit more | nothing new | peak memory |
|---|---|---|---|---|---|---|---|---|---|
`, "`", oldCommit)

	old := measuredBefore()
	for _, f := range all {
		about := fmt.Sprintf("%s: %s nodes, %s commits", f.title(), grouped(f.Nodes), grouped(f.Commits))
		if b, ok := old[f.Name]; ok {
			fmt.Fprintf(&w, "| %s | %s, measured before | %s | | | | %s | %s | | %s |\n",
				about, oldCommit, b.files, b.cold, b.next, b.peak)
		}
		if f.Old.CPU > 0 {
			fmt.Fprintf(&w, "| | %s, in this run | %s | %s | %s | | %s | | | %s |\n", oldCommit,
				grouped(f.OldSite.all()), bytesText(f.OldSite.Bytes), bytesText(f.OldDisk), seconds(f.Old.CPU), bytesText(f.Old.Peak))
		}

		fmt.Fprintf(&w, "| %s | now | %s | %s | %s | %s | %s | %s, %.2f of cold | %s, %.3f of cold | %s |\n",
			about, grouped(f.Site.all()), bytesText(f.Site.Bytes), bytesText(f.Disk), bytesText(f.Added),
			seconds(f.Cold.CPU), seconds(f.Next.CPU), part(f.Next, f.Cold), seconds(f.Same.CPU), part(f.Same, f.Cold),
			bytesText(f.Cold.Peak))
	}

	w.WriteString("\nEach of a node:\n\n| repository | cold | one commit more | nothing new | peak memory | files | bytes | on disk | a further release |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, f := range all {
		n := float64(f.Nodes)
		kB := func(bytes int64) string { return fmt.Sprintf("%.1f kB", float64(bytes)/1e3/n) }
		ms := func(u usage) string { return fmt.Sprintf("%.3f ms", u.CPU.Seconds()*1e3/n) }
		fmt.Fprintf(&w, "| %s | %s | %s | %s | %s | %.1f | %s | %s | %s |\n", f.title(), ms(f.Cold), ms(f.Next), ms(f.Same),
			kB(f.Cold.Peak), float64(f.Site.all())/n, kB(f.Site.Bytes), kB(f.Disk), kB(f.Added))
	}

	w.WriteString("\n## Bars\n\n| bar | at most | measured | |\n|---|---|---|---|\n")
	for _, b := range bars(all) {
		fmt.Fprintf(&w, "| %s | %s | %s | %s |\n", b.name, number(b.most)+b.unit, number(b.value)+b.unit, b.distance())
	}

	w.WriteString("\n## Where\n\n| repository | machine | output on | generator |\n|---|---|---|---|\n")
	for _, f := range all {
		fmt.Fprintf(&w, "| %s | %s | %s | %s |\n", f.title(), f.Machine, f.Place, f.Commit)
	}

	w.WriteString(live.section())
	return w.String()
}

// title is a repository's name for readers.
func (f figures) title() string {
	switch f.Name {
	case "chameleon":
		return "Chameleon"
	case "grid5000":
		return "Grid'5000"
	}
	return "synthetic"
}

func seconds(d time.Duration) string { return number(d.Seconds()) + " s" }

func bytesText(n int64) string {
	if n >= 1e9 {
		return fmt.Sprintf("%.2f GB", float64(n)/1e9)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// grouped writes a number with commas.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// machine describes where this runs.
func machine(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "model name\t: ")
	model, _, _ := strings.Cut(rest, "\n")

	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		t.Fatal(err)
	}
	kernel, _, _ := strings.Cut(unix.ByteSliceToString(u.Release[:]), "-")
	memory := fromProc(t, "/proc/meminfo", "MemTotal:") << 10
	return fmt.Sprintf("%s, %d processors, %.0f GB; Linux %s, %s",
		model, runtime.NumCPU(), float64(memory)/1e9, kernel, runtime.Version())
}

// The document is made of the figures that were measured.
func TestDocument(t *testing.T) {
	t.Parallel()
	all, err := readFigures()
	if err != nil {
		t.Fatal(err)
	}
	live, err := readLive()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../" + documentFile)
	if err != nil {
		t.Fatal(err)
	}
	if want := document(all, live); string(got) != want {
		t.Errorf("%s was edited, or is not of %s and %s: `make bench-large` and BenchmarkScale write them", documentFile, figuresFile, liveFile)
	}
}
