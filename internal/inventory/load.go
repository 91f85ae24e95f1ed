package inventory

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Load reads the grid below dir of fsys. Faults of single files are in the
// diagnostics, and files with errors are not in the grid; an error is returned for a
// tree that cannot be read or is not a data directory.
func Load(fsys fs.FS, dir string) (*Grid, Diagnostics, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, nil, fmt.Errorf("read data directory: %w", err)
	}

	name, err := gridFile(entries, dir)
	if err != nil {
		return nil, nil, err
	}

	sites := route.SiteKind.Get().Segment
	if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == sites && !e.Type().IsRegular() }) {
		return nil, nil, fmt.Errorf("no data directory: %s has no directory %s", displayDir(dir), sites)
	}

	l := &loader{
		fsys:      fsys,
		grid:      &Grid{Dir: dir, UID: strings.TrimSuffix(name, ".json")},
		nodeFiles: map[string]string{},
	}

	l.visitDir(dir, func(e fs.DirEntry) {
		p := path.Join(dir, e.Name())
		switch {
		case e.Name() == name:
			l.grid.File, _ = l.file(p, l.grid.place())
		case l.children(p, e, l.grid.place(), true):
		case e.IsDir() && e.Name() == descriptionsDir:
			l.descriptions(p)
		case !strings.HasPrefix(e.Name(), "."): // .git, if dir is the top of a work tree
			l.reportMisplaced(p, e, "")
		}
	})

	l.found.Sort()
	return l.grid, l.found, l.err
}

// loader collects resources and diagnostics on its walk.
type loader struct {
	fsys      fs.FS
	grid      *Grid
	found     Diagnostics
	nodeFiles map[string]string // by uid
	err       error             // first failure to read
}

func (l *loader) report(d Diagnostic) { l.found = append(l.found, d) }

// children reads a directory with the resources of one kind that a resource contains,
// and reports whether the entry is such a directory. They are served only if their
// parent is.
func (l *loader) children(dir string, e fs.DirEntry, parent Place, served bool) bool {
	for id, kind := range parent.Kind.Children() {
		if !e.IsDir() || e.Name() != kind.Segment {
			continue
		}
		if kind.InDir {
			l.visitDir(dir, func(e fs.DirEntry) {
				l.directory(path.Join(dir, e.Name()), e, parent.child(id, e.Name()), served)
			})
		} else {
			l.files(dir, id, parent, served)
		}

		return true
	}
	return false
}

// directory reads a resource that has a directory, with everything in it.
func (l *loader) directory(dir string, e fs.DirEntry, place Place, served bool) {
	file, ok := l.directoryFile(dir, e, place)
	served = served && ok
	if served {
		l.grid.resources = append(l.grid.resources, Resource{place, file})
	}

	if !e.IsDir() {
		return
	}

	l.visitDir(dir, func(e fs.DirEntry) {
		p := path.Join(dir, e.Name())
		if e.Name() != place.UID+".json" && !l.children(p, e, place, served) {
			l.reportMisplaced(p, e, "")
		}
	})
}

// directoryFile reads the file of a resource that has a directory, and reports
// whether there is one.
func (l *loader) directoryFile(dir string, e fs.DirEntry, place Place) (File, bool) {
	if !e.IsDir() {
		l.reportMisplaced(dir, e, fmt.Sprintf("a %s needs a directory of its own: %q", place.Kind,
			path.Join(strings.TrimSuffix(dir, ".json"), e.Name())))
		return File{}, false
	}
	if place.isReserved() {
		l.reportReserved(dir, place.UID)
		return File{}, false
	}

	p := path.Join(dir, place.UID+".json")
	if _, err := fs.Lstat(l.fsys, p); errors.Is(err, fs.ErrNotExist) {
		l.report(Diagnostic{
			Severity: Warning, Rule: "missing-file", File: dir,
			Message: fmt.Sprintf("the directory has no file %q, so it is not a %s, and nothing below it is served",
				place.UID+".json", place.Kind),
			Hint: fmt.Sprintf("add %q, or remove the directory", p),
		})
		return File{}, false
	}

	return l.file(p, place)
}

// files reads the resources of a kind that has only files, in one directory.
func (l *loader) files(dir string, kind route.KindID, parent Place, served bool) {
	var all []Resource
	l.visitDir(dir, func(e fs.DirEntry) {
		p := path.Join(dir, e.Name())
		uid, isJSON := strings.CutSuffix(e.Name(), ".json")
		if e.IsDir() && isJSON {
			l.report(Diagnostic{
				Severity: Error, Rule: "no-file", File: p,
				Message: "it has the name of a file, but is a directory", Hint: "remove it, or put the file in its place",
			})
		}

		if e.IsDir() || !isJSON {
			l.reportMisplaced(p, e, "")
			return
		}

		place := parent.child(kind, uid)
		if file, ok := l.file(p, place); ok {
			all = append(all, Resource{place, file})
		}
	})

	// "a-b.json" comes before "a.json", but the uid "a" before "a-b".
	slices.SortFunc(all, func(a, b Resource) int { return strings.Compare(a.UID, b.UID) })
	for _, r := range all {
		switch {
		case r.isReserved():
			l.reportReserved(r.File.Path, r.UID)
		case kind == route.NodeKind && l.isDuplicate(r):
		case served:
			l.grid.resources = append(l.grid.resources, r)
		}
	}
}

// isDuplicate reports whether another node has the same uid, and adds a diagnostic.
func (l *loader) isDuplicate(node Resource) bool {
	key := norm.NFC.String(node.UID) // other normalizations look the same
	other, found := l.nodeFiles[key]
	if !found {
		l.nodeFiles[key] = node.File.Path
		return false
	}

	d := Diagnostic{
		Severity: Error, Rule: "duplicate-uid", File: node.File.Path, Pointer: "/uid", Resource: node.Path(),
		Message: fmt.Sprintf("the uid %q is also that of %s", node.UID, other),
		Hint:    "reservations identify a node by its uid alone: give one of them another",
	}

	if src, err := Source(l.fsys, l.grid.Dir, d.File); err == nil { // cannot fail: it was read before
		d.Line, d.Col = rawjson.Position(src, d.Pointer, false)
	}

	l.report(d)
	return true
}

func (l *loader) reportReserved(file, uid string) {
	l.report(Diagnostic{
		Severity: Error, Rule: "reserved-name", File: file,
		Message: fmt.Sprintf("the name %q is reserved",
			uid), Hint: "it would hide the list of versions: choose another uid",
	})
}
