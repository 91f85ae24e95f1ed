package main

import (
	"fmt"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/change"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
)

// planned is what publishing would do to resources, by their paths in the API.
type planned struct {
	Added   []string `json:"added"`
	Removed []string `json:"removed"`
	Changed []string `json:"changed"`
	// Unknown is why those that change are not known; "" if they are.
	Unknown string `json:"unknown,omitempty"`
}

// planResources compares the resources with those of the live release: the files of its
// commit. Every resource names the commit that is served, so that the published files
// of all differ.
func (b *built) planResources() *planned {
	var p planned
	live := b.report.Previous()
	before, err := b.resourcesAt(live.Commit, live.Dirty)
	if err != nil {
		p.Unknown = err.Error()
		p.Added, p.Removed = resourcesOf(b.report.Added), resourcesOf(b.report.Removed)
		return &p
	}

	for _, c := range compareResources(before, byPath(b.grid)) {
		switch c.Change {
		case change.Added:
			p.Added = append(p.Added, c.Path)
		case change.Removed:
			p.Removed = append(p.Removed, c.Path)
		default:
			p.Changed = append(p.Changed, c.Path)
		}
	}
	return &p
}

// resourcesAt reads the resources as of a commit; none for "".
func (b *built) resourcesAt(commit string, dirty bool) (map[string]inventory.Resource, error) {
	if commit == "" {
		return nil, nil
	}
	if dirty {
		return nil, fmt.Errorf("the live release has uncommitted files of %.12s", commit)
	}

	var files gitrepo.FS
	id, err := b.source.repo.Resolve(commit)
	if err == nil {
		files, err = b.source.repo.FS(id)
	}
	if err != nil {
		return nil, fmt.Errorf("the repository does not have commit %.12s of the live release", commit)
	}

	fsys := files
	if b.source.public.Hides() {
		fsys = files.Map(b.source.public.File)
	}
	grid, _, err := inventory.Load(fsys, b.source.dataDir)
	if err != nil {
		return nil, fmt.Errorf("commit %.12s of the live release: %w", commit, err)
	}
	return byPath(grid), nil
}

// byPath are all resources, by their paths in the API.
func byPath(grid *inventory.Grid) map[string]inventory.Resource {
	all := map[string]inventory.Resource{}
	for r := range grid.Resources() {
		all[r.Path()] = r
	}
	return all
}

// resourcesOf returns the paths in the API of files that are resources.
func resourcesOf(files []string) (paths []string) {
	for _, f := range files {
		if build.IsResource(f) {
			paths = append(paths, route.WithoutSuffix("/"+f))
		}
	}
	return paths
}

// print lists the resources.
func (p *planned) print(out *console) {
	const most = 20
	for _, l := range []struct {
		paths      []string
		mark, noun string
	}{
		{p.Added, out.paint(green, "+"), "added resource"},
		{p.Removed, out.paint(red, "-"), "removed resource"},
		{p.Changed, out.paint(yellow, "~"), "changed resource"},
	} {
		printFirst(out, l.paths, most, l.noun, func(path string) { out.printf("    %s %s\n", l.mark, path) })
	}
}

// counts summarises the lists.
func (p *planned) counts() string {
	changed := thousands(len(p.Changed)) + " changed"
	if p.Unknown != "" {
		changed = "which changed is unknown: " + p.Unknown
	}
	return fmt.Sprintf("%s added, %s removed, %s", thousands(len(p.Added)), thousands(len(p.Removed)), changed)
}
