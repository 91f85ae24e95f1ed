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
	tree.Release
	*publish.Report
	Versions int           `json:"versions,omitzero"`
	Files    int           `json:"files"`
	Changed  int           `json:"changed"` // instead of the list of publish.Changes
	Planned  *planned      `json:"resources,omitempty"`
	Errors   int           `json:"errors"`
	Warnings int           `json:"warnings"`
	Phases   []phase       `json:"phases"`
	Duration time.Duration `json:"nanoseconds"`
}

func (b *built) summary(p *progress) summary {
	errors, warnings := b.findings.Count()
	return summary{
		Release:  b.report.Manifest.Release,
		Report:   b.report,
		Versions: len(b.history.Commits),
		Files:    b.report.Manifest.Count(),
		Changed:  len(b.report.Changed),
		Planned:  b.planned,
		Errors:   errors,
		Warnings: warnings + len(b.clocks),
		Phases:   p.phases,
		Duration: p.total(),
	}
}

// print writes the human-readable summary.
func (b *built) print(out *console, p *progress, dry bool) {
	m := b.report.Manifest
	name := out.paint(bold, m.ID)

	if b.report.Unchanged {
		pinned := ""
		if b.report.Pinned != "" {
			pinned = ", pinned"
		}
		out.printf("%s is live already: nothing to do (%s)%s\n", name, duration(p.total()), pinned)
		return
	}

	row := func(label, format string, args ...any) {
		out.printf("  %-10s %s\n", label, fmt.Sprintf(format, args...))
	}

	dry = dry || b.report.Pinned != ""
	verb := out.paint(green, "published")
	if dry {
		verb = out.paint(yellow, "would publish")
	}

	out.printf("%s %s\n", verb, name)

	if b.report.Pinned != "" {
		row("pinned", "%s stays live: `refgen unpin` lets the next build publish", b.report.Pinned)
	}
	row("source", "%s, %s", b.source.label, commitLabel(m))
	counts := b.grid.Counts()
	which := ""
	if b.planned != nil {
		which = ": " + b.planned.counts()
	}
	row("resources", "%s, %s, %s, %s%s", plural(counts.Sites, "site"), plural(counts.Clusters, "cluster"),
		plural(counts.Nodes, "node"), plural(counts.Flavors, "flavor"), which)
	if b.planned != nil {
		b.planned.print(out)
	}

	row("history", "%s", plural(len(b.history.Commits), "commit"))
	if !dry {
		row("files", "%s: %s written, %s reused",
			plural(m.Count(), "file"), thousands(b.report.Written), thousands(b.report.Linked+b.report.Taken))
		bytes := b.report.Bytes
		row("bytes", "%s, gzip %s, brotli %s", size(bytes.Raw), size(bytes.Gzip), size(bytes.Brotli))
		row("release", "%s", b.report.Dir)
	}

	c := b.report.Changes
	row("changes", "%s", changeCounts(&c))

	if dry {
		printFirst(out, c.Added, 20, "added file", func(p string) { out.printf("    + %s\n", p) })
		printFirst(out, c.Removed, 20, "removed file", func(p string) { out.printf("    - %s\n", p) })
	}

	if n := len(b.report.Retimed); n > 0 {
		row("times", "%s moved, to have other ETags than before: %s", plural(n, "file"), b.report.Retimed[0])
	}

	if _, warnings := b.findings.Count(); warnings+len(b.clocks) > 0 {
		row("findings", "%s: see `refgen check`", out.paint(yellow, plural(warnings+len(b.clocks), "warning")))
	}

	row("time", "%s: %s", duration(p.total()), p.slowest())
}

// printLine writes the summary of one build among many.
func (b *built) printLine(out *console, p *progress) {
	if b.report.Unchanged {
		return
	}

	verb := out.paint(green, "published")
	if b.report.Pinned != "" {
		verb = out.paint(yellow, "pinned to "+b.report.Pinned+", not published:")
	}
	out.printf("%s %s %s: %s (%s)\n", p.now().Format(time.TimeOnly), verb,
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

// printProblems reports what a build found: errors one by one, and no warnings, wrong
// clocks, what was repaired, and what could not be removed.
func (a *app) printProblems(b *built, quiet bool) {
	if b == nil {
		return
	}

	errors, _ := b.findings.Count()
	printFirst(a.stderr, b.findings[:errors], 20, "error", a.stderr.printFinding)
	if !quiet {
		a.printClocks(b.clocks)
	}

	if b.report != nil && b.report.Healed != "" {
		a.stderr.warning(b.report.Healed)
	}
	if b.report != nil && b.report.NotTaken != "" {
		a.stderr.warning(b.report.NotTaken)
	}
	if b.report != nil && b.report.PruneErr != nil {
		a.stderr.warning(b.report.PruneErr.Error())
	}
	if b.exposed != nil {
		a.stderr.warning(fmt.Sprintf("the pinned release %s: %v; `refgen unpin`, and build", b.report.Pinned, b.exposed))
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
