package inventory

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Limits on one file. The largest real file has 10 kB and nests 4 deep.
const (
	maxFileBytes = 4 << 20
	maxFileDepth = 64
)

// FileLimits returns the limits on a resource's file.
func FileLimits() rawjson.Limits { return rawjson.Limits{Bytes: maxFileBytes, Depth: maxFileDepth} }

// lfsPointer is the beginning of a file of Git LFS that replaces a large one.
const lfsPointer = "version https://git-lfs.github.com/spec/"

// file reads one JSON file and reports its errors.
func (l *loader) file(p string, place Place) (File, bool) {
	uid := place.UID
	f := File{Path: p}
	d := Diagnostic{Severity: Error, File: p, Resource: place.Path()}

	if why := checkName(uid); why != "" {
		d.Resource = "" // no resource can have this name
		d.Rule, d.Hint = "unsafe-name", "rename the file and its uid"
		d.Message = fmt.Sprintf("the name %s cannot be a uid: %s", quote(uid), why)
		l.report(d)
		return f, false
	}

	src, err := Source(l.fsys, l.grid.Dir, p)
	var bad *fileError
	switch {
	case errors.As(err, &bad):
		d.Rule, d.Message, d.Hint = bad.rule, bad.why, bad.hint
		l.report(d)
		return f, false
	case err != nil:
		l.fail(err)
		return f, false
	}

	f.Digest = sha256.Sum256(src)
	f.Object, err = rawjson.Parse(src, FileLimits())
	if err != nil {
		d.Rule, d.Message = "invalid-json", err.Error()
		var syntax *rawjson.SyntaxError
		if errors.As(err, &syntax) {
			d.Line, d.Col, d.Pointer, d.Message = syntax.Line, syntax.Col, syntax.Pointer, syntax.Reason
		}

		if bytes.HasPrefix(src, []byte(lfsPointer)) {
			d.Message = "the file is a pointer of Git LFS, not what it points to"
			d.Hint = "keep reference files in git itself: `git lfs migrate export`"
		}

		l.report(d)
		return f, false
	}

	return f, l.checkMembers(f, src, place)
}

// checkMembers checks the members that the API itself relies on.
func (l *loader) checkMembers(f File, src []byte, place Place) bool {
	uid := place.UID
	at := func(severity Severity, rule, pointer string, key bool, message, advice string) {
		d := Diagnostic{
			Severity: severity, Rule: rule, File: f.Path, Pointer: pointer, Resource: place.Path(),
			Message: message, Hint: advice,
		}
		d.Line, d.Col = rawjson.Position(src, pointer, key)
		l.report(d)
	}

	for _, name := range []string{"version", "links", "timestamp"} {
		if f.Get(name) != nil && (name != "timestamp" || place.Kind == route.GridKind) {
			at(Warning, "reserved-member", "/"+name, true,
				fmt.Sprintf("the member %q is not served: the API has its own", name), "remove it")
		}
	}

	got, isString := f.String("uid")
	switch {
	case f.Get("uid") == nil:
		at(Error, "missing-uid", "", false, "the uid is missing", fmt.Sprintf("add \"uid\": %q", uid))
	case !isString:
		at(Error, "uid-type", "/uid", false, "the uid is not a string", fmt.Sprintf("write \"uid\": %q", uid))
	case checkName(got) != "":
		at(Error, "unsafe-name", "/uid", false,
			fmt.Sprintf("%s cannot be a uid: %s", quote(got), checkName(got)),
			fmt.Sprintf("write \"uid\": %q, as the file is called", uid))

	case got != uid:
		at(Error, "uid-mismatch", "/uid", false,
			fmt.Sprintf("the uid is %q, but the file is called %q", got, uid), "give both the same name")

	default:
		return true
	}

	return false
}

// fileError is the reason why a file is not read.
type fileError struct{ rule, why, hint string }

func (e *fileError) Error() string { return e.why }

const ruleLink = "symbolic-link"

func linkError(format string, args ...any) error {
	return &fileError{ruleLink, fmt.Sprintf(format, args...), "replace the link with its target"}
}

// Source reads a file as it is, before compaction, for positions in it. It follows
// symbolic links that stay below dir.
func Source(fsys fs.FS, dir, p string) ([]byte, error) {
	const maxLinks = 16
	for links := 0; ; links++ {
		info, err := fs.Lstat(fsys, p)
		switch {
		case err != nil:
			return nil, err
		case info.Mode().IsRegular() && info.Size() > maxFileBytes:
			return nil, &fileError{
				"file-too-large", fmt.Sprintf("the file has %d bytes, the limit is %d", info.Size(), maxFileBytes),
				"a resource's file has a few kilobytes: is this one a resource?",
			}

		case info.Mode().IsRegular():
			return fs.ReadFile(fsys, p)
		case info.Mode()&fs.ModeSymlink == 0 && links > 0:
			return nil, linkError("the symbolic link does not point to a file")
		case info.Mode()&fs.ModeSymlink == 0:
			return nil, &fileError{
				"no-file", "it has the name of a file, but is not a regular file",
				"remove it, or put the file in its place",
			}

		case links == maxLinks:
			return nil, linkError("the symbolic links form a cycle, or go through more than %d others", maxLinks)
		}

		if p, err = follow(fsys, dir, p); err != nil {
			return nil, err
		}
	}
}

// follow returns the target of a symbolic link. It must exist below dir, without
// another link in its path: a commit's file system does not follow links, and a work
// tree must give the same result.
func follow(fsys fs.FS, dir, link string) (string, error) {
	target, err := fs.ReadLink(fsys, link)
	if err != nil {
		return "", err
	}

	p := path.Join(path.Dir(link), target)
	below := strings.TrimPrefix(p, dir+"/")
	if path.IsAbs(target) || dir != "." && below == p || !fs.ValidPath(p) {
		return "", linkError("the symbolic link points out of the data directory, to %q", target)
	}

	for i, c := range below {
		if c != '/' {
			continue
		}
		switch info, err := fs.Lstat(fsys, path.Join(dir, below[:i])); {
		case err == nil && info.IsDir():
			continue
		case err == nil && info.Mode()&fs.ModeSymlink != 0:
			return "", linkError("the symbolic link points to %q, through another link", target)
		case err == nil, errors.Is(err, fs.ErrNotExist):
			return "", linkError("the symbolic link points to %q, which does not exist", target)
		default:
			return "", err
		}
	}

	if _, err := fs.Lstat(fsys, p); errors.Is(err, fs.ErrNotExist) {
		return "", linkError("the symbolic link points to %q, which does not exist", target)
	}

	return p, nil
}
