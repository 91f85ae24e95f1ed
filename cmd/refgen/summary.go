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
		Release:   r.Manifest.ID,
		Commit:    r.Manifest.Commit,
		Dirty:     r.Manifest.Dirty,
		Shallow:   r.Manifest.Shallow,
		Dir:       r.Dir,
		Unchanged: r.Unchanged,
		Counts:    r.Manifest.Counts,
		Versions:  b.commits(),
		Files:     len(r.Manifest.Files),
		Written:   r.Written,
		Linked:    r.Linked,
		Bytes:     byteCounts{r.Raw, r.Gzip, r.Brotli},
		Errors:    errors,
		Warnings:  warnings + len(b.clocks),
		Added:     nonNil(r.Changes.Added),
		Removed:   nonNil(r.Changes.Removed),
		Changed:   len(r.Changes.Changed),
		Retimed:   nonNil(r.Retimed),
		Healed:    r.Healed,
		Pruned:    nonNil(r.Pruned),
		Phases:    p.phases,
		Duration:  p.total(),
	}
}

// commits returns the length of the history; 0 if it was not read.
func (b *built) commits() int {
	if b.history == nil {
		return 0
	}
	return len(b.history.Commits)
}

// nonNil makes JSON say [] and not null.
func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// print writes the human-readable summary.
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
	counts := b.grid.Counts()
	row("resources", "%s, %s, %s, %s", plural(counts.Sites, "site"), plural(counts.Clusters, "cluster"),
		plural(counts.Nodes, "node"), plural(counts.Flavors, "flavor"))

	row("history", "%s", plural(b.commits(), "commit"))
	if !dry {
		row("files", "%s: %s written, %s reused",
			plural(len(m.Files), "file"), thousands(b.report.Written), thousands(b.report.Linked))
		row("bytes", "%s, gzip %s, brotli %s", size(b.report.Raw), size(b.report.Gzip), size(b.report.Brotli))
		row("release", "%s", b.report.Dir)
	}

	c := b.report.Changes
	row("changes", "%s", changeCounts(&c))

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

// printTroubles reports what a build repaired, and what it could not remove.
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
	out.printf("%s %s %s: %s (%s)\n", p.now().Format(time.TimeOnly), out.paint(green, "published"),
		out.paint(bold, b.report.Manifest.ID), changeCounts(&b.report.Changes), duration(p.total()))
}

func changeCounts(c *publish.Changes) string {
	return fmt.Sprintf("%s added, %s removed, %s changed",
		thousands(len(c.Added)), thousands(len(c.Removed)), thousands(len(c.Changed)))
}

// commitLabel describes the commit of a release, and whether it is dirty or shallow.
func commitLabel(m *tree.Manifest) string {
	label := fmt.Sprintf("commit %.12s of %s", m.Commit, m.CommitTime.UTC().Format("2 Jan 2006 15:04 MST"))
	if m.Dirty {
		label += ", with uncommitted changes"
	}
	if m.Shallow {
		label += ", incomplete history (shallow clone)"
	}
	return label
}

// printSome lists paths, but not hundreds of them.
func printSome(out *console, mark string, paths []string) {
	const limit = 20
	for i, p := range paths {
		if i == limit {
			out.printf("    %s … and %s more\n", mark, thousands(len(paths)-limit))
			return
		}
		out.printf("    %s %s\n", mark, p)
	}
}

// printErrors reports errors one by one, and no warnings.
func (a *app) printErrors(found inventory.Diagnostics) {
	const limit = 20
	errors, _ := found.Count()
	for i, d := range found[:errors] {
		if i == limit {
			a.stderr.printf("… and %s\n", plural(errors-limit, "more error"))
			break
		}
		a.stderr.printFinding(d)
	}
}

// printFinding prints a finding in the format of compilers.
func (c *console) printFinding(d inventory.Diagnostic) {
	severity := c.paint(yellow, d.Severity.String()+":")
	if d.Severity == inventory.Error {
		severity = c.paint(red, d.Severity.String()+":")
	}
	c.printf("%s: %s %s %s\n", c.paint(bold, d.Place()), severity, d.Message, c.paint(dim, "["+d.Rule+"]"))
	if d.Hint != "" {
		c.printf("    %s %s\n", c.paint(cyan, "hint:"), d.Hint)
	}
}
