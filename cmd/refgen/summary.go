package main

import (
	"fmt"
	"time"

	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// summary is the report of --json.
type summary struct {
	Release   string        `json:"release"`
	Commit    string        `json:"commit"`
	Dirty     bool          `json:"dirty"`
	Shallow   bool          `json:"shallow"`
	Dir       string        `json:"dir,omitempty"`
	Unchanged bool          `json:"unchanged"`
	Counts    any           `json:"counts"`
	Versions  int           `json:"versions,omitempty"`
	Files     int           `json:"files"`
	Written   int           `json:"written"`
	Linked    int           `json:"linked"`
	Bytes     byteCounts    `json:"bytes"`
	Errors    int           `json:"errors"`
	Warnings  int           `json:"warnings"`
	Added     []string      `json:"added"`
	Removed   []string      `json:"removed"`
	Changed   int           `json:"changed"`
	Retimed   []string      `json:"retimed"` // files whose times were moved
	Healed    string        `json:"healed,omitempty"`
	Pruned    []string      `json:"pruned"`
	Phases    []phase       `json:"phases"`
	Duration  time.Duration `json:"nanoseconds"`
}

type byteCounts struct {
	Raw    int64 `json:"raw"`
	Gzip   int64 `json:"gzip"`
	Brotli int64 `json:"brotli"`
}

func (b *built) summary(p *progress) summary {
	r := b.report
	errors, warnings := b.findings.Count()
	return summary{
		Release: r.Manifest.ID, Commit: r.Manifest.Commit, Dirty: r.Manifest.Dirty, Shallow: r.Manifest.Shallow,
		Dir: r.Dir, Unchanged: r.Unchanged, Counts: r.Manifest.Counts, Versions: b.commits,
		Files: len(r.Manifest.Files), Written: r.Written, Linked: r.Linked,
		Bytes:  byteCounts{r.Raw, r.Gzip, r.Brotli},
		Errors: errors, Warnings: warnings + len(b.clocks),
		Added: nonNil(r.Changes.Added), Removed: nonNil(r.Changes.Removed), Changed: len(r.Changes.Changed),
		Retimed: nonNil(r.Retimed), Healed: r.Healed, Pruned: nonNil(r.Pruned),
		Phases: p.phases, Duration: p.total(),
	}
}

// nonNil makes JSON say [] and not null.
func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// print writes the summary for people.
func (b *built) print(out *console, p *progress, dry bool) {
	m := b.report.Manifest
	name := out.paint(bold, m.ID)
	if b.report.Unchanged {
		out.printf("%s is live already: nothing to do (%s)\n", name, duration(p.total()))
		return
	}
	row := func(label, format string, args ...any) {
		out.printf("  %-10s %s\n", label, fmt.Sprintf(format, args...))
	}
	verb := out.paint(green, "published")
	if dry {
		verb = out.paint(yellow, "would publish")
	}
	out.printf("%s %s\n", verb, name)
	row("source", "%s, %s", b.source.label, commitLabel(m))
	row("resources", "%s, %s, %s, %s", plural(b.counts.Sites, "site"), plural(b.counts.Clusters, "cluster"),
		plural(b.counts.Nodes, "node"), plural(b.counts.Flavors, "flavor"))
	row("history", "%s", plural(b.commits, "commit"))
	if !dry {
		row("files", "%s: %s written, %s taken over", plural(len(m.Files), "file"), thousands(b.report.Written), thousands(b.report.Linked))
		row("bytes", "%s, gzip %s, brotli %s", size(b.report.Raw), size(b.report.Gzip), size(b.report.Brotli))
		row("release", "%s", b.report.Dir)
	}
	c := b.report.Changes
	row("changes", "%s added, %s removed, %s changed", thousands(len(c.Added)), thousands(len(c.Removed)), thousands(len(c.Changed)))
	if n := len(b.report.Retimed); n > 0 {
		row("times", "%s moved, to have other ETags than before: %s", plural(n, "file"), b.report.Retimed[0])
	}
	if dry {
		printSome(out, "+", c.Added)
		printSome(out, "-", c.Removed)
	}
	if _, warnings := b.findings.Count(); warnings+len(b.clocks) > 0 {
		row("findings", "%s: see `refgen check`", out.paint(yellow, plural(warnings+len(b.clocks), "warning")))
	}
	row("time", "%s: %s", duration(p.total()), p.slowest())
}

// printTroubles tells what a build has put right, and what it could not remove.
func (a *app) printTroubles(r *publish.Report) {
	if r.Healed != "" {
		a.stderr.warning(r.Healed)
	}
	if r.PruneErr != nil {
		a.stderr.warning(r.PruneErr.Error())
	}
}

// printLine writes the summary of one build among many.
func (b *built) printLine(out *console, p *progress) {
	if b.report.Unchanged {
		return
	}
	m, c := b.report.Manifest, b.report.Changes
	out.printf("%s %s %s: %s added, %s removed, %s changed (%s)\n", p.now().Format(time.TimeOnly), out.paint(green, "published"), out.paint(bold, m.ID),
		thousands(len(c.Added)), thousands(len(c.Removed)), thousands(len(c.Changed)), duration(p.total()))
}

// commitLabel says which commit a release shows, and what is special about it.
func commitLabel(m *tree.Manifest) string {
	label := fmt.Sprintf("commit %.12s of %s", m.Commit, m.CommitTime.UTC().Format("2 Jan 2006 15:04 MST"))
	if m.Dirty {
		label += ", with changes that are not committed"
	}
	if m.Shallow {
		label += ", history cut by a shallow clone"
	}
	return label
}

// printSome lists paths, but not hundreds of them.
func printSome(out *console, mark string, paths []string) {
	const enough = 20
	for i, p := range paths {
		if i == enough {
			out.printf("    %s … and %s more\n", mark, thousands(len(paths)-enough))
			return
		}
		out.printf("    %s %s\n", mark, p)
	}
}

// printFindings tells errors one by one, and that there are warnings.
func (a *app) printFindings(found inventory.Diagnostics, quiet bool) {
	const enough = 20
	errors, _ := found.Count()
	for i, d := range found[:errors] {
		if i == enough {
			a.stderr.printf("… and %s\n", plural(errors-enough, "more error"))
			break
		}
		a.printFinding(a.stderr, d)
	}
}

// printFinding writes one finding as compilers do.
func (a *app) printFinding(out *console, d inventory.Diagnostic) {
	severity := out.paint(yellow, d.Severity.String()+":")
	if d.Severity == inventory.Error {
		severity = out.paint(red, d.Severity.String()+":")
	}
	out.printf("%s: %s %s %s\n", out.paint(bold, d.Place()), severity, d.Message, out.paint(dim, "["+d.Rule+"]"))
	if d.Hint != "" {
		out.printf("    %s %s\n", out.paint(cyan, "hint:"), d.Hint)
	}
}
