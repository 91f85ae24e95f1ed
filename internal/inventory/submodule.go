package inventory

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/chameleoncloud/refapi/internal/route"
)

// SubmoduleError reports that a data directory is, or may be, in a submodule: a
// separate repository, of which a commit records only a hash.
type SubmoduleError struct {
	Dir string // the submodule
}

func (e *SubmoduleError) Error() string {
	return fmt.Sprintf("no data directory: %s is a submodule, whose files are in a repository of its own",
		displayDir(e.Dir))
}

// CheckSubmodule returns a [*SubmoduleError] for a directory that is a submodule,
// or in one.
func CheckSubmodule(fsys fs.FS, dir string) error {
	for i, c := range dir + "/" {
		if c == '/' && dir != "." && isSubmodule(fsys, dir[:i]) {
			return &SubmoduleError{Dir: dir[:i]}
		}
	}
	return nil
}

// isSubmodule reports whether a directory is a submodule. A commit's file system knows
// that; on disk, a submodule contains .git.
func isSubmodule(fsys fs.FS, dir string) bool {
	if s, ok := fsys.(interface{ Submodule(name string) bool }); ok {
		return s.Submodule(dir)
	}
	_, err := fs.Lstat(fsys, path.Join(dir, ".git"))
	return err == nil
}

// submodule reports a submodule: as an error where a resource is expected.
func (l *loader) submodule(p string) {
	d := Diagnostic{Severity: Warning, Rule: "submodule", File: p,
		Message: "it is a submodule, a repository of its own: nothing in it is served",
		Hint:    fmt.Sprintf("commit the files themselves: `git rm --cached %s`, and add them", path.Base(p))}
	if strings.HasSuffix(p, ".json") || isCollection(path.Base(p)) || isCollection(path.Base(path.Dir(p))) {
		d.Severity = Error
	}
	l.report(d)
}

// isCollection reports whether the entries of a directory of this name may be
// resources.
func isCollection(name string) bool {
	for _, kind := range route.Kinds() {
		if kind.Segment == name {
			return true
		}
	}
	return false
}
