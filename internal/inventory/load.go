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
)

// gridPath is the grid's path in the API.
const gridPath = "/"

// Load reads the grid below dir of fsys. Whatever is wrong with single files
// is in the diagnostics, and what has an error is not in the grid; the error
// is for a tree that cannot be read or is no data directory at all.
func Load(fsys fs.FS, dir string) (*Grid, Diagnostics, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, nil, fmt.Errorf("read data directory: %w", err)
	}
	name, err := gridFile(entries, dir)
	if err != nil {
		return nil, nil, err
	}
	if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == "sites" && !e.Type().IsRegular() }) {
		return nil, nil, fmt.Errorf("no data directory: %s has no directory sites", place(dir))
	}
	l := &loader{fsys: fsys, dir: dir, nodeFiles: map[string]string{}}
	g := &Grid{Dir: dir, UID: strings.TrimSuffix(name, ".json")}
	l.each(dir, func(e fs.DirEntry) {
		p := path.Join(dir, e.Name())
		switch {
		case e.Name() == name:
			g.File, _ = l.file(p, g.UID, gridPath)
		case e.IsDir() && e.Name() == "sites":
			g.Sites = l.sites(p)
		case strings.HasPrefix(e.Name(), "."):
			// The data directory may be the top of a work tree, with its .git.
		default:
			l.stray(p, e, "")
		}
	})
	l.found.Sort()
	return g, l.found, l.err
}

// loader collects what it finds while it walks down.
type loader struct {
	fsys      fs.FS
	dir       string
	found     Diagnostics
	nodeFiles map[string]string // by uid
	err       error             // first failure to read
}

func (l *loader) report(d Diagnostic) { l.found = append(l.found, d) }

func (l *loader) sites(dir string) (sites []*Site) {
	l.each(dir, func(e fs.DirEntry) {
		p, uid := path.Join(dir, e.Name()), e.Name()
		s := &Site{UID: uid}
		ok := l.directory(p, e, "site", "/sites/"+uid, &s.File)
		if !e.IsDir() {
			return
		}
		l.each(p, func(e fs.DirEntry) {
			sub := path.Join(p, e.Name())
			switch {
			case e.Name() == uid+".json":
			case e.IsDir() && e.Name() == "clusters":
				s.Clusters = l.clusters(sub, "/sites/"+uid+"/clusters/")
			case e.IsDir() && e.Name() == "flavors":
				s.Flavors = l.flavors(sub, "/sites/"+uid+"/flavors/")
			default:
				l.stray(sub, e, "")
			}
		})
		if ok {
			sites = append(sites, s)
		}
	})
	return sites
}

func (l *loader) clusters(dir, api string) (clusters []*Cluster) {
	l.each(dir, func(e fs.DirEntry) {
		p, uid := path.Join(dir, e.Name()), e.Name()
		c := &Cluster{UID: uid}
		ok := l.directory(p, e, "cluster", api+uid, &c.File)
		if !e.IsDir() {
			return
		}
		l.each(p, func(e fs.DirEntry) {
			sub := path.Join(p, e.Name())
			switch {
			case e.Name() == uid+".json":
			case e.IsDir() && e.Name() == "nodes":
				c.Nodes = l.nodes(sub, api+uid+"/nodes/")
			default:
				l.stray(sub, e, "")
			}
		})
		if ok {
			clusters = append(clusters, c)
		}
	})
	return clusters
}

func (l *loader) nodes(dir, api string) (nodes []*Node) {
	l.files(dir, api, func(uid string, f File) {
		key := norm.NFC.String(uid) // people cannot tell the forms apart
		if other, ok := l.nodeFiles[key]; ok {
			l.duplicate(f.Path, other, api+uid, uid)
			return
		}
		l.nodeFiles[key] = f.Path
		nodes = append(nodes, &Node{UID: uid, File: f})
	})
	return nodes
}

// duplicate reports a node whose uid another has.
func (l *loader) duplicate(p, other, api, uid string) {
	d := Diagnostic{Severity: Error, Rule: "duplicate-uid", File: p, Pointer: "/uid", Resource: api,
		Message: fmt.Sprintf("the uid %q is also that of %s", uid, other),
		Hint:    "reservations name a node by nothing but its uid: give one of them another"}
	if src, err := readRegular(l.fsys, l.dir, p); err == nil { // it was read before
		d.Line, d.Col = rawjson.Position(src, d.Pointer, false)
	}
	l.report(d)
}

func (l *loader) flavors(dir, api string) (flavors []*Flavor) {
	l.files(dir, api, func(uid string, f File) {
		if uid == reservedName {
			l.reserved(f.Path, uid)
			return
		}
		flavors = append(flavors, &Flavor{UID: uid, File: f})
	})
	return flavors
}

// reservedName is the segment that leads to versions.
const reservedName = "versions"

func (l *loader) reserved(file, uid string) {
	l.report(Diagnostic{Severity: Error, Rule: "reserved-name", File: file,
		Message: fmt.Sprintf("the name %q is reserved", uid), Hint: "it would hide the list of versions: choose another uid"})
}

// directory reads the file of a site or cluster, which has the name of its
// directory. It reports whether there is such a resource.
func (l *loader) directory(dir string, e fs.DirEntry, kind, api string, file *File) bool {
	uid := e.Name()
	if !e.IsDir() {
		l.stray(dir, e, fmt.Sprintf("a %s lies in a directory of its own: %q", kind,
			path.Join(strings.TrimSuffix(dir, ".json"), e.Name())))
		return false
	}
	if uid == reservedName {
		l.reserved(dir, uid)
		return false
	}
	p := path.Join(dir, uid+".json")
	if _, err := fs.Lstat(l.fsys, p); errors.Is(err, fs.ErrNotExist) {
		l.report(Diagnostic{Severity: Warning, Rule: "missing-file", File: dir,
			Message: fmt.Sprintf("the directory has no file %q, so it is no %s, and nothing below it is served", uid+".json", kind),
			Hint:    fmt.Sprintf("add %q, or remove the directory", p)})
		return false
	}
	f, ok := l.file(p, uid, api)
	*file = f
	return ok
}

// files reads the files of a directory of nodes or flavors.
func (l *loader) files(dir, api string, add func(uid string, f File)) {
	type named struct {
		uid string
		f   File
	}
	var all []named
	l.each(dir, func(e fs.DirEntry) {
		p := path.Join(dir, e.Name())
		uid, isJSON := strings.CutSuffix(e.Name(), ".json")
		if e.IsDir() && isJSON {
			l.report(Diagnostic{Severity: Error, Rule: "no-file", File: p,
				Message: "it has the name of a file, but is a directory", Hint: "remove it, or put the file in its place"})
		}
		if e.IsDir() || !isJSON {
			l.stray(p, e, "")
			return
		}
		if f, ok := l.file(p, uid, api+uid); ok {
			all = append(all, named{uid, f})
		}
	})
	// "a-b.json" comes before "a.json", but the uid "a" before "a-b".
	slices.SortFunc(all, func(a, b named) int { return strings.Compare(a.uid, b.uid) })
	for _, n := range all {
		add(n.uid, n.f)
	}
}
