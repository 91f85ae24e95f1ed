package inventory

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Limits on one file. The largest real file has 10 kB and nests 4 deep.
const (
	maxFileBytes = 4 << 20
	maxFileDepth = 64
)

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
	l := &loader{fsys: fsys, dir: dir, nodes: map[string]string{}}
	g := &Grid{Dir: dir, UID: strings.TrimSuffix(name, ".json")}
	l.each(dir, func(e fs.DirEntry) {
		p := path.Join(dir, e.Name())
		switch {
		case e.Name() == name:
			g.File, _ = l.file(p, g.UID, "/")
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
	fsys  fs.FS
	dir   string
	found Diagnostics
	nodes map[string]string // node uid → file
	err   error             // first failure to read
}

func (l *loader) report(d Diagnostic) { l.found = append(l.found, d) }

// each visits a directory's entries by name, bytewise.
func (l *loader) each(dir string, visit func(fs.DirEntry)) {
	entries, err := fs.ReadDir(l.fsys, dir)
	if err != nil {
		l.fail(err)
		return
	}
	folded := map[string]string{}
	for _, e := range entries {
		if other, ok := folded[strings.ToLower(e.Name())]; ok {
			l.report(Diagnostic{Severity: Error, Rule: "case-collision", File: path.Join(dir, e.Name()),
				Message: fmt.Sprintf("the name differs from %q only in case", other),
				Hint:    "rename one: on file systems that ignore case one replaces the other"})
		}
		folded[strings.ToLower(e.Name())] = e.Name()
		visit(e)
	}
}

func (l *loader) fail(err error) {
	if l.err == nil {
		l.err = fmt.Errorf("read data directory: %w", err)
	}
}

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
				l.files(sub, api+uid+"/nodes/", func(uid string, f File) {
					if other, ok := l.nodes[uid]; ok {
						l.report(Diagnostic{Severity: Error, Rule: "duplicate-uid", File: f.Path, Pointer: "/uid", Resource: api + uid,
							Message: fmt.Sprintf("the uid %q is also that of %s", uid, other),
							Hint:    "reservations name a node by nothing but its uid: give one of them another"})
					}
					l.nodes[uid] = f.Path
					c.Nodes = append(c.Nodes, &Node{UID: uid, File: f})
				})
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
		l.stray(dir, e, fmt.Sprintf("a %s lies in a directory of its own: %s", kind,
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
			Message: fmt.Sprintf("the directory has no %s.json, so it is no %s, and nothing below it is served", uid, kind),
			Hint:    fmt.Sprintf("add %s, or remove the directory", p)})
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

// stray reports JSON files where none are looked for.
func (l *loader) stray(p string, e fs.DirEntry, advice string) {
	if e.IsDir() {
		entries, err := fs.ReadDir(l.fsys, p)
		if err != nil {
			l.fail(err)
		}
		for _, e := range entries {
			l.stray(path.Join(p, e.Name()), e, "")
		}
		return
	}
	if e.Type()&fs.ModeSymlink != 0 {
		// A link to a directory would be passed over in silence.
		var bad *linkError
		if _, err := readRegular(l.fsys, l.dir, p); errors.As(err, &bad) {
			l.report(linkFault(p, "", bad))
			return
		}
	}
	if strings.HasSuffix(e.Name(), ".json") {
		l.report(Diagnostic{Severity: Warning, Rule: "misplaced-file", File: p,
			Message: "the file is at a wrong level and is not served", Hint: advice})
	}
}

// file reads one JSON file, whose uid must be the given one.
func (l *loader) file(p, uid, api string) (File, bool) {
	f := File{Path: p}
	fault := func(rule, message, advice string) (File, bool) {
		l.report(Diagnostic{Severity: Error, Rule: rule, File: p, Resource: api, Message: message, Hint: advice})
		return f, false
	}
	if why := checkName(uid); why != "" {
		return fault("unsafe-name", fmt.Sprintf("the name %q cannot be a uid: %s", uid, why), "rename the file and its uid")
	}
	src, err := readRegular(l.fsys, l.dir, p)
	var linkErr *linkError
	var sizeErr *sizeError
	switch {
	case errors.As(err, &linkErr):
		l.report(linkFault(p, api, linkErr))
		return f, false
	case errors.As(err, &sizeErr):
		return fault("file-too-large", sizeErr.Error(), "a resource's file has a few kilobytes: is this one a resource?")
	case err != nil:
		l.fail(err)
		return f, false
	}
	f.Object, err = rawjson.Parse(src, rawjson.Limits{Bytes: maxFileBytes, Depth: maxFileDepth})
	if err != nil {
		d := Diagnostic{Severity: Error, Rule: "invalid-json", File: p, Resource: api, Message: err.Error()}
		var syntax *rawjson.SyntaxError
		if errors.As(err, &syntax) {
			d.Line, d.Col, d.Pointer, d.Message = syntax.Line, syntax.Col, syntax.Pointer, syntax.Reason
		}
		l.report(d)
		return f, false
	}
	return f, l.checkMembers(f, src, uid, api)
}

// checkMembers checks what the API itself relies on.
func (l *loader) checkMembers(f File, src []byte, uid, api string) bool {
	at := func(severity Severity, rule, pointer string, key bool, message, advice string) {
		d := Diagnostic{Severity: severity, Rule: rule, File: f.Path, Pointer: pointer, Resource: api, Message: message, Hint: advice}
		d.Line, d.Col = rawjson.Position(src, pointer, key)
		l.report(d)
	}
	for _, name := range []string{"version", "links"} {
		if f.Get(name) != nil {
			at(Warning, "reserved-member", "/"+name, true, fmt.Sprintf("the member %q is not served: the API has its own", name), "remove it")
		}
	}
	got, isString := f.String("uid")
	switch {
	case f.Get("uid") == nil:
		at(Error, "missing-uid", "", false, "there is no uid", fmt.Sprintf("add \"uid\": %q", uid))
	case !isString:
		at(Error, "uid-type", "/uid", false, "the uid is not a string", fmt.Sprintf("write \"uid\": %q", uid))
	case checkName(got) != "":
		at(Error, "unsafe-name", "/uid", false, fmt.Sprintf("%q cannot be a uid: %s", got, checkName(got)), "")
	case got != uid:
		at(Error, "uid-mismatch", "/uid", false, fmt.Sprintf("the uid is %q, the file says %q", got, uid), "give both the same name")
	default:
		return true
	}
	return false
}

func linkFault(p, api string, err *linkError) Diagnostic {
	return Diagnostic{Severity: Error, Rule: "symbolic-link", File: p, Resource: api, Message: err.Error(),
		Hint: "replace the link by what it means"}
}

// linkError is a symbolic link that leads nowhere good; sizeError a file too
// large to be one of ours.
type linkError struct{ why string }

func (e *linkError) Error() string { return e.why }

type sizeError struct{ size int64 }

func (e *sizeError) Error() string {
	return fmt.Sprintf("the file has %d bytes, the limit is %d", e.size, maxFileBytes)
}

// readRegular reads a file, following symbolic links that stay below dir.
func readRegular(fsys fs.FS, dir, p string) ([]byte, error) {
	const maxLinks = 16
	for range maxLinks {
		info, err := fs.Lstat(fsys, p)
		switch {
		case err != nil:
			return nil, err
		case info.Mode().IsRegular() && info.Size() > maxFileBytes:
			return nil, &sizeError{info.Size()}
		case info.Mode().IsRegular():
			return fs.ReadFile(fsys, p)
		case info.Mode()&fs.ModeSymlink == 0:
			return nil, &linkError{"it is not a regular file"}
		}
		target, err := fs.ReadLink(fsys, p)
		if err != nil {
			return nil, err
		}
		next := path.Join(path.Dir(p), target)
		if path.IsAbs(target) || dir != "." && !strings.HasPrefix(next, dir+"/") || !fs.ValidPath(next) {
			return nil, &linkError{fmt.Sprintf("the symbolic link leads out of the data directory, to %q", target)}
		}
		if _, err := fs.Lstat(fsys, next); errors.Is(err, fs.ErrNotExist) {
			return nil, &linkError{fmt.Sprintf("the symbolic link leads to %q, which does not exist", target)}
		}
		p = next
	}
	return nil, &linkError{"the symbolic links lead in a circle"}
}

// Source reads a file again, as its author wrote it.
func Source(fsys fs.FS, dir, p string) ([]byte, error) {
	return readRegular(fsys, dir, p)
}
